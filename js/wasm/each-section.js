// A walk over the sections of a module that is there as a whole. (The header, which may still be arriving, is read by header.js; the merger takes
// sections while they arrive.)

/** Behind the magic word and the version. */
const kFirst = 8;

/**
 * Calls `read` for each section with the cursor on the first byte of its contents. What `read` leaves is skipped.
 * @param {import('./cursor.js').Cursor} cursor over the whole module, or over a part of it that begins and ends between sections
 * @param {(id: number, end: number, start: number) => void} read gets the section's number, where it ends, and where it starts, with its number and size
 * @param {number} [from] where the first section starts
 */
export function eachSection(cursor, read, from = kFirst) {
  for (cursor.at = from; cursor.at < cursor.bytes.length;) {
    const start = cursor.at;
    const id = cursor.byte();
    const size = cursor.number();
    const contents = cursor.at;
    cursor.skip(size);
    cursor.at = contents;
    read(id, contents + size, start);
    cursor.at = contents + size;
  }
}
