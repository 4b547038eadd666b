// Turns the memory that a module defines into one that it imports, so that the heap can exist before the program does and
// wasm calls wasm without a trampoline. Imported memories come first in the index space, and this one was number 0: no
// index anywhere changes. One import is added, one memory is taken out of the memory section; exports, code, names and every
// other byte stay as they are.

import { concatenate } from '../wasm/bytes.js';
import { Cursor } from '../wasm/cursor.js';
import { text } from '../wasm/encode.js';
import { kMemoryName } from '../wasm/header.js';
import { leb } from '../wasm/leb128.js';
import { A_MEMORY, IMPORTS, MEMORIES, ORDER } from '../wasm/sections.js';

/**
 * @param {Uint8Array} bytes the start of the file, up to the end of the exports or beyond
 * @param {import('../wasm/header.js').Header} header what readHeader found in it; its first memory is defined, not imported
 * @returns {Uint8Array}
 */
export function importMemory(bytes, { sections, memories }) {
  const { start, end } = memories[0].span;
  const entry = [...text(kMemoryName.module), ...text(kMemoryName.name), A_MEMORY, ...bytes.subarray(start, end)];
  const imports = sections.find(({ id }) => id === IMPORTS);
  const defined = /** @type {import('../wasm/header.js').Section} */ (sections.find(({ id }) => id === MEMORIES));
  // Without an import section, one goes where the order of sections wants it: before the first that comes after imports.
  const next = sections.find(({ id }) => ORDER.indexOf(id) > ORDER.indexOf(IMPORTS)) ?? defined;
  const place = imports?.whole ?? { start: next.whole.start, end: next.whole.start };
  return concatenate([
    bytes.subarray(0, place.start),
    ...changedList(IMPORTS, bytes, imports?.body, 1, (old) => [old, entry]),
    bytes.subarray(place.end, defined.whole.start),
    ...changedList(MEMORIES, bytes, defined.body, -1, (old) => [old.subarray(end - start)]),
    bytes.subarray(defined.whole.end),
  ]);
}

/**
 * A section with another number of entries; nothing at all if none is left.
 * @param {number} id
 * @param {Uint8Array} bytes
 * @param {import('../wasm/header.js').Extent | undefined} body of the old section, if there is one
 * @param {number} difference
 * @param {(entries: Uint8Array) => import('../wasm/bytes.js').Piece[]} change
 */
function changedList(id, bytes, body, difference, change) {
  const cursor = new Cursor(body ? bytes.subarray(body.start, body.end) : new Uint8Array(), '', body?.start);
  const count = (body ? cursor.number() : 0) + difference;
  if (count === 0) return [];
  const entries = concatenate([leb(count), ...change(cursor.bytes.subarray(cursor.at))]);
  return [[id, ...leb(entries.length)], entries];
}
