// Putting JavaScript's data into memory: what the heap, a scope and an arena share. They differ in what `alloc` returns and in when
// it is freed.

import { MemoryWasmError, shown } from '../errors.js';
import { checkOptions, kAnything } from '../options.js';
import { bytesOf, encoded } from './bytes.js';
import { functionOf } from './exports.js';
import { sizeOf } from './pointer.js';
import { kScalars, scalarIn, scalarOf } from './scalars.js';
import { bytesFor } from './types.js';
import { inWords, unsigned } from './wide.js';

/**
 * @typedef {Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array | BigInt64Array | BigUint64Array} TypedArray
 *
 * @typedef {{ align?: number }} AllocOptions `align`: a power of two; 16 if it is not given
 */

/**
 * @template {TypedArray} [A=TypedArray]
 * @typedef {{ new (buffer: ArrayBuffer, pointer: number, length: number): A, from(values: any): A, BYTES_PER_ELEMENT: number, name: string }} TypedArrayType
 */

/** Every block of malloc is aligned to this. */
export const kMaxAlign = 16;

/** @template T what `alloc` returns: a number, which is a pointer, or a Block */
export class Allocator {
  /** @param {import('./heap.js').Heap} [heap] */
  constructor(heap) {
    /** @type {import('./heap.js').Heap} */
    this.heap = heap ?? /** @type {any} */ (this);
  }

  /**
   * `byteLength` bytes, aligned to 16 or to `align`; their content is undefined. Throws OutOfMemoryError.
   * @param {number} byteLength
   * @param {AllocOptions} [options]
   * @returns {T}
   */
  alloc(byteLength, options) {
    throw new Error(`alloc(${byteLength}, ${options}): heap, scope and arena each have their own`);
  }

  /**
   * A copy of bytes: of a typed array, a DataView, an ArrayBuffer, or of a string as UTF-8, without a NUL.
   * @param {import('./bytes.js').Bytes | string} data
   */
  allocBytes(data) {
    const bytes = typeof data === 'string' ? encoded(data) : bytesOf(data);
    const { buffer, byteOffset, byteLength } = bytes;
    const inHeap = buffer === this.heap.memory.buffer;
    const target = this.alloc(byteLength);
    // Bytes of this memory stay where they are when alloc grows it, but their view does not.
    if (inHeap) this.heap.u8.copyWithin(Number(target), byteOffset, byteOffset + byteLength);
    else this.heap.u8.set(bytes, Number(target));
    return target;
  }

  /**
   * A C string: UTF-8 with a NUL at the end. A lone surrogate becomes U+FFFD; a NUL in the text stays, and C sees the text end there.
   * @param {string} text
   */
  allocString(text) {
    return this.allocBytes(`${textOf(text, 'text')}\0`);
  }

  /**
   * A C array of C strings (`char **`), with a NULL pointer at its end. Pointers and texts are in one block.
   * @param {Iterable<string>} texts
   */
  allocStrings(texts) {
    const pieces = listOf(texts, 'texts').map((text, index) => encoded(`${textOf(text, `texts[${index}]`)}\0`));
    const { size, view } = scalarIn(this.heap, kScalars.pointer);
    const set = /** @type {'setUint32'} */ (`set${view}`);
    const head = size * (pieces.length + 1);
    const target = this.alloc(pieces.reduce((length, { length: more }) => length + more, head));
    let entry = Number(target);
    let at = entry + head;
    for (const piece of pieces) {
      this.heap.dataView[set](entry, inWords(this.heap, at)[0], true);
      this.heap.u8.set(piece, at);
      entry += size;
      at += piece.length;
    }
    this.heap.u8.fill(0, entry, entry + size);
    return target;
  }

