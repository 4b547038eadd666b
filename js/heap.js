// The heap as JavaScript sees it: the allocator's functions with unsigned pointers, views of the memory that are never stale, and
// what the heap can tell of itself.

import { MemoryWasmError } from './errors.js';
import { textOfInvariant } from './invariants.js';
import { addToTable, asTableEntry } from './table-entry.js';

const kSpanKinds = /** @type {const} */ (['free', 'used', 'own', 'top']);

/**
 * @typedef {object} Span a piece of the heap, as `heap.spans()` walks it
 * @property {number} pointer where it starts; for 'used', what malloc returned
 * @property {number} bytes
 * @property {'free' | 'used' | 'own' | 'top'} kind free; handed out; the heap's bookkeeping; free at the end of the newest region
 */

/**
 * Fired right after the memory has grown. Growth by the heap is told at once, from inside malloc: a listener must not allocate or free.
 * Growth by others is told at the next use of a view.
 */
export class GrowEvent extends Event {
  /**
   * @param {number} from bytes of the memory before
   * @param {number} to bytes of the memory now
   */
  constructor(from, to) {
    super('grow');
    this.from = from;
    this.to = to;
  }
}

/** A heap in a WebAssembly memory. Made by `load`. Emits 'grow' ({@link GrowEvent}). */
export class Heap extends EventTarget {
  #bytes = 0;
  #shared;
  /** @type {Uint8Array} */
  #u8 = new Uint8Array();
  /** @type {Int8Array} */
  #i8 = new Int8Array();
  /** @type {Uint16Array} */
  #u16 = new Uint16Array();
  /** @type {Int16Array} */
  #i16 = new Int16Array();
  /** @type {Uint32Array} */
  #u32 = new Uint32Array();
  /** @type {Int32Array} */
  #i32 = new Int32Array();
  /** @type {Float32Array} */
  #f32 = new Float32Array();
  /** @type {Float64Array} */
  #f64 = new Float64Array();
  /** @type {BigInt64Array} */
  #i64 = new BigInt64Array();
  /** @type {BigUint64Array} */
  #u64 = new BigUint64Array();
  /** @type {DataView} */
  #dataView = new DataView(new ArrayBuffer(0));

