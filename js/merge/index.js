// Merges a program with memory.wasm into one module: all at once, or as the program arrives.

import { parseHeap } from './heap.js';
import { merging } from './merge.js';

export { MergeError } from './error.js';
export { PREFIX } from './merge.js';

/** @typedef {import('./merge.js').MergeOptions} MergeOptions */
/** @typedef {import('./merge.js').MergeReport} MergeReport */

/**
 * A merge of a program that arrives piece by piece: what is merged so far can be compiled while the rest downloads.
 * @param {Uint8Array} heap the bytes of memory.wasm
 * @param {MergeOptions} [options]
 * @returns {{ push: (piece: Uint8Array, last: boolean) => Uint8Array, report: MergeReport }} `push` takes the program's next
 *   bytes and returns the merged module's; `last` says that no more will come, and then the report is complete. It throws
 *   MergeError when a file is malformed, or holds what the merger doesn't know
 */
export function merger(heap, options = {}) {
  /** @type {MergeReport} */
  const report = { resolved: [], mismatched: [], code: 'copied', dropped: [] };
  return { report, push: merging(parseHeap(heap, 'memory.wasm'), options, report) };
}

/**
 * A program that is there as a whole.
 * @param {Uint8Array} program
 * @param {Uint8Array} heap the bytes of memory.wasm
 * @param {MergeOptions} [options]
 * @returns {MergeReport & { bytes: Uint8Array }}
 */
export function merge(program, heap, options) {
  const { push, report } = merger(heap, options), bytes = push(program, true);
  return { ...report, 'bytes': bytes };
}
