// Merges a program with memory.wasm into one module: all at once, or as the program arrives.

import { merger } from './merge.js';

export { MergeError } from './error.js';
export { merger } from './merge.js';
export { PREFIX } from '../wasm/prefix.js';

/** @typedef {import('./merge.js').MergeOptions} MergeOptions */
/** @typedef {import('./merge.js').MergeReport} MergeReport */

/**
 * A program that is there as a whole.
 * @param {Uint8Array} program
 * @param {Uint8Array} heap the bytes of memory.wasm
 * @param {MergeOptions} [options]
 * @returns {MergeReport & { bytes: Uint8Array }}
 */
export function merge(program, heap, options) {
  const { push, report } = merger(heap, options);
  return Object.assign(report, { bytes: push(program, true) }); // not { ...report }: terser spreads it before the push fills it in
}
