// Merges a program with memory.wasm into one module: all at once, or as the program arrives.

import { concatenated } from './cursor.js';
import { parseHeap } from './heap.js';
import { merging } from './merge.js';

export { MergeError } from './error.js';
export { PREFIX } from './merge.js';

/** @typedef {import('./merge.js').MergeOptions} MergeOptions */
/** @typedef {import('./merge.js').MergeReport} MergeReport */

/** @param {Uint8Array} heap @param {MergeOptions} options */
function start(heap, options) {
  /** @type {Uint8Array[]} */
  const pieces = [];
  /** @type {MergeReport} */
  const report = { resolved: [], mismatched: [], code: 'copied', dropped: [] };
  return { pieces, report, push: merging(parseHeap(heap, 'memory.wasm'), piece => pieces.push(piece), options, report) };
}

/**
 * @param {Uint8Array} program
 * @param {Uint8Array} heap the bytes of memory.wasm
 * @param {MergeOptions} [options]
 * @returns {MergeReport & { bytes: Uint8Array }}
 * @throws {MergeError} when a file is malformed, or holds what the merger doesn't know
 */
export function merge(program, heap, options = {}) {
  const { pieces, report, push } = start(heap, options);
  push(program, true);
  return { ...report, bytes: concatenated(pieces) };
}

/**
 * The same for a program that is still arriving: what is merged so far can be compiled while the rest downloads.
 * @param {Uint8Array} heap the bytes of memory.wasm
 * @param {MergeOptions} [options]
 * @returns {TransformStream<Uint8Array, Uint8Array> & { report: MergeReport }} `report` is complete when the stream is
 */
export function mergeStream(heap, options = {}) {
  const { pieces, report, push } = start(heap, options);
  /** @param {Uint8Array} piece @param {TransformStreamDefaultController<Uint8Array>} controller @param {boolean} [last] */
  const transform = (piece, controller, last = false) => {
    push(piece, last);
    for (const merged of pieces.splice(0)) if (merged.length) controller.enqueue(merged);
  };
  return Object.assign(new TransformStream({
    transform: (piece, controller) => transform(piece, controller),
    flush: controller => transform(new Uint8Array(0), controller, true),
  }), { report });
}