  /**
   * @param {WebAssembly.Memory} memory
   * @param {WebAssembly.Exports} exports of memory.wasm
   */
  constructor(memory, exports) {
    super();
    /** The memory that the heap lives in. */
    this.memory = memory;
    /** All functions of memory.wasm, as they are: aligned_alloc, malloc_usable_size, memcpy, heap_* ... Their pointers are signed. */
    this.exports = /** @type {Record<string, (...values: any[]) => any>} */ (checked(exports));
    this.#view(memory.buffer);
    this.#shared = !(memory.buffer instanceof ArrayBuffer);
    const table = /** @type {WebAssembly.Table | undefined} */ (exports.__indirect_function_table);
    if (table) this.exports.heap_on_grow(addToTable(table, asTableEntry(() => void this.#fresh())));
  }

  /**
   * `bytes` bytes, aligned to 16. They must be freed. Returns 0 if there is no more memory, as C's malloc does.
   * @param {number} bytes
   */
  malloc(bytes) {
    return this.exports.malloc(size(bytes)) >>> 0;
  }

  /**
   * `count * bytes` bytes, all zero. 0 if there is no more memory.
   * @param {number} count
   * @param {number} bytes
   */
  calloc(count, bytes) {
    return this.exports.calloc(size(count), size(bytes)) >>> 0;
  }

  /**
   * Changes the size of a block; it may move. 0 if there is no more memory: then the old block is still there.
   * @param {number} pointer of malloc, calloc or realloc; 0 allocates
   * @param {number} bytes
   */
  realloc(pointer, bytes) {
    return this.exports.realloc(pointer, size(bytes)) >>> 0;
  }

  /**
   * Gives a block back. Freeing twice, or what is no block, traps (WebAssembly.RuntimeError). 0 is ignored.
   * @param {number} pointer
   */
  free(pointer) {
    this.exports.free(pointer);
  }

  /**
   * Gives memory that nobody else uses to the heap, for good. Returns how many bytes the footprint has grown by: 0 if the range is too
   * small, ends beyond the memory or overlaps the heap.
   * @param {number} pointer
   * @param {number} bytes
   */
  addRegion(pointer, bytes) {
    return this.exports.heap_add_region(pointer, bytes) >>> 0;
  }

  /** Bytes that the heap holds. It never falls: a WebAssembly memory can't shrink. */
  get footprint() {
    return this.exports.heap_footprint() >>> 0;
  }

  /** Bytes in blocks that are handed out, with the heap's own cost of each. Walks the heap. */
  get inUse() {
    return this.exports.heap_in_use() >>> 0;
  }

  /** The largest n for which malloc(n) succeeds without growing the memory. Walks the heap. */
  get largestFree() {
    return this.exports.heap_largest_free() >>> 0;
  }

  /**
   * Walks the heap: the pieces of each region follow each other without a gap. Allocating or freeing ends the walk: begin again.
   * @returns {Generator<Span, void>}
   */
  *spans() {
    const { heap_span_next: next, heap_span_bytes: bytes, heap_span_kind: kind } = this.exports;
    for (let pointer = next(0) >>> 0; pointer; pointer = next(pointer) >>> 0) {
      yield { pointer, bytes: bytes(pointer) >>> 0, kind: kSpanKinds[kind(pointer)] };
    }
  }

  /**
   * Checks every invariant of the heap. Returns null, or which one is broken: then something wrote over the heap's own data.
   * @returns {string | null}
   */
  check() {
    const number = this.exports.heap_check();
    return number ? textOfInvariant(number) : null;
  }

  /** Joins what the heap keeps aside for speed back into free pieces. Returns `largestFree`. */
  trim() {
    return this.exports.heap_trim() >>> 0;
  }

  // The views. A growth detaches every view of an unshared memory, which shows as a length of 0 and costs engines nothing to
  // check. The views of a shared memory stay but end where the memory ended, so there the buffer must be asked.

  /**
   * The memory as bytes, never stale. Write `heap.u8[i]`; a kept `heap.u8` goes stale like any typed array. The same holds for the others,
   * whose index is the pointer over the size of an element: `heap.f64[pointer >>> 3]`.
   */
  get u8() {
    return this.#shared || !this.#u8.length ? this.#fresh().#u8 : this.#u8;
  }

  get i8() {
    return this.#shared || !this.#i8.length ? this.#fresh().#i8 : this.#i8;
  }

  get u16() {
    return this.#shared || !this.#u16.length ? this.#fresh().#u16 : this.#u16;
  }

  get i16() {
    return this.#shared || !this.#i16.length ? this.#fresh().#i16 : this.#i16;
  }

  get u32() {
    return this.#shared || !this.#u32.length ? this.#fresh().#u32 : this.#u32;
  }

  get i32() {
    return this.#shared || !this.#i32.length ? this.#fresh().#i32 : this.#i32;
  }

  get f32() {
    return this.#shared || !this.#f32.length ? this.#fresh().#f32 : this.#f32;
  }

  get f64() {
    return this.#shared || !this.#f64.length ? this.#fresh().#f64 : this.#f64;
  }

  get i64() {
    return this.#shared || !this.#i64.length ? this.#fresh().#i64 : this.#i64;
  }

  get u64() {
    return this.#shared || !this.#u64.length ? this.#fresh().#u64 : this.#u64;
  }

  /** For numbers at any alignment, in either byte order. Never stale, like the other views. */
  get dataView() {
    this.#fresh();
    return this.#dataView;
  }

  /** Makes the views anew if the memory has another buffer than they have, and tells if it grew. */
  #fresh() {
    const { buffer } = this.memory;
    if (buffer === this.#u8.buffer) return this;
    const from = this.#bytes;
    this.#view(buffer);
    if (this.#bytes !== from) this.dispatchEvent(new GrowEvent(from, this.#bytes));
    return this;
  }

  /** @param {ArrayBufferLike} buffer */
  #view(buffer) {
    this.#bytes = buffer.byteLength;
    this.#u8 = new Uint8Array(buffer);
    this.#i8 = new Int8Array(buffer);
    this.#u16 = new Uint16Array(buffer);
    this.#i16 = new Int16Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#f32 = new Float32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#i64 = new BigInt64Array(buffer);
    this.#u64 = new BigUint64Array(buffer);
    this.#dataView = new DataView(buffer);
  }
}

/**
 * A size as C can take it: what passes 32 bits can't be had, and is not wrapped into what can.
 * @param {number} bytes
 */
function size(bytes) {
  if (!(bytes >= 0)) throw new RangeError(`a size must be a number that is not negative; found ${bytes}`);
  return Math.min(bytes, 0xffffffff);
}

/** @param {WebAssembly.Exports} exports */
function checked(exports) {
  const missing = ['malloc', 'free', 'calloc', 'realloc', 'heap_add_region', 'heap_footprint'].filter((name) => !exports[name]);
  if (!missing.length) return exports;
  throw new MemoryWasmError(
    'WrongHeapError',
    `the module loaded as the heap does not export ${missing.join(', ')}: it is not memory.wasm, or one of another version. Pass the right file in options.memory.`,
  );
}
