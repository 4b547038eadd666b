// Putting JavaScript values into memory: what the heap, a scope and an arena share. They differ in what `alloc` returns and in when
// it is freed.

import { asBytes } from '../wasm/bytes.js';
import { MemoryWasmError } from '../errors.js';

/** @typedef {{ align?: number }} AllocOptions `align`: a power of two; 16 if it is not given */

/** Every block of malloc is aligned to this. */
export const kMaxAlign = 16;

/**
 * @typedef {Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array | BigInt64Array | BigUint64Array} TypedArray
 */

/**
 * @template {TypedArray} [A=TypedArray]
 * @typedef {{ new (buffer: ArrayBufferLike, pointer: number, length: number): A, from(values: any): A, BYTES_PER_ELEMENT: number, name: string }} TypedArrayType
 */

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
  alloc(byteLength, { align } = {}) {
    return /** @type {any} */ (mallocOrThrow(this.heap, byteLength, align));
  }

  /**
   * A copy of bytes: of a typed array, a DataView, an ArrayBuffer, or of a string as UTF-8, without a NUL.
   * @param {ArrayBuffer | ArrayBufferView | string} data
   */
  allocBytes(data) {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : asBytes(data);
    const target = this.alloc(bytes.length);
    this.heap.u8.set(bytes, Number(target));
    return target;
  }

  /**
   * A C string: UTF-8 with a NUL at the end. A lone surrogate becomes U+FFFD; a NUL in the text stays, and C sees the text end there.
   * @param {string} text
   */
  allocString(text) {
    return this.allocBytes(text + '\0');
  }

  /**
   * An array of numbers.
   * @template {TypedArray} A
   * @param {TypedArrayType<A>} Type Float64Array, for example
   * @param {Iterable<number> | ArrayLike<number> | Iterable<bigint>} values
   */
  allocArray(Type, values) {
    return this.allocBytes(Type.from(values));
  }

  /**
   * A C array of C strings (`char **`), with a NULL pointer at its end. Pointers and texts lie in one block.
   * @param {Iterable<string>} texts
   */
  allocStrings(texts) {
    const encoded = [...texts].map((text) => new TextEncoder().encode(text + '\0'));
    const head = 4 * (encoded.length + 1);
    const target = this.alloc(encoded.reduce((length, { length: more }) => length + more, head));
    let entry = Number(target) >>> 2;
    let at = Number(target) + head;
    for (const text of encoded) {
      this.heap.u32[entry++] = at;
      this.heap.u8.set(text, at);
      at += text.length;
    }
    this.heap.u32[entry] = 0;
    return target;
  }

  /**
   * A struct.
   * @template V
   * @param {import('./struct.js').Struct<V>} type
   * @param {Partial<V>} [values] fields that are not given are 0
   */
  allocStruct(type, values) {
    const target = this.alloc(type.size);
    this.heap.u8.fill(0, Number(target), Number(target) + type.size);
    type.write(this.heap, Number(target), values ?? {});
    return target;
  }
}

/**
 * @param {import('./heap.js').Heap} heap
 * @param {number} byteLength
 * @param {number} [align]
 * @returns {number} the pointer, which must be freed
 */
export function mallocOrThrow(heap, byteLength, align = kMaxAlign) {
  if (!isPowerOfTwo(align)) throw new RangeError(`align must be a power of two; found ${align}`);
  const pointer = align > kMaxAlign ? heap.exports.aligned_alloc(align, byteLength) >>> 0 : heap.malloc(byteLength);
  if (!pointer) throw outOfMemory(heap, byteLength);
  return pointer;
}

/** @param {number} value */
export const isPowerOfTwo = (value) => value >= 1 && value <= 2 ** 31 && Number.isInteger(Math.log2(value));

/**
 * @param {import('./heap.js').Heap} heap
 * @param {number} byteLength
 */
function outOfMemory(heap, byteLength) {
  const { footprint, largestFree, program } = heap;
  const most = program.maximum ? `at most ${program.maximum * 65536}` : 'at most 4294967296, or what the host allows';
  return new MemoryWasmError(
    'OutOfMemoryError',
    `no memory for ${byteLength} bytes: the heap holds ${footprint}, its largest free piece has ${largestFree}, and the memory has ${heap.memory.buffer.byteLength} of ${most}. Free something, or raise --max-memory.`,
  );
}
