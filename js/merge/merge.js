// Puts memory.wasm into a program, section by section, as the program's bytes arrive:
//
//   plan.js       the new indices of everything that program and heap name
//   sections.js   each section of the merged module by that plan; those with more to them are imports.js, exports.js and code.js
//   order.js      the sections in their order, with those that only the heap has
//   stream.js     takes the program as it arrives: code and data are passed on before all of them are there

import { FormatError } from '../wasm/cursor.js';
import { PREFIX } from '../wasm/prefix.js';
import { MergeError } from './error.js';
import { parseHeap } from './heap.js';
import { inOrder } from './order.js';
import { planOf } from './plan.js';
import { streamed } from './stream.js';

/**
 * @typedef {object} MergeOptions
 * @property {string} [file] the program's name in errors
 * @property {string} [heapFile] the heap's
 * @property {(module: string, name: string) => boolean} [leave] imports that are not to be satisfied by the heap
 * @property {(name: string) => string | undefined} [exportAs] the name under which an export of the heap (or `memory`,
 *   the memory it lives in) is exported; undefined or empty: not at all. Default: its name behind `PREFIX`
 * @property {boolean} [seesTables] the program may name the heap's tables, by the indices that they get behind its own
 * @property {boolean} [deferStart] the start function is not run by the engine, but exported as 'start' (see `exportAs`): whoever instantiates the
 *   module calls it
 */

const kOptions = ['file', 'heapFile', 'leave', 'exportAs', 'seesTables', 'deferStart'];

/**
 * What a merge found and did; complete when the merge is.
 * @typedef {object} MergeReport
 * @property {string[]} resolved the program's imports that the heap satisfied
 * @property {string[]} mismatched imports that the heap has, but with another type: left as they are
 * @property {'copied' | 'rewritten'} code whether the program's code was copied as it is
 * @property {string[]} dropped custom sections left out, because they tell offsets that are no longer true
 */

/**
 * Whoever merges need not know who found what.
 * @template T @param {() => T} work @returns {T}
 */
const asMergeError = (work) => {
  try {
    return work();
  } catch (error) {
    throw error instanceof FormatError ? new MergeError(error.message) : error;
  }
};

/**
 * A merge of a program that arrives piece by piece: what is merged so far can be compiled while the rest downloads.
 * @param {Uint8Array} heapBytes the bytes of memory.wasm
 * @param {MergeOptions} [options]
 * @returns {{ push: (piece: Uint8Array, last: boolean) => Uint8Array, report: MergeReport }} `push` takes the program's next
 *   bytes and returns the merged module's; `last` says that no more will come, and then the report is complete. It throws
 *   MergeError when a file is malformed, or holds what the merger doesn't know
 */
export function merger(heapBytes, options = {}) {
  for (const name in options) if (!kOptions.includes(name)) throw new TypeError(`merge has no option '${name}'; it has ${kOptions}`);
  const { file = 'program.wasm', heapFile, exportAs = (name) => PREFIX + name } = options;
  const heap = asMergeError(() => parseHeap(heapBytes, heapFile));
  const plan = planOf(heap, file);
  /** @type {import('./output.js').Output} */
  const out = [];
  const push = streamed(plan, out, inOrder(plan, out, { ...options, exportAs }));
  return { push: (piece, last) => asMergeError(() => push(piece, last)), report: plan.report };
}
