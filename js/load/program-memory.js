// The memory that program and heap share: which one it is, and making it as the program declares it.

import { messageOf } from '../errors.js';
import { failure } from './later.js';
import { kMemoryName } from '../wasm/header.js';

/**
 * The memory for a program that imports it, or will.
 * @param {import('./input.js').Input} program with its header
 * @param {import('./instantiate.js').Imports} imports of the caller, who may have brought the memory that the program imports
 * @returns {Promise<WebAssembly.Memory>}
 */
export async function memoryFor(program, imports) {
  const memory = /** @type {import('../wasm/header.js').Memory} */ (memoryOf(program.header));
  const given = memory.import && imports[memory.import.module]?.[memory.import.name];
  return given ?? create(memory, program.name);
}

/**
 * The memory of a module that is the heap's.
 * @param {import('../wasm/header.js').Header | undefined} header
 */
export const memoryOf = (header) => header?.memories[header.heapMemory ?? -1];

/**
 * The caller's imports with the memory where the program looks for it.
 * @param {import('./input.js').Input} program
 * @param {import('./instantiate.js').Imports} imports
 * @param {WebAssembly.Memory} memory
 * @returns {import('./instantiate.js').Imports}
 */
export function withMemory({ header }, imports, memory) {
  const { module, name } = memoryOf(header)?.import ?? kMemoryName;
  return { ...imports, [module]: { ...imports[module], [name]: memory } };
}

/**
 * @param {import('../wasm/format.js').Limits} limits
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
  const memory = memoryOf(header);
  if (!memory) throw await noMemory(name);
  return { head, header, memory };
}

/**
 * A heap for one kind of memory can't live in another.
 * @param {import('./input.js').Input} program
 * @param {import('./input.js').Input} heap
 */
export async function checkKinds(program, heap) {
  const ours = memoryOf(program.header);
  const served = memoryOf(heap.header);
  if (!ours || !served || (ours.is64 === served.is64 && ours.shared === served.shared)) return;
  throw await failure('MemoryKindError', [program.name, 'has a memory of another kind than the heap serves', heap.name, ours, served]);
}
