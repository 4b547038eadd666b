// What a program is to be linked with.

import { kHeaps } from '../heaps.js';
import { describe } from './describe.js';

/** The words for the heaps that ship, for help and errors. */
export const kHeapWords = Object.keys(kHeaps).join(', ');

/** Those that take the place of a malloc inside a program (docs/contract.md). */
export const kAdoptHeaps = ['release', 'debug'];

/** @typedef {ReturnType<typeof heapIn>} Heap */

/** @param {Uint8Array} bytes @param {string} file */
export function heapIn(bytes, file) {
  const { imports, exports, functions, start, data, customs } = describe(bytes, file),
    { memory } = imports[0] ?? {};
  if (!memory || imports.length > 1 || start !== undefined || data.length) {
    throw new Error(
      `${file} is not a heap: a heap imports a memory and nothing else, has no data and no start function. Leave out --heap, or name a word: ${kHeapWords}.`,
    );
  }
  /** Its functions, with their types. */
  const offered = new Map(exports.filter(({ kind }) => kind === 'function').map(({ name, index }) => [name, functions[index]]));
  return { file, bytes, memory, offered, customs };
}
