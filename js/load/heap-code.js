// The heap's code: what it offers to programs, and how it is put over a memory.

import { functionsIn } from '../wasm/functions-in.js';
import { instantiate } from './instantiate.js';

/**
 * @typedef {object} HeapCode
 * @property {Set<string>} functions by name
 * @property {(memory: WebAssembly.Memory) => Promise<WebAssembly.Exports>} over instantiates it
 */

/**
 * @param {import('./link-direct.js').HeapInput} heap
 * @returns {Promise<HeapCode>}
 */
export async function heapCode(heap) {
  if (heap.code) return heap.code();
  const module = await heap.compile();
  return { functions: functionsIn(module), over: async (memory) => (await instantiate(module, { env: { memory } }, heap.name)).exports };
}
