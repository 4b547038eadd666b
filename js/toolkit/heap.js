// The heap as JavaScript sees it: the allocator's functions with unsigned pointers, views of the memory that are never stale, and
// what the heap reports of itself.

import { alignOf, Allocator, mallocOrThrow } from './allocator.js';
import { Block } from './block.js';
import { decoded, isPlain } from './bytes.js';
import { bind, wrap } from './call.js';
import { makeCallback } from './callback.js';
import { core } from '../core.js';
import { hex, shown } from '../errors.js';
import { GrowEvent, LeakEvent } from './events.js';
import { functionOf } from './exports.js';
import { brokenInvariant } from './invariants.js';
import { kFeatures } from '../features.js';
import { checkOptions, kFlag, kFunction, kSignal } from '../options.js';
import { argumentOf } from './trap-argument.js';
import { Owners } from './owners.js';
import { addressOf, sizeOf } from './pointer.js';
import { Arena, inScope, Scope } from './scope.js';
import { restore, snapshot } from './snapshot.js';
import { addToTable, asTableEntry } from './table.js';
import { codecOf } from './types.js';
import { View } from './views.js';
import { counted, isWide, unsigned, withNumbers } from './wide.js';

const kViews = /** @type {const} */ (['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'f64', 'i64', 'u64', 'dataView']);
/** @type {import('../options.js').Kinds} */
const kListenerOptions = { once: kFlag, signal: kSignal };
const kSpanKinds = /** @type {const} */ (['free', 'used', 'overhead', 'top']);

/**
 * @typedef {import('./exports.js').HeapExports} HeapExports
 * @typedef {import('./pointer.js').Pointer} Pointer
 * @typedef {import('./types.js').FieldType} FieldType
 *
 * @typedef {object} Span a piece of the heap, as `heap.spans()` walks it
 * @property {number} pointer where it starts; for 'used', what malloc returned
 * @property {number} byteLength
 * @property {'free' | 'used' | 'overhead' | 'top'} kind free; in use; the heap's bookkeeping; free at the end of the newest region
 *
 * @typedef {{ grow: GrowEvent, leak: LeakEvent }} HeapEvents what a heap reports, by the name of the event
 */

/**
 * What the heap knows of the program whose memory it lives in.
 * @typedef {object} Program
 * @property {Record<string, any>} [exports]
 * @property {WebAssembly.Table} [table] that the program calls through, if it does not export it
 * @property {number} [maximum] pages that the memory may have
 * @property {number} [key] of the heap's seals
 * @property {boolean} [checkViews] whether every range is checked against the heap's blocks
 */

/**
 * A heap in a WebAssembly memory. Made by `load` and `heapOf`. Emits 'grow' ({@link GrowEvent}) and 'leak' ({@link LeakEvent}).
 * @extends {Allocator<Block>}
 */
export class Heap extends Allocator {
  #bytes = 0;
  #looksEachTime = false;
  /** @type {Uint8Array<ArrayBuffer>} */
  #u8 = new Uint8Array();
  /** @type {Int8Array<ArrayBuffer>} */
  #i8 = new Int8Array();
  /** @type {Uint16Array<ArrayBuffer>} */
  #u16 = new Uint16Array();
  /** @type {Int16Array<ArrayBuffer>} */
  #i16 = new Int16Array();
  /** @type {Uint32Array<ArrayBuffer>} */
  #u32 = new Uint32Array();
  /** @type {Int32Array<ArrayBuffer>} */
  #i32 = new Int32Array();
  /** @type {Float32Array<ArrayBuffer>} */
  #f32 = new Float32Array();
  /** @type {Float64Array<ArrayBuffer>} */
  #f64 = new Float64Array();
  /** @type {BigInt64Array<ArrayBuffer>} */
  #i64 = new BigInt64Array();
  /** @type {BigUint64Array<ArrayBuffer>} */
  #u64 = new BigUint64Array();
  /** @type {DataView<ArrayBuffer>} */
  #dataView = new DataView(new ArrayBuffer(0));

  #events = new EventTarget();
  #program;
  #owners = new Owners((pointer, byteLength) => this.#reportLeak(pointer, byteLength));
  /** What was owned when a snapshot was taken. @type {WeakMap<import('./snapshot.js').Snapshot, import('./owners.js').Held>} */
  #held = new WeakMap();
  // Looked up once: an instance's exports are a slow object.
  #malloc;
  #free;

  /**
   * @internal
   * @param {WebAssembly.Memory} memory
   * @param {Record<string, any>} exports of memory.wasm
   * @param {Program} [program]
   */
  constructor(memory, exports, program = {}) {
    super();
    /** The memory that the heap lives in. */
    this.memory = memory;
    /** All functions of memory.wasm, as they are: memcpy, heap_* ... Their pointers are signed. */
    this.exports = /** @type {HeapExports} */ (exports);
    /** Whether addresses have 64 bits. */
    this.isWide = isWide(exports);
    /** The same functions for the toolkit: of numbers, whatever addresses are. @internal @type {Record<string, any>} */
    this.functions = this.isWide ? withNumbers(exports) : exports;
    this.#program = program;
    this.#malloc = this.functions.malloc;
    this.#free = this.functions.free;
    this.#view(memory.buffer);
    this.#listen();
  }

  /**
   * Has the heap report when it grew. workerd forbids the little module this takes, and the table of a program that was linked statically may not be
   * able to grow: then growth is seen at the next look.
   */
  #listen() {
    const { __indirect_function_table: table, heap_on_grow: onGrow } = this.functions;
    if (!table || !onGrow) return;
    try {
      onGrow(
        addToTable(
          table,
          asTableEntry(() => void this.#fresh()),
        ),
      );
    } catch (error) {
      if (!(error instanceof WebAssembly.CompileError || error instanceof RangeError)) throw error;
    }
  }

  /**
   * Grows the memory. Throws what the engine throws.
   * @internal
   * @param {number} pages
   */
  growMemory(pages) {
    this.memory.grow(counted(this.isWide, pages));
  }

  /** Pages that the memory may have, if that is known. @internal */
  get maximum() {
    return this.#program.maximum;
  }

  /**
   * `byteLength` bytes, aligned to 16. They must be freed. Returns 0 if there is no more memory, as C's malloc does.
   * @param {number} byteLength
   * @returns {number}
   */
  malloc(byteLength) {
    return unsigned(this.#malloc(sizeOf(byteLength, 'a size', this)));
  }

  /**
   * `count * byteLength` bytes, all zero. 0 if there is no more memory.
   * @param {number} count
   * @param {number} byteLength
   * @returns {number}
   */
  calloc(count, byteLength) {
    return unsigned(functionOf(this, 'calloc')(sizeOf(count, 'a count', this), sizeOf(byteLength, 'a size', this)));
  }

  /**
   * Changes the size of a block; it may move. 0 if there is no more memory: then the old block is still there. A Block is resized by `block.resize()`.
   * @param {number} pointer of malloc, calloc or realloc; 0 allocates
   * @param {number} byteLength
   * @returns {number}
   */
  realloc(pointer, byteLength) {
    if (typeof pointer === 'object')
      throw new TypeError(`realloc takes a number; found ${shown(pointer)}. A Block is resized by block.resize(), which keeps it valid.`);
    const address = addressOf(this, pointer);
    const moved = unsigned(functionOf(this, 'realloc')(address, sizeOf(byteLength, 'a size', this)));
    if (moved && address) this.#owners.forget(address);
    return moved;
  }

  /**
   * Gives a block back. A Block, or a scope, that owned it owns it no more. Freeing twice, or what is no block, traps (WebAssembly.RuntimeError). 0 is ignored.
   * @param {Pointer} pointer
   */
  free(pointer) {
    const address = addressOf(this, pointer);
    this.#free(address);
    if (address) this.#owners.forget(address);
  }

  /**
   * How many bytes a block really has: at least what was asked for.
   * @param {Pointer} pointer
   * @returns {number}
   */
  usableSize(pointer) {
    return unsigned(functionOf(this, 'malloc_usable_size')(addressOf(this, pointer)));
  }

  /**
   * Why a call trapped: which function of the heap was called, on which pointer where that is known (link 'trampoline'), and what that pointer is now.
   * undefined if it was not the heap that trapped. The debug heap knows more.
   * @param {unknown} error that the call threw
   */
  async explain(error) {
    return (await kFeatures.explain()).explainTrap(this, error, argumentOf(error));
  }

  /**
   * Gives memory that nobody else uses to the heap, for good. Returns how many bytes the footprint has grown by: 0 if the range is too
   * small, ends beyond the memory or overlaps the heap.
   * @param {number} pointer
   * @param {number} byteLength
   * @returns {number}
   */
  addRegion(pointer, byteLength) {
    return unsigned(functionOf(this, 'heap_add_region')(addressOf(this, pointer), sizeOf(byteLength, 'a size', this)));
  }

  /** Bytes that the heap holds. It never falls: a WebAssembly memory can't shrink. @returns {number} */
  get footprint() {
    return unsigned(functionOf(this, 'heap_footprint')());
  }

  /** Bytes in blocks that are in use, with the heap's own cost of each. Walks the heap. @returns {number} */
  get inUse() {
    return unsigned(functionOf(this, 'heap_in_use')());
  }

  /** The largest n for which malloc(n) succeeds even if the memory can't grow. If it can, a request of up to 512 bytes may grow it all the same. Walks the heap. @returns {number} */
  get largestFree() {
    return unsigned(functionOf(this, 'heap_largest_free')());
  }

  /**
   * Walks the heap: the pieces of each region follow each other without a gap. Allocating or freeing ends the walk: begin again.
   * @returns {Generator<Span, void>}
   */
  *spans() {
    const [next, bytes, kind] = ['heap_span_next', 'heap_span_bytes', 'heap_span_kind'].map((name) => functionOf(this, name));
    for (let pointer = unsigned(next(0)); pointer; pointer = unsigned(next(pointer))) {
      yield { pointer, byteLength: unsigned(bytes(pointer)), kind: kSpanKinds[kind(pointer)] };
    }
  }

  /**
   * Checks every invariant of the heap. Returns null when all hold, else the first broken one: something wrote over the heap's data.
   * @returns {import('./invariants.js').BrokenInvariant | null}
   */
  check() {
    return brokenInvariant(functionOf(this, 'heap_check')());
  }

  /** Joins what the heap keeps aside for speed back into free pieces. Returns `largestFree`. @returns {number} */
  trim() {
    return unsigned(functionOf(this, 'heap_trim')());
  }

  /** Forgets every block at once. All pointers into the heap are invalid, those that the program holds too; every Block is released. */
  reset() {
    functionOf(this, 'heap_reset')();
    this.#owners.keepOnly();
  }

  /**
   * A block of `byteLength` bytes that JavaScript owns: `using block = heap.alloc(100)`. Throws OutOfMemoryError.
   * @param {number} byteLength
   * @param {import('./allocator.js').AllocOptions} [options]
   * @returns {Block}
   */
  alloc(byteLength, options) {
    const align = alignOf(options);
    return new Block(this, this.#owners, mallocOrThrow(this, byteLength, align), byteLength, align);
  }

  /**
   * @overload
   * @returns {Scope} for `using`
   */
  /**
   * Calls `run` with a scope; all that the scope owns is freed afterwards, also when `run` throws. If `run` returns a promise, when that is
   * settled.
   * @template T
   * @overload
   * @param {(scope: Scope) => T} run
   * @returns {T}
   */
  /** @param {(scope: Scope) => any} [run] */
  scope(run) {
    const scope = new Scope(this, this.#owners);
    return run ? inScope(scope, run) : scope;
  }

  /**
   * One block of `byteLength` bytes that is handed out piece by piece and freed at once. Throws OutOfMemoryError.
   * @param {number} byteLength
   */
  arena(byteLength) {
    return new Arena(this.alloc(byteLength));
  }

  /**
   * The bytes of a range, good until the memory grows. Throws RangeError if the range ends beyond the memory; with the option `checkViews`
   * also if it touches the heap but is in no block in use.
   * @param {Pointer} pointer
   * @param {number} byteLength
   */
  subarray(pointer, byteLength) {
    const start = addressOf(this, pointer);
    const length = sizeOf(byteLength, 'a size', this);
    const end = start + length;
    const { u8 } = this;
    if (end > u8.length) throw new RangeError(`${length} bytes at pointer ${hex(start)} are not in the memory, which ends at ${hex(u8.length)}`);
    if (this.#program.checkViews) checkInUse(this, start, end);
    return u8.subarray(start, end);
  }

  /**
   * A live view of `length` numbers at `pointer`: `heap.view(Float64Array, pointer, 3).array[i]`, fresh after any growth. Throws RangeError like `subarray`.
   * @template {import('./allocator.js').TypedArray} A
   * @param {import('./allocator.js').TypedArrayType<A>} Type
   * @param {Pointer} pointer
   * @param {number} length
   */
  view(Type, pointer, length) {
    return new View(this, Type, addressOf(this, pointer), sizeOf(length, 'a length', this));
  }

  /**
   * A copy of the value at `pointer`, or of the one at `index` in an array there: `heap.read(Point, pointer)`.
   * @template {FieldType} const F
   * @param {F} type
   * @param {Pointer} pointer
   * @param {number} [index]
   * @returns {import('./types.js').ValueOf<F>}
   */
  read(type, pointer, index = 0) {
    const { codec, address } = this.#element(type, pointer, index);
    if (codec.sizeAt) this.subarray(address, codec.sizeAt(this.dataView, address));
    return codec.read(this.dataView, address);
  }

  /**
   * Writes the value at `pointer`, or the one at `index` in an array there: of a struct the fields that are given. Values that don't fit throw.
   * @template {FieldType} const F
   * @param {F} type
   * @param {Pointer} pointer
   * @param {import('./types.js').InputOf<F>} value
   * @param {number} [index]
   */
  write(type, pointer, value, index = 0) {
    const { codec, address } = this.#element(type, pointer, index);
    codec.write(this.dataView, address, value, 'the value', this);
  }

  /**
   * A live object over the struct at `pointer`, or the one at `index` in an array there: each field reads and writes memory, through any growth.
   * @template {FieldType} const F
   * @param {F} type
   * @param {Pointer} pointer
   * @param {number} [index]
   * @returns {import('./types.js').LiveOf<F>}
   */
  at(type, pointer, index = 0) {
    const { codec, address } = this.#element(type, pointer, index);
    if (!codec.at)
      throw new TypeError(`heap.at() is for structs, unions, arrays and pointers; ${shown(type)} has only values: use heap.read() and heap.write()`);
    return codec.at(this, address);
  }

  /**
   * Where the value at `index` is, after making sure that it is in the memory.
   * @param {FieldType} type
   * @param {Pointer} pointer
   * @param {number} index
   */
  #element(type, pointer, index) {
    const codec = codecOf(type, 'type', this.isWide);
    if (index && codec.sizeAt) throw new TypeError('structs with a flexible array have no array: each has another size');
    const address = addressOf(this, pointer) + sizeOf(index, 'an index', this) * codec.size;
    this.subarray(address, codec.size);
    return { codec, address };
  }

  /**
   * Reads UTF-8: `byteLength` bytes of it, or up to the NUL. What is no UTF-8 becomes U+FFFD. Throws RangeError for NULL and for what runs out of the memory.
   * @param {Pointer} pointer
   * @param {number} [byteLength]
   */
  readString(pointer, byteLength) {
    const address = addressOf(this, pointer);
    if (!address) throw new RangeError('the pointer to the string is NULL');
    return decoded(this.subarray(address, byteLength === undefined ? this.#length(address) : byteLength));
  }

  /**
   * Reads a `char **`: `count` strings, or up to the NULL.
   * @param {Pointer} pointer
   * @param {number} [count]
   */
  readStrings(pointer, count) {
    const texts = [];
    const end = count === undefined ? Infinity : sizeOf(count, 'a count', this);
    for (let at = addressOf(this, pointer); texts.length < end; at += this.isWide ? 8 : 4) {
      const text = this.read('pointer', at);
      if (!text && count === undefined) break;
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
   * A C function as a JavaScript function: `heap.wrap(exports.greet, { parameters: ['string'], result: 'owned string' })`. What the arguments need in the heap is freed after the
   * call, also when it throws. Values that don't fit throw.
   * @template {import('./call.js').CFunction} const S
   * @param {Function} func the export
   * @param {S} [signature]
   * @returns {import('./call.js').Wrapped<S>}
   */
  wrap(func, signature) {
    return /** @type {any} */ (wrap(this, func, signature));
  }

  /**
   * A whole library, by a table: `heap.bind(exports, { greet: { parameters: ['string'], result: 'owned string' } })`.
   * @template {Record<string, import('./call.js').CFunction>} const T
   * @param {object} exports
   * @param {T} table
   * @returns {{ -readonly [K in keyof T]: import('./call.js').Wrapped<T[K]> }}
   */
  bind(exports, table) {
    return bind(this, exports, table);
  }

  /**
   * A function pointer that calls `func`: `heap.callback((a, b) => ..., { parameters: ['pointer', 'pointer'], result: 'i32' })`. The program must export its table, and it must be
   * able to grow: -Wl,--export-table,--growable-table. The callback lasts until it is released.
   * @template {readonly import('./callback.js').CallbackParameter[]} const P
   * @template {import('./callback.js').CallbackResult} [const R='void']
   * @param {import('./callback.js').CallbackFunction<P, R>} func
   * @param {import('./callback.js').CallbackSignature<P, R>} [signature]
   */
  callback(func, signature = {}) {
    return makeCallback(this, this.#program, func, signature);
  }

  /**
   * A copy of the whole memory, of the heap's state and of the program's exported mutable globals, for `restore`. It does not contain unexported globals, tables or
   * JavaScript objects.
   */
  snapshot() {
    const copy = snapshot(this, this.#program);
    this.#held.set(copy, this.#owners.held());
    return copy;
  }

  /**
   * Puts memory, heap and globals back to what they were at `snapshot`. Blocks from afterwards are released, and their pointers are invalid. The snapshot may come from
   * another instance of the same program: then every Block is released.
   * @param {import('./snapshot.js').Snapshot} copy
   */
  restore(copy) {
    restore(this, this.#program, copy);
    this.#owners.keepOnly(this.#held.get(copy));
  }

  /**
   * Loads one more module onto this memory and heap: one that imports its memory, position-independent (`wasm-ld -shared`) or not.
   * @template {Record<string, any>} [Exports=Record<string, any>]
   * @param {import('../load/input.js').Source | Promise<import('../load/input.js').Source>} source
   * @param {import('../load/attach.js').AttachOptions} [options]
   * @returns {Promise<import('../load/attach.js').Attached<Exports>>}
   */
  async attach(source, options = {}) {
    const { attach, kOptions } = await kFeatures.attach();
    checkOptions(options, kOptions, 'heap.attach', 'options');
    return attach(core, this, this.#program, source, options);
  }

  /**
   * @template {keyof HeapEvents} K
   * @param {K} type
   * @param {(event: HeapEvents[K]) => void} listener
   * @param {{ once?: boolean, signal?: AbortSignal }} [options]
   */
  addEventListener(type, listener, options) {
    checkListener(type, listener);
    if (options !== undefined) checkOptions(options, kListenerOptions, 'heap.addEventListener', 'options');
    this.#events.addEventListener(type, /** @type {any} */ (listener), options);
  }

  /**
   * @template {keyof HeapEvents} K
   * @param {K} type
   * @param {(event: HeapEvents[K]) => void} listener
   */
  removeEventListener(type, listener) {
    checkListener(type, listener);
    this.#events.removeEventListener(type, /** @type {any} */ (listener));
  }

  /**
   * @param {number} pointer
   * @param {number} byteLength
   */
  #reportLeak(pointer, byteLength) {
    if (this.#events.dispatchEvent(new LeakEvent(pointer, byteLength))) {
      console.warn(`memory.wasm: a block of ${byteLength} bytes at ${hex(pointer)} was never freed. Use 'using' or a scope.`);
    }
  }

  // The views. A growth detaches every view of an unshared memory, which then has no element 0: the cheapest thing to ask, by measurement, and
  // cheapest of the bytes (on Node 20, reading `f64[i]` takes 2.0 ns with a byte asked, 2.6 ns with a float). The views of a shared memory, and of one made
  // resizable, stay: see #lookEachTime.

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

  /** For a memory whose views stay when it grows: asks it for its buffer before each use of a view. */
  #lookEachTime() {
    this.#looksEachTime = true;
    for (const name of kViews) Object.defineProperty(this, name, { get: () => Reflect.get(Heap.prototype, name, this.#fresh()) });
  }

  /** Makes the views anew if the memory has another buffer, or another size, than they have, and reports growth. */
  #fresh() {
    const { buffer } = this.memory;
    const from = this.#bytes;
    if (buffer === this.#u8.buffer && buffer.byteLength === from) return this;
    this.#view(buffer);
    if (this.#bytes !== from) this.#events.dispatchEvent(new GrowEvent(from, this.#bytes));
    return this;
  }

  /** @param {ArrayBufferLike} memory */
  #view(memory) {
    // TypeScript 5.9 wants to know of each view whether it is shared. That depends on the program: it is typed as the usual one.
    const buffer = /** @type {ArrayBuffer} */ (memory);
    if (!isPlain(buffer) && !this.#looksEachTime) this.#lookEachTime();
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
 * @param {Heap} heap
 * @param {number} start
 * @param {number} end
 */
function checkInUse(heap, start, end) {
  for (const { pointer, byteLength, kind } of heap.spans()) {
    if (start >= pointer + byteLength || end <= pointer) continue;
    if (kind === 'used' && start >= pointer && end <= pointer + byteLength) return;
    throw new RangeError(
      `${end - start} bytes at pointer ${hex(start)} touch ${byteLength} bytes at ${hex(pointer)} that are ${kind === 'used' ? 'another block, or run over its end' : 'freed, or never were in use'}`,
    );
  }
}

/**
 * An EventTarget takes any name, and no listener at all.
 * @param {unknown} type
 * @param {unknown} listener
 */
function checkListener(type, listener) {
  if (type !== 'grow' && type !== 'leak') throw new TypeError(`a heap has the events 'grow' and 'leak'; found ${shown(type)}`);
  if (!kFunction[1](listener)) throw new TypeError(`a listener must be a function; found ${shown(listener)}`);
}
