// The memory that program and heap share: which one it is, and making it as the program declares it.

import { MemoryWasmError, messageOf } from './errors.js';
import { kMemoryName } from './import-memory.js';

/**
 * The memory for a program that will import it.
 * @param {import('./input.js').Input} program with its header
 * @param {import('./instantiate.js').Imports} imports of the caller, who may have brought the memory
 * @returns {WebAssembly.Memory}
 */
export function memoryFor(program, imports) {
  const { memory: limits, memoryImport: { module, name } = kMemoryName } = /** @type {import('./header.js').Header} */ (program.header);
  return imports[module]?.[name] ?? create(/** @type {import('./header.js').Limits} */ (limits), program.name);
}

/**
 * The caller's imports with the memory where the program looks for it.
 * @param {import('./input.js').Input} program
 * @param {import('./instantiate.js').Imports} imports
 * @param {WebAssembly.Memory} memory
 * @returns {import('./instantiate.js').Imports}
 */
export function withMemory({ header }, imports, memory) {
  const { module, name } = header?.memoryImport ?? kMemoryName;
  return { ...imports, [module]: { ...imports[module], [name]: memory } };
}

/**
 * @param {import('./header.js').Limits} limits
 * @param {string} name
 */
function create({ initial, maximum, shared, is64 }, name) {
  // A 64-bit memory counts in BigInt; the descriptor's type in lib.dom knows nothing of it yet.
  const count = (/** @type {number | undefined} */ pages) => /** @type {any} */ (is64 && pages !== undefined ? BigInt(pages) : pages);
  const descriptor = { initial: count(initial), maximum: count(maximum), shared, ...(is64 && { address: /** @type {const} */ ('i64') }) };
  try {
    return new WebAssembly.Memory(descriptor);
  } catch (error) {
    throw new MemoryWasmError('OutOfMemoryError', `${name} wants a memory of ${initial} pages of 64 KiB, which this engine refuses: ${messageOf(error)}`, error);
  }
}

/** @param {string} name */
export const noMemory = (name) =>
  new MemoryWasmError(
    'NoMemoryError',
    `${name} has no memory that can be shared with the heap. Let it export one (clang and wasm-ld do by default; in WAT: (memory (export "memory") 1)) or import one (wasm-ld --import-memory).`,
  );

/**
 * A heap for one kind of memory can't live in another.
 * @param {import('./input.js').Input} program
 * @param {import('./input.js').Input} heap
 */
export function checkKinds(program, heap) {
  const ofProgram = program.header?.memory;
  const ofHeap = heap.header?.memory;
  if (!ofProgram || !ofHeap) return;
  if (ofProgram.is64 !== ofHeap.is64) throw mismatch(program, heap, ofProgram.is64 ? '64-bit' : '32-bit', ofHeap.is64 ? '64-bit' : '32-bit', ofProgram.is64 ? 'memory64.wasm' : 'memory.wasm');
  if (ofProgram.shared !== ofHeap.shared) throw mismatch(program, heap, ofProgram.shared ? 'shared' : 'unshared', ofHeap.shared ? 'shared' : 'unshared', ofProgram.shared ? 'memory.shared.wasm' : 'memory.wasm');
}

/**
 * @param {import('./input.js').Input} program
 * @param {import('./input.js').Input} heap
 * @param {string} found
 * @param {string} served
 * @param {string} cure
 */
const mismatch = (program, heap, found, served, cure) =>
  new MemoryWasmError(
    'MemoryKindError',
    `${program.name} has a ${found} memory, but ${heap.name} serves ${served} ones. Pass the address of ${cure} in options.memory, or build the program for ${served} memory.`,
  );
