// The memory that program and heap share: which one it is, and making it as the program declares it.

import { messageOf } from '../errors.js';
import { failure } from './later.js';
import { kMemoryName } from './import-memory.js';

/**
 * The memory for a program that imports it, or will.
 * @param {import('./input.js').Input} program with its header
 * @param {import('./instantiate.js').Imports} imports of the caller, who may have brought the memory that the program imports
 * @returns {Promise<WebAssembly.Memory>}
 */
export async function memoryFor(program, imports) {
  const { memory: limits, memoryImport } = /** @type {import('../wasm/header.js').Header} */ (program.header);
  const given = memoryImport && imports[memoryImport.module]?.[memoryImport.name];
  return given ?? create(/** @type {import('../wasm/header.js').Limits} */ (limits), program.name);
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
 * @param {import('../wasm/header.js').Limits} limits
 * @param {string} name
 */
async function create({ initial, maximum, shared, is64 }, name) {
  // A 64-bit memory counts in BigInt; the descriptor's type in lib.dom knows nothing of it yet.
  const count = (/** @type {number | undefined} */ pages) => /** @type {any} */ (is64 && pages !== undefined ? BigInt(pages) : pages);
  const descriptor = { initial: count(initial), maximum: count(maximum), shared, ...(is64 && { address: /** @type {const} */ ('i64') }) };
  try {
    return new WebAssembly.Memory(descriptor);
  } catch (error) {
    throw await failure('OutOfMemoryError', [name, messageOf(error), initial], error);
  }
}

/** @param {string} name */
export const noMemory = (name) => failure('NoMemoryError', [name, 'has no memory']);

/**
 * What the link modes that know the program before it is compiled need of it.
 * @param {import('./input.js').Input} program
 * @param {string} link the mode
 */
export async function headOf({ head, header, name }, link) {
  if (!head || !header) throw await failure('LinkModeError', [name, 'is compiled', link]);
  if (!header.memory) throw await noMemory(name);
  return { head, header, memory: header.memory };
}

/**
 * A heap for one kind of memory can't live in another.
 * @param {import('./input.js').Input} program
 * @param {import('./input.js').Input} heap
 */
export async function checkKinds(program, heap) {
  const ours = program.header?.memory;
  const served = heap.header?.memory;
  if (!ours || !served || (ours.is64 === served.is64 && ours.shared === served.shared)) return;
  throw await failure('MemoryKindError', [program.name, 'has a memory of another kind than the heap serves', heap.name, ours, served]);
}
