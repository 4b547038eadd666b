// The heap as JavaScript sees it: the allocator's functions with unsigned pointers, views of the memory that are never stale, and
// what the heap can tell of itself.

import { Allocator, mallocOrThrow } from './allocator.js';
import { Block } from './block.js';
import { core } from '../extras/core.js';
import { hex } from '../errors.js';
import { brokenInvariant } from './invariants.js';
import { needMore } from '../load/later.js';
import { Arena, Scope } from './scope.js';
import { restore, snapshot } from './snapshot.js';
import { addToTable, asTableEntry } from './callback.js';
import { View } from './views.js';

const kViews = /** @type {const} */ (['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'f64', 'i64', 'u64', 'dataView']);
const kSpanKinds = /** @type {const} */ (['free', 'used', 'overhead', 'top']);

/**
 * @typedef {object} Span a piece of the heap, as `heap.spans()` walks it
 * @property {number} pointer where it starts; for 'used', what malloc returned
 * @property {number} byteLength
 * @property {'free' | 'used' | 'overhead' | 'top'} kind free; handed out; the heap's bookkeeping; free at the end of the newest region
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

/**
 * A block that nobody freed, and whose owner in JavaScript the garbage collector took. It stays allocated. Unless a listener calls
 * preventDefault, console.warn tells of it.
 */
export class LeakEvent extends Event {
  /**
   * @param {number} pointer
   * @param {number} byteLength
   */
  constructor(pointer, byteLength) {
    super('leak', { cancelable: true });
    this.pointer = pointer;
    this.byteLength = byteLength;
  }
}

/**
 * What the heap knows of the program whose memory it lives in.
 * @typedef {object} Program
 * @property {Record<string, any>} [exports]
 * @property {number} [maximum] pages that the memory may have
 * @property {boolean} [debug] whether every range is checked against the heap's blocks
 */

/**
 * A heap in a WebAssembly memory. Made by `load`. Emits 'grow' ({@link GrowEvent}) and 'leak' ({@link LeakEvent}).
 * @extends {Allocator<Block>}
 */
export class Heap extends Allocator {
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

  #events = new EventTarget();
  // Looked up once: an instance's exports are a slow object.
  #malloc;
  #free;

  /**
   * @param {WebAssembly.Memory} memory
   * @param {WebAssembly.Exports} exports of memory.wasm
   * @param {Program} [program]
   */
  constructor(memory, exports, program = {}) {
    super();
    /** The memory that the heap lives in. */
    this.memory = memory;
    /** All functions of memory.wasm, as they are: aligned_alloc, malloc_usable_size, memcpy, heap_* ... Their pointers are signed. */
    this.exports = /** @type {Record<string, any>} */ (exports);
    /** What the heap knows of the program. */
    this.program = program;
    this.#malloc = this.exports.malloc;
    this.#free = this.exports.free;
    this.#view(memory.buffer);
    this.#shared = !(memory.buffer instanceof ArrayBuffer);
    if (this.#shared) this.#lookEachTime();
    this.#listen();
  }

  /** Has the heap tell when it grew. workerd forbids the little module this takes: there growth is seen at the next look. */
  #listen() {
    const table = /** @type {WebAssembly.Table | undefined} */ (this.exports.__indirect_function_table);
    try {
      if (table) this.exports.heap_on_grow(addToTable(table, asTableEntry(() => void this.#fresh())));
    } catch (error) {
      if (!(error instanceof WebAssembly.CompileError)) throw error;
    }
  }

  /**
   * `bytes` bytes, aligned to 16. They must be freed. Returns 0 if there is no more memory, as C's malloc does.
   * @param {number} bytes
   */
  malloc(bytes) {
    return this.#malloc(size(bytes)) >>> 0;
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
    this.#free(pointer);
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
      yield { pointer, byteLength: bytes(pointer) >>> 0, kind: kSpanKinds[kind(pointer)] };
    }
  }

  /**
   * Checks every invariant of the heap. Returns null when all hold, else the first broken one: something wrote over the heap's data.
   * @returns {import('./invariants.js').BrokenInvariant | null}
   */
  check() {
    return brokenInvariant(this.exports.heap_check());
  }

  /** Joins what the heap keeps aside for speed back into free pieces. Returns `largestFree`. */
  trim() {
    return this.exports.heap_trim() >>> 0;
  }

  /** Forgets every block at once. All pointers into the heap are invalid, those that the program holds too. */
  reset() {
    this.exports.heap_reset();
  }

  /**
   * A block of `byteLength` bytes that JavaScript owns: `using block = heap.alloc(100)`. Throws OutOfMemoryError.
   * @param {number} byteLength
   * @param {import('./allocator.js').AllocOptions} [options]
   */
  alloc(byteLength, { align } = {}) {
    return new Block(this, mallocOrThrow(this, byteLength, align), byteLength);
  }

  /**
   * Calls `run` with a scope; all that is taken from the scope is freed afterwards, also when `run` throws. If `run` returns a promise, when that is
   * settled. Without `run`, returns a scope for `using`.
   * @template T
   * @overload
   * @param {(scope: Scope) => T} run
   * @returns {T}
   */
  /**
   * @overload
   * @returns {Scope}
   */
  /** @param {(scope: Scope) => any} [run] */
  scope(run) {
    const scope = new Scope(this);
    if (!run) return scope;
    let waits = false;
    try {
      const result = run(scope);
      waits = typeof result?.then === 'function';
      return waits ? Promise.resolve(result).finally(() => scope.free()) : result;
    } finally {
      if (!waits) scope.free();
    }
  }

  /**
   * One block of `bytes` bytes that is handed out piece by piece and freed at once. Throws OutOfMemoryError.
   * @param {number} bytes
   */
  arena(bytes) {
    return new Arena(this, bytes);
  }

  /**
   * The bytes of a range, good until the memory grows. Throws RangeError if the range ends beyond the memory; with the option `debug`
   * also if it touches the heap but lies in no block that is handed out.
   * @param {number} pointer
   * @param {number} bytes
   */
  subarray(pointer, bytes) {
    const start = pointer >>> 0;
    const end = start + bytes;
    const { u8 } = this;
    if (!(bytes >= 0 && end <= u8.length)) {
      throw new RangeError(`${bytes} bytes at pointer ${hex(start)} do not lie in the memory, which ends at ${hex(u8.length)}`);
    }
    if (this.program.debug) checkHandedOut(this, start, end);
    return u8.subarray(start, end);
  }

  /**
   * A live view of `length` numbers at `pointer`: `heap.view(Float64Array, pointer, 3).array[i]`, fresh after any growth. Throws RangeError like `subarray`.
   * @template {import('./allocator.js').TypedArray} A
   * @param {import('./allocator.js').TypedArrayType<A>} Type
   * @param {number} pointer
   * @param {number} length
   */
  view(Type, pointer, length) {
    return new View(this, Type, pointer >>> 0, length);
  }

  /**
   * Reads UTF-8: `bytes` bytes of it, or up to the NUL. What is no UTF-8 becomes U+FFFD. Throws RangeError for NULL and for what runs out of the memory.
   * @param {number} pointer
   * @param {number} [bytes]
   */
  readString(pointer, bytes) {
    if (!pointer) throw new RangeError('the pointer to the string is NULL');
    const text = this.subarray(pointer, bytes ?? this.#length(pointer >>> 0));
    // TextDecoder refuses views of shared memory.
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#shared ? text.slice() : text);
  }

  /**
   * Reads a `char **`: `count` strings, or up to the NULL.
   * @param {number} pointer
   * @param {number} [count]
   */
  readStrings(pointer, count = Infinity) {
    const texts = [];
    for (let at = pointer >>> 0; texts.length < count; at += 4) {
      this.subarray(at, 4);
      const text = this.dataView.getUint32(at, true);
      if (!text && count === Infinity) break;
      texts.push(this.readString(text));
    }
    return texts;
  }

  /** @param {number} pointer */
  #length(pointer) {
    const end = this.u8.indexOf(0, pointer);
    if (end < 0) throw new RangeError(`the string at pointer ${hex(pointer)} has no NUL before the memory ends at ${hex(this.u8.length)}`);
    return end - pointer;
  }

  /**
   * A copy of the whole memory, of the heap's state and of the program's exported mutable globals, for `restore`. What a copy can't have: globals that are not
   * exported, tables, and what JavaScript holds.
   */
  snapshot() {
    return snapshot(this);
  }

  /**
   * Puts memory, heap and globals back to what they were at `snapshot`; pointers from afterwards are invalid. The snapshot may come from
   * another instance of the same program.
   * @param {import('./snapshot.js').Snapshot} copy
   */
  restore(copy) {
    restore(this, copy);
  }

  /**
   * Loads one more module onto this memory and heap: one that imports its memory, position-independent (`wasm-ld -shared`) or not.
   * @template {Record<string, any>} [Exports=Record<string, any>]
   * @param {import('../load/input.js').Source | Promise<import('../load/input.js').Source>} source
   * @param {import('./attach.js').AttachOptions} [options]
   * @returns {Promise<import('./attach.js').Attached<Exports>>}
   */
  async attach(source, options) {
    return (await needMore()).attach(core, this, source, options);
  }

  /**
   * @overload
   * @param {'grow'} type
   * @param {(event: GrowEvent) => void} listener
   * @param {AddEventListenerOptions} [options]
   * @returns {void}
   */
  /**
   * @overload
   * @param {'leak'} type
   * @param {(event: LeakEvent) => void} listener
   * @param {AddEventListenerOptions} [options]
   * @returns {void}
   */
  /**
   * @param {string} type
   * @param {(event: any) => void} listener
   * @param {AddEventListenerOptions} [options]
   */
  addEventListener(type, listener, options) {
    this.#events.addEventListener(type, listener, options);
  }

  /**
   * @param {'grow' | 'leak'} type
   * @param {(event: any) => void} listener
   */
  removeEventListener(type, listener) {
    this.#events.removeEventListener(type, listener);
  }

  /**
   * @param {number} pointer
   * @param {number} bytes
   */
  _tellLeak(pointer, bytes) {
    if (this.#events.dispatchEvent(new LeakEvent(pointer, bytes))) {
      console.warn(`memory.wasm: a block of ${bytes} bytes at ${hex(pointer)} was never freed. Use 'using' or a scope.`);
    }
  }

  // The views. A growth detaches every view of an unshared memory, which then has no element 0: the cheapest thing to ask, by measurement, and
  // cheapest of the bytes (on Node 20, reading `f64[i]` takes 2.0 ns with a byte asked, 2.6 ns with a float). The views of a shared memory stay but end where the memory ended: see #lookEachTime.

  /**
   * The memory as bytes, never stale. Write `heap.u8[i]`; a kept `heap.u8` goes stale like any typed array. The same holds for the others,
   * whose index is the pointer over the size of an element: `heap.f64[pointer >>> 3]`.
   */
  get u8() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#u8;
  }

  get i8() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#i8;
  }

  get u16() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#u16;
  }

  get i16() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#i16;
  }

  get u32() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#u32;
  }

  get i32() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#i32;
  }

  get f32() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#f32;
  }

  get f64() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#f64;
  }

  get i64() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#i64;
  }

  get u64() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#u64;
  }

  /** For numbers at any alignment, in either byte order. Never stale, like the other views. */
  get dataView() {
    if (this.#u8[0] === undefined) this.#fresh();
    return this.#dataView;
  }

  /** For a shared memory, which another thread may grow: asks it for its buffer before each use of a view. */
  #lookEachTime() {
    for (const name of kViews) Object.defineProperty(this, name, { get: () => Reflect.get(Heap.prototype, name, this.#fresh()) });
  }

  /** Makes the views anew if the memory has another buffer than they have, and tells if it grew. */
  #fresh() {
    const { buffer } = this.memory;
    if (buffer === this.#u8.buffer) return this;
    const from = this.#bytes;
    this.#view(buffer);
    if (this.#bytes !== from) this.#events.dispatchEvent(new GrowEvent(from, this.#bytes));
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

/**
 * @param {Heap} heap
 * @param {number} start
 * @param {number} end
 */
function checkHandedOut(heap, start, end) {
  for (const { pointer, byteLength: bytes, kind } of heap.spans()) {
    if (start >= pointer + bytes || end <= pointer) continue;
    if (kind === 'used' && start >= pointer && end <= pointer + bytes) return;
    throw new RangeError(`${end - start} bytes at pointer ${hex(start)} touch ${bytes} bytes at ${hex(pointer)} that are ${kind === 'used' ? 'another block, or run over its end' : 'freed, or never were handed out'}`);
  }
}
