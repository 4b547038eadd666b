// Lays the pieces of a heap out in rows, like the lines of a page: every row stands for the same number of bytes, every piece is as long as it
// is large. It knows nothing of pixels; the page draws the rows on a canvas, the terminal prints them.

/**
 * @typedef {{ pointer: number, byteLength: number, kind: 'used' | 'free' | 'top' | 'overhead' }} Span a piece, as `heap.spans()` of memory.js gives it
 *
 * @typedef {{ span: Span, from: number, to: number }} Segment the part of a piece that lies in one row, by address
 * @typedef {{ start: number, end: number, opensRegion: boolean, segments: Segment[] }} Row
 * @typedef {{ bytesPerRow: number, rows: Row[], shownBytes: number, allBytes: number }} Rows
 */

/**
 * Pieces in the order of their addresses.
 * @param {Iterable<Span>} spans
 */
export const byAddress = (spans) => [...spans].sort((a, b) => a.pointer - b.pointer);

/** @param {Span} span */
const endOf = ({ pointer, byteLength }) => pointer + byteLength;

/**
 * The pieces that adjoin each other, region by region.
 * @param {Span[]} spans by address
 * @returns {Span[][]}
 */
function regionsOf(spans) {
  /** @type {Span[][]} */
  const regions = [];
  for (const span of spans) {
    const last = regions.at(-1)?.at(-1);
    if (last && endOf(last) === span.pointer) regions.at(-1)?.push(span);
    else regions.push([span]);
  }
  return regions;
}

/**
 * At most `maxRows` rows of at least `minBytesPerRow` bytes, coarser by halves until all but top fits. Top is shown as far as there is room.
 * @param {Span[]} spans by address
 * @param {{ maxRows: number, minBytesPerRow: number }} options
 * @returns {Rows}
 */
export function layOut(spans, { maxRows, minBytesPerRow }) {
  const regions = regionsOf(spans);
  let bytesPerRow = minBytesPerRow;
  while (rowsNeeded(regions, bytesPerRow) > maxRows && bytesPerRow < 2 ** 32) bytesPerRow *= 2;
  let spare = maxRows - rowsNeeded(regions, bytesPerRow);
  const rows = regions.flatMap((region) => {
    const needed = rowsUpToTop(region, bytesPerRow);
    const whole = rowsIn(region[0].pointer, endOf(region[region.length - 1]), bytesPerRow);
    const shown = Math.min(whole, needed + Math.max(0, spare));
    spare -= shown - needed;
    return rowsOf(region, shown, bytesPerRow);
  });
  const shownBytes = rows.reduce((sum, { start, end }) => sum + end - start, 0);
  return { bytesPerRow, rows, shownBytes, allBytes: spans.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}

/**
 * @param {number} start
 * @param {number} end
 * @param {number} bytesPerRow
 */
const rowsIn = (start, end, bytesPerRow) => Math.ceil((end - start) / bytesPerRow);

/**
 * The rows of a region up to the one in which top begins.
 * @param {Span[]} region
 * @param {number} bytesPerRow
 */
function rowsUpToTop(region, bytesPerRow) {
  const last = region[region.length - 1];
  return rowsIn(region[0].pointer, last.kind === 'top' ? last.pointer + 1 : endOf(last), bytesPerRow);
}

/**
 * @param {Span[][]} regions
 * @param {number} bytesPerRow
 */
const rowsNeeded = (regions, bytesPerRow) => regions.reduce((sum, region) => sum + rowsUpToTop(region, bytesPerRow), 0);

/**
 * @param {Span[]} region
 * @param {number} count
 * @param {number} bytesPerRow
 * @returns {Row[]}
 */
function rowsOf(region, count, bytesPerRow) {
  const first = region[0].pointer;
  const regionEnd = endOf(region[region.length - 1]);
  let next = 0;
  return Array.from({ length: count }, (_, index) => {
    const start = first + index * bytesPerRow;
    const end = Math.min(start + bytesPerRow, regionEnd);
    /** @type {Segment[]} */
    const segments = [];
    while (next < region.length && region[next].pointer < end) {
      const span = region[next];
      segments.push({ span, from: Math.max(start, span.pointer), to: Math.min(end, endOf(span)) });
      if (endOf(span) > end) break; // goes on in the next row
      next++;
    }
    return { start, end, opensRegion: index === 0, segments };
  });
}

/**
 * Pieces and bytes of each kind.
 * @param {Span[]} spans
 */
export function sumsByKind(spans) {
  const sums = { used: { pieces: 0, bytes: 0 }, free: { pieces: 0, bytes: 0 }, top: { pieces: 0, bytes: 0 }, overhead: { pieces: 0, bytes: 0 } };
  for (const { kind, byteLength } of spans) {
    sums[kind].pieces += 1;
    sums[kind].bytes += byteLength;
  }
  return sums;
}
