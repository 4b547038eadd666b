// A snapshot of a program: all of its memory, where the heap keeps its state, and the globals that can be reached.

import { MemoryWasmError } from '../errors.js';

/**
 * @typedef {object} Snapshot can be cloned and stored
 * @property {Uint8Array} bytes the whole memory
 * @property {number} byteLength of the memory
 * @property {number} state where the heap keeps its state
 * @property {Record<string, any>} globals the program's exported mutable globals
 */

/** @typedef {import('./heap.js').Heap} Heap */

/**
 * @param {Heap} heap
 * @returns {Snapshot}
 */
export function snapshot(heap) {
  // A heap that was never used has no state to come back to.
  heap.alloc(1).free();
  const globals = Object.fromEntries(mutableGlobals(heap).map(([name, global]) => [name, global.value]));
  const bytes = heap.u8.slice();
  return { bytes, byteLength: bytes.length, state: heap.exports.heap_state() >>> 0, globals };
}

/**
 * @param {Heap} heap
 * @param {Snapshot} copy
 */
export function restore(heap, { bytes, state, globals }) {
  const missing = bytes.length - heap.u8.length;
  if (missing > 0) grow(heap, missing / 65536);
  heap.u8.set(bytes);
  // Pages from after the snapshot can't be given back, and nobody knows them any more: they are the heap's.
  heap.u8.fill(0, bytes.length);
  if (!heap.exports.heap_attach(state)) {
    throw new MemoryWasmError('SnapshotError', `the snapshot has no heap of this version of memory.wasm at ${state}. Take it anew; the memory is overwritten.`);
  }
  if (heap.u8.length > bytes.length) heap.addRegion(bytes.length, heap.u8.length - bytes.length);
  for (const [name, global] of mutableGlobals(heap)) if (name in globals) global.value = globals[name];
}

/**
 * @param {Heap} heap
 * @param {number} pages
 */
function grow(heap, pages) {
  try {
    heap.memory.grow(pages);
  } catch (error) {
    throw new MemoryWasmError('OutOfMemoryError', `the snapshot needs ${pages} more pages than the memory may have. Raise --max-memory.`, error);
  }
}

/**
 * @param {Heap} heap
 * @returns {[string, WebAssembly.Global][]}
 */
const mutableGlobals = ({ program }) =>
  /** @type {any[]} */ (Object.entries(program.exports ?? {})).filter(([, value]) => value instanceof WebAssembly.Global && isMutable(value));

/** @param {WebAssembly.Global} global */
function isMutable(global) {
  try {
    global.value = global.value;
    return true;
  } catch {
    return false; // setting an immutable one throws, even to what it is
  }
}
