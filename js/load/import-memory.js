// Turns the memory that a module defines into one that it imports, so that the heap can exist before the program does and
// wasm calls wasm without a trampoline. Imported memories come first in the index space, and this one was number 0: no
// index anywhere changes. One import is added, one memory is taken out of the memory section; exports, code, names and every
// other byte stay as they are.

import { concatenate, text, unsigned, Reader } from '../wasm/reader.js';

const kImport = 2;
const kMemory = 5;
const kMemoryKind = 2;

/** The name under which the rewritten module imports its memory. */
export const kMemoryName = { module: 'env', name: 'memory' };

/**
 * @param {Uint8Array} bytes the start of the file, up to the end of the memory section or beyond
 * @param {import('../wasm/header.js').Header} header what readHeader found in it; its memory is defined, not imported
 * @returns {Uint8Array}
 */
export function importMemory(bytes, { sections, memory }) {
  const limits = /** @type {import('../wasm/header.js').Limits} */ (memory).span;
  const entry = [...text(kMemoryName.module), ...text(kMemoryName.name), kMemoryKind, ...bytes.subarray(limits.start, limits.end)];
  const imports = sections.find(({ id }) => id === kImport);
  const memories = /** @type {import('../wasm/header.js').Section} */ (sections.find(({ id }) => id === kMemory));
  // Without an import section, one goes where the order of sections wants it: before the first that comes after imports.
  const next = /** @type {import('../wasm/header.js').Section} */ (sections.find(({ id }) => id > kImport));
  const place = imports?.whole ?? { start: next.whole.start, end: next.whole.start };
  return concatenate([
    bytes.subarray(0, place.start),
    changeList(kImport, bytes, imports?.body, 1, (old) => [old, Uint8Array.from(entry)]),
    bytes.subarray(place.end, memories.whole.start),
    changeList(kMemory, bytes, memories.body, -1, (old) => [old.subarray(limits.end - limits.start)]),
    bytes.subarray(memories.whole.end),
  ]);
}

/**
 * A section with another number of entries; nothing at all if none is left.
 * @param {number} id
 * @param {Uint8Array} bytes
 * @param {import('../wasm/header.js').Extent | undefined} body
 * @param {number} difference
 * @param {(entries: Uint8Array) => Uint8Array[]} change
 */
function changeList(id, bytes, body, difference, change) {
  const reader = new Reader(bytes, body?.start, body?.end ?? 0);
  const count = (body ? reader.unsigned() : 0) + difference;
  if (count === 0) return new Uint8Array();
  const entries = concatenate([Uint8Array.from(unsigned(count)), ...change(body ? bytes.subarray(reader.at, reader.end) : new Uint8Array())]);
  return concatenate([Uint8Array.from([id, ...unsigned(entries.length)]), entries]);
}