  /**
   * A C array: of numbers, `allocArray(Float64Array, [1, 2, 3])`, or of structs, `allocArray(Point, [{ x: 1, y: 2 }])`. Values that don't fit throw.
   * @template {TypedArray} A
   * @overload
   * @param {TypedArrayType<A>} Type
   * @param {Iterable<A extends BigInt64Array | BigUint64Array ? bigint : number>} values
   * @returns {T}
   */
  /**
   * @template {import('./types.js').FieldType} F
   * @overload
   * @param {F} Type
   * @param {Iterable<import('./types.js').InputOf<F>>} values
   * @returns {T}
   */
  /**
   * @param {any} Type
   * @param {Iterable<any>} values
   * @returns {T}
   */
  allocArray(Type, values) {
    if (typeof Type !== 'function') {
      const list = listOf(values, 'values');
      return this.allocBytes(bytesFor([Type, list.length], list, 'values', this.heap));
    }
    const scalar = scalarOf(Type);
    if (!(values instanceof Type)) {
      for (const [index, value] of (values = listOf(values, 'values')).entries()) scalar.toC(value, `values[${index}]`, this.heap);
    }
    return this.allocBytes(Type.from(values));
  }

  /**
   * A struct or a union. Fields that are not given are 0. Values that don't fit throw.
   * @template {import('./types.js').FieldType} F
   * @param {F} type
   * @param {import('./types.js').InputOf<F>} [values]
   */
  allocStruct(type, values) {
    return this.allocBytes(bytesFor(type, values ?? {}, 'values', this.heap));
  }
}

/**
 * @param {unknown} text
 * @param {string} name
 */
export function textOf(text, name) {
  if (typeof text !== 'string') throw new TypeError(`${name} must be a string; found ${shown(text)}`);
  return text;
}

/**
 * @template T
 * @param {Iterable<T>} values
 * @param {string} name
 * @returns {T[]}
 */
function listOf(values, name) {
  if (typeof values === 'string' || typeof values?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`${name} must be an array or the like; found ${shown(values)}`);
  }
  return [...values];
}

/** @type {import('../options.js').Kinds} */
const kOptions = { align: kAnything };

/**
 * What a block is aligned to.
 * @param {AllocOptions} [options]
 */
export function alignOf(options) {
  if (options === undefined) return kMaxAlign;
  checkOptions(options, kOptions, 'alloc', 'options');
  const { align = kMaxAlign } = options;
  if (!(align >= 1 && align <= 2 ** 31 && Number.isInteger(Math.log2(align)))) throw new RangeError(`align must be a power of two; found ${shown(align)}`);
  return Math.max(align, kMaxAlign);
}

/**
 * @param {import('./heap.js').Heap} heap
 * @param {number} byteLength
 * @param {number} align
 * @returns {number} the pointer, which must be freed
 */
export function mallocOrThrow(heap, byteLength, align) {
  const pointer = align > kMaxAlign ? alignedMalloc(heap, byteLength, align) : heap.malloc(byteLength);
  if (!pointer) throw outOfMemory(heap, byteLength);
  return pointer;
}

/**
 * @param {import('./heap.js').Heap} heap
 * @param {number} byteLength
 * @param {number} align
 * @returns {number} 0 if there is no more memory
 */
export const alignedMalloc = (heap, byteLength, align) => unsigned(functionOf(heap, 'aligned_alloc')(align, sizeOf(byteLength, 'a size', heap)));

/**
 * @param {import('./heap.js').Heap} heap
 * @param {number} byteLength
 */
export function outOfMemory(heap, byteLength) {
  const { memory, maximum } = heap;
  // A program that was linked statically may not export them.
  const { heap_footprint: footprint, heap_largest_free: largestFree } = heap.functions;
  const holds = footprint && largestFree ? `the heap holds ${unsigned(footprint())}, its largest free piece has ${unsigned(largestFree())}, and ` : '';
  const most = maximum === undefined ? `at most ${heap.isWide ? 'what the host allows' : '4294967296, or what the host allows'}` : `at most ${maximum * 65536}`;
  return new MemoryWasmError(
    'OutOfMemoryError',
    `no memory for ${byteLength} bytes: ${holds}the memory has ${memory.buffer.byteLength} of ${most}. Free something, or raise --max-memory.`,
  );
}
