// A snapshot of a program: all of its memory, where the heap keeps its state, and the globals that can be reached.

import { MemoryWasmError, hex } from '../errors.js';
import { functionOf } from './exports.js';
import { unsigned } from './wide.js';

/**
 * What `heap.snapshot()` gives. It can be cloned and stored. It holds the key of the heap's seals: who has it can forge them, so keep it secret.
 * @typedef {object} Snapshot
 * @property {number} version of the heap's interface
 * @property {number} layout of the heap's state and blocks: it can be restored only where that is the same
 * @property {number} key of the heap's seals
 * @property {number} state where the heap keeps its state
 * @property {Uint8Array<ArrayBuffer>} bytes the whole memory
 * @property {number} byteLength of the memory
 * @property {Record<string, any>} globals the program's exported mutable globals
 * @property {Uint8Array<ArrayBuffer>} [metadata] the heap's own memory, of a heap that has one ('secure')
 */

/**
 * @typedef {import('./heap.js').Heap} Heap
 * @typedef {import('./heap.js').Program} Program
 */

/**
 * @param {Heap} heap
 * @param {Program} program
 * @returns {Snapshot}
 */
export function snapshot(heap, program) {
  checkAlone(heap);
  // A heap that was never used has no state to come back to.
  heap.alloc(1).free();
  const bytes = heap.u8.slice();
  const globals = Object.fromEntries(mutableGlobals(program).map(([name, global]) => [name, global.value]));
  const [version, layout] = [functionOf(heap, 'heap_version')(), layoutOf(heap)];
  return {
    version,
    layout,
    key: program.key ?? 0,
    state: unsigned(functionOf(heap, 'heap_state')()),
    bytes,
    byteLength: bytes.length,
    globals,
    ...metadataOf(heap),
  };
}

/**
 * The memory that a heap has for itself.
 * @param {Heap} heap
 * @returns {WebAssembly.Memory | undefined}
 */
const ownMemory = ({ functions }) => functions.heap_secure_memory;

/** @param {Heap} heap */
function metadataOf(heap) {
  const memory = ownMemory(heap);
  return memory && { metadata: new Uint8Array(memory.buffer).slice() };
}

/**
 * @param {Heap} heap
 * @param {Uint8Array} [metadata] of a snapshot
 */
function restoreMetadata(heap, metadata) {
  const memory = ownMemory(heap);
  if (!memory || !metadata) return;
  const missing = metadata.length - memory.buffer.byteLength;
  if (missing > 0) memory.grow(missing / 65536);
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(metadata);
  bytes.fill(0, metadata.length);
}

/**
 * Nobody else may use the memory while it is copied: of a shared heap, no other thread may be there.
 * @param {Heap} heap
 */
function checkAlone({ exports }) {
  const { heap_shared_state: state, heap_shared_number: own, heap_shared_status: status } = /** @type {any} */ (exports);
  if (!state) return;
  const others = Array.from({ length: 255 }, (_, number) => number).filter((number) => number !== own() && [1, 2].includes(status(state(), number)));
  if (!others.length) return;
  const text = `${others.length} other thread${others.length > 1 ? 's use' : ' uses'} this memory (heap ${others.slice(0, 10).join(', ')}): a snapshot is taken and restored by a thread that is alone. Let the others leave first (thread.leave()).`;
  throw new MemoryWasmError('SnapshotError', text);
}

/** @param {Heap} heap */
const layoutOf = (heap) => unsigned(functionOf(heap, 'heap_layout')());

/**
 * @param {Heap} heap
 * @param {Program} program
 * @param {Snapshot} copy
 */
export function restore(heap, program, { layout, key, state, bytes, globals, metadata }) {
  if (layout !== layoutOf(heap)) {
    throw new MemoryWasmError(
      'SnapshotError',
      `the snapshot is of a heap with layout ${layout}, and this heap has layout ${layoutOf(heap)}. Take it anew with this version of the heap.`,
    );
  }
  checkAlone(heap);
  const missing = bytes.length - heap.u8.length;
  if (missing > 0) grow(heap, missing / 65536);
  heap.u8.set(bytes);
  // Pages from after the snapshot can't be given back, and nobody knows them any more: they are the heap's.
  heap.u8.fill(0, bytes.length);
  restoreMetadata(heap, metadata);
  // The heap is overwritten: it takes the key of the copy.
  if (heap.exports.heap_protect?.(key)) program.key = key;
  if (!functionOf(heap, 'heap_attach')(state)) {
    throw new MemoryWasmError('SnapshotError', `the snapshot has no heap at ${hex(state)}, or one with another key. Take it anew; the memory is overwritten.`);
  }
  if (heap.u8.length > bytes.length) heap.addRegion(bytes.length, heap.u8.length - bytes.length);
  for (const [name, global] of mutableGlobals(program)) if (Object.hasOwn(globals, name)) global.value = globals[name];
}

/**
 * @param {Heap} heap
 * @param {number} pages
 */
function grow(heap, pages) {
  try {
    heap.growMemory(pages);
  } catch (error) {
    throw new MemoryWasmError('OutOfMemoryError', `the snapshot needs ${pages} more pages than the memory may have. Raise --max-memory.`, error);
  }
}

/**
 * @param {Program} program
 * @returns {[string, WebAssembly.Global][]}
 */
const mutableGlobals = ({ exports = {} }) =>
  /** @type {any[]} */ (Object.entries(exports)).filter(([, value]) => value instanceof WebAssembly.Global && isMutable(value));

/** @param {WebAssembly.Global} global */
function isMutable(global) {
  try {
    global.value = global.value;
    return true;
  } catch {
    return false; // setting an immutable one throws, even to what it is
  }
}
