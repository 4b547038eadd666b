// What every link mode gets, and what it gives back. A mode is a file `link-<mode>.js` with a generator of steps; load.js has the table of them.

/**
 * @typedef {object} Parts what is to be linked
 * @property {import('./input.js').Input} program
 * @property {HeapInput} heap
 * @property {import('./instantiate.js').Imports} imports of the caller
 * @property {import('./instantiate.js').Instantiate} instantiate waits or not, as the caller of the steps does
 * @property {(exports: WebAssembly.Exports, memory: WebAssembly.Memory, maximum?: number) => void} onHeapExports called as soon as the heap is there; where
 *   the mode allows it, before any code of the program runs. `maximum`: pages that the memory may have
 *
 * @typedef {import('./input.js').Input & { code?: () => Promise<HeapCode> }} HeapInput `code`: of a heap that is instantiated in a way of its own
 *
 * @typedef {object} HeapCode
 * @property {Set<string>} functions by name
 * @property {(memory: WebAssembly.Memory) => Promise<WebAssembly.Exports>} over instantiates it
 *
 * @typedef {object} Linked
 * @property {'merge' | 'direct' | 'table' | 'trampoline' | 'own'} link
 * @property {WebAssembly.Module} module of the program
 * @property {WebAssembly.Instance} instance of the program
 * @property {WebAssembly.Exports} exports of the program
 * @property {number} end where the memory ends that the program declares: what lies between its data and there can be the heap's
 */

/** @typedef {(parts: Parts) => import('./steps.js').Steps<Linked>} Linker */

import { functionsIn } from '../wasm/functions-in.js';

/**
 * The heap's code, once it is compiled.
 * @param {HeapInput} heap
 */
export const compiledHeap = (heap) => (heap.code ? heap.code() : heap.compile());

/**
 * The functions that the heap offers.
 * @param {WebAssembly.Module | HeapCode} code
 */
export const offeredBy = (code) => ('functions' in code ? code.functions : functionsIn(code));

/**
 * Puts the heap over a memory.
 * @param {WebAssembly.Module | HeapCode} code
 * @param {WebAssembly.Memory} memory
 * @param {Parts} parts
 * @returns {import('./steps.js').Steps<WebAssembly.Exports>}
 */
export function* instantiateHeap(code, memory, { heap, instantiate }) {
  if ('over' in code) return yield code.over(memory);
  const instance = yield instantiate(code, [{ env: { memory } }], heap.name);
  return instance.exports;
}
