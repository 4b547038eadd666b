// The memory that program and heap share: which one it is, making it as the program declares it, and which of its bytes the heap gets.

import { failure, messageOf } from '../errors.js';
import { unsigned } from '../toolkit/wide.js';
import { functionsIn } from '../wasm/functions-in.js';
import { kMemoryName } from '../wasm/header.js';
import { A_FUNCTION } from '../wasm/sections.js';
import { given } from './instantiate.js';

/** @typedef {import('../wasm/header.js').Header} Header */
/** @typedef {import('../wasm/header.js').Memory} Memory */
/** @typedef {import('./input.js').Input} Input */
/** @typedef {Pick<Input, 'name' | 'header'>} Declaring */
/** @typedef {import('./instantiate.js').Imports} Imports */

const kPage = 65536;

/** A module with two memories, and nothing else. */
const kTwoMemories = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0);

/**
 * The memory of a module that is the heap's, as the module declares it.
 * @param {Declaring} program with its header
 * @returns {Memory}
 */
export function declaredMemory({ header, name }) {
  const { memories, heapMemory } = /** @type {Header} */ (header);
  if (heapMemory !== undefined) return memories[heapMemory];
  throw memories.length ? failure('NoMemoryError which', [name, memories.length]) : failure('NoMemoryError', [name]);
}

/**
 * The memory for a program that imports it, or will: the caller's, or a new one.
 * @param {Declaring} program
 * @param {Memory} declared
 * @param {Imports} imports of the caller
 * @returns {WebAssembly.Memory}
 */
export const memoryFor = (program, declared, imports) => (declared.import && given(imports, declared.import)) ?? create(declared, program.name);

/**
 * The memory, under the name by which the program imports it.
 * @param {Memory} declared
 * @param {WebAssembly.Memory} memory
 */
export function memoryImport(declared, memory) {
  const { module, name } = declared.import ?? kMemoryName;
  return { [module]: { [name]: memory } };
}

/**
 * @param {Memory} declared
 * @param {string} name
 */
function create({ initial, maximum, shared, is64 }, name) {
  // A 64-bit memory counts in BigInt; the descriptor's type in lib.dom knows nothing of it yet.
  const count = (/** @type {number | undefined} */ pages) => /** @type {any} */ (is64 && pages !== undefined ? BigInt(pages) : pages);
  const descriptor = { initial: count(initial), maximum: count(maximum), shared, ...(is64 && { address: /** @type {const} */ ('i64') }) };
  try {
    return new WebAssembly.Memory(descriptor);
  } catch (error) {
    throw failure('OutOfMemoryError', [name, messageOf(error), initial], error);
  }
}

/**
 * Whether a heap is for a shared memory. Of one that came compiled its functions say so.
 * @param {Input} heap
 */
export const servesShared = ({ header, compile }) =>
  header ? header.memories[0]?.shared : functionsIn(/** @type {WebAssembly.Module} */ (compile())).has('heap_shared_state');

/**
 * A heap for one kind of memory can't live in another, and one with a memory of its own needs an engine that knows modules with two.
 * @param {Input} program
 * @param {import('./link.js').HeapInput} heap
 */
export function checkKinds(program, heap) {
  if (heap.header && heap.header.memories.length > 1 && !heap.code && !WebAssembly.validate(kTwoMemories)) throw failure('MemoryKindError own', [heap.name]);
  const ours = program.header?.memories[program.header.heapMemory ?? -1];
  if (!ours) return;
  const served = heap.header ? heap.header.memories[0] : { is64: ours.is64, shared: servesShared(heap) };
  if (!served || (ours.is64 === served.is64 && ours.shared === served.shared)) return;
  throw failure('MemoryKindError', [program.name, heap.name, ours, served]);
}

/**
 * Up to where the memory is the program's to give away: what it declares. Its start function may have grown the memory, and one that the caller
 * brings may be larger: those pages have another owner.
 * @param {Memory | undefined} declared undefined for a compiled module
 * @param {WebAssembly.Memory} memory
 * @param {boolean} callers whether the caller has brought the memory
 */
export function declaredEnd(declared, memory, callers) {
  if (!declared) return callers ? 0 : memory.buffer.byteLength;
  return Math.min(memory.buffer.byteLength, declared.initial * kPage);
}

/**
 * The memory behind the program's data and stack, up to its declared end, is the heap's: if the program allocates from the heap. One that doesn't, or
 * that has a malloc of its own, may itself hand out what begins at __heap_base.
 * @param {import('../toolkit/heap.js').Heap} heap
 * @param {Record<string, any>} exports of the program
 * @param {number} end
 */
export function giveSpareMemory(heap, { __heap_base: base }, end) {
  if (!(base instanceof WebAssembly.Global)) return;
  const start = unsigned(Number(base.value));
  if (start < end) heap.addRegion(start, end - start);
}

/**
 * Whether the program allocates from the heap, and has no malloc of its own.
 * @param {Input} program
 * @param {WebAssembly.Module} module of the program, if it came compiled
 * @param {Imports} imports of the caller
 */
export function allocatesFromHeap({ header }, module, imports) {
  const wanted = header
    ? header.imports.filter(({ kind }) => kind === A_FUNCTION)
    : WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'function');
  const uses = wanted.some((entry) => entry.module === kMemoryName.module && kAllocating.test(entry.name) && given(imports, entry) === undefined);
  return uses && !hasOwnMalloc(header, wanted.length);
}

/** malloc, calloc, realloc, aligned_alloc, memalign, strdup, operator new ... */
const kAllocating = /alloc|memalign|dup$|^_Zn[aw]|^heap_|^sbrk$/;

/**
 * @param {Header | undefined} header
 * @param {number} imported how many functions the program imports: its own come behind them
 */
const hasOwnMalloc = (header, imported) =>
  header?.exports.some(({ name, kind, index }) => name === 'malloc' && kind === A_FUNCTION && index >= imported) ?? false;
