// A live view: a typed array at a fixed place, made anew when growth has detached it.

/**
 * What the elements of a typed array are.
 * @template A
 * @typedef {A extends BigInt64Array | BigUint64Array ? bigint : number} ElementOf
 */

/**
 * Numbers at a fixed place in memory. Made by `heap.view`.
 * @template {import('./allocator.js').TypedArray} A
 */
export class View {
  #heap;
  #Type;
  #array;

  /**
   * @internal
   * @param {import('./heap.js').Heap} heap
   * @param {import('./allocator.js').TypedArrayType<A>} Type
   * @param {number} pointer
   * @param {number} length
   */
  constructor(heap, Type, pointer, length) {
    this.#heap = heap;
    this.#Type = Type;
    /** Where it begins. */
    this.pointer = pointer;
    /** How many numbers it holds. */
    this.length = length;
    this.#array = this.#make();
  }

  /** How many bytes it covers. */
  get byteLength() {
    return this.length * this.#Type.BYTES_PER_ELEMENT;
  }

  /** A typed array of it, good until the memory grows: write `view.array[i]`, don't keep it. @type {A} */
  get array() {
    const array = this.#array;
    return array[0] === undefined ? (this.#array = this.#make()) : array; // detached, or empty
  }

  /** @returns {IterableIterator<ElementOf<A>>} */
  [Symbol.iterator]() {
    return /** @type {any} */ (this.array[Symbol.iterator]());
  }

  #make() {
    const { pointer, length, byteLength } = this;
    const Type = this.#Type;
    if (pointer % Type.BYTES_PER_ELEMENT) {
      throw new RangeError(`${Type.name} at pointer ${pointer}: the pointer must be a multiple of ${Type.BYTES_PER_ELEMENT}`);
    }
    this.#heap.subarray(pointer, byteLength);
    return new Type(/** @type {ArrayBuffer} */ (this.#heap.memory.buffer), pointer, length);
  }
}
