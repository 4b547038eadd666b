// Link mode 'direct': the memory first, then the heap, then the program with the heap's functions as its imports. Wasm calls
// wasm, and a start function or constructor may allocate. A program that defines its memory is made to import it.

import { heapCode } from './heap-code.js';
import { importMemory } from './import-memory.js';
import { functionsOf, instantiate } from './instantiate.js';
import { headOf, memoryFor, withMemory } from './program-memory.js';

/**
 * @typedef {object} Parts what is to be linked
 * @property {import('./input.js').Input} program
 * @property {HeapInput} heap
 * @property {import('./instantiate.js').Imports} imports of the caller
 *
 * @typedef {import('./input.js').Input & { code?: () => Promise<import('./heap-code.js').HeapCode> }} HeapInput `code`: for a heap that is instantiated in
 *   a way of its own
 *
 * @typedef {object} Linked
 * @property {'merge' | 'direct' | 'table' | 'trampoline'} link
 * @property {WebAssembly.Module} module of the program
 * @property {WebAssembly.Instance} instance of the program
 * @property {WebAssembly.Memory} memory
 * @property {WebAssembly.Exports} heapExports
 * @property {WebAssembly.Exports} [exports] of the program, where the instance has others too
 * @property {number} initialBytes of the memory, before anything ran
 * @property {number} [maximum] pages that the memory may have, if the program says
 */

/**
 * @param {Parts} parts
 * @returns {Promise<Linked>}
 */
export async function linkDirect({ program, heap, imports }) {
  const { head, header, memory: declared } = await headOf(program, 'direct');
  const memory = await memoryFor(program, imports);
  const initialBytes = memory.buffer.byteLength;
  const [module, { over }] = await Promise.all([
    program.compile(declared.import ? head : importMemory(head, header)),
    heapCode(heap),
  ]);
  const heapExports = await over(memory);
  const env = { ...functionsOf(heapExports), ...imports.env };
  const instance = await instantiate(module, withMemory(program, { ...imports, env }, memory), program.name);
  return { link: 'direct', module, instance, memory, heapExports, initialBytes, maximum: declared.maximum };
}
