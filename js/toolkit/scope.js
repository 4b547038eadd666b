// A scope: what is taken in it is freed when it ends, also when it ends by an exception. And an arena: one block, handed out
// piece by piece, freed at once.

import { Allocator, isPowerOfTwo, kMaxAlign, mallocOrThrow } from './allocator.js';
import { kDispose, released } from './block.js';
import { MemoryWasmError } from '../errors.js';

/**
 * Hands out pointers and frees them all at its end. Made by `heap.scope`.
 * @extends {Allocator<number>}
 */
export class Scope extends Allocator {
  /** @type {number[] | undefined} */
  #pointers = [];

  /**
   * `byteLength` bytes until the scope ends. Throws OutOfMemoryError.
   * @param {number} byteLength
   * @param {import('./allocator.js').AllocOptions} [options]
   */
  alloc(byteLength, { align } = {}) {
    const pointers = this.#alive();
    const pointer = mallocOrThrow(this.heap, byteLength, align);
    pointers.push(pointer);
    return pointer;
  }

  /**
   * Frees `pointer`, which the program returned and JavaScript must free, when the scope ends.
   * @param {number} pointer
   */
  adopt(pointer) {
    this.#alive().push(pointer >>> 0);
    return pointer >>> 0;
  }

  /**
   * Takes `pointer` out of the scope: somebody else frees it.
   * @param {number} pointer
   */
  release(pointer) {
    const pointers = this.#alive();
    const index = pointers.lastIndexOf(pointer >>> 0);
    if (index < 0) throw released(`pointer ${pointer}`);
    return pointers.splice(index, 1)[0];
  }

  #alive() {
    if (!this.#pointers) throw released('this scope');
    return this.#pointers;
  }

  /** Keeps all that was taken so far: it is not freed at the end. */
  releaseAll() {
    this.#pointers &&= [];
  }

  /** Frees all that was taken. The scope can't be used any more. */
  free() {
    const pointers = this.#pointers ?? [];
    this.#pointers = undefined;
    for (let index = pointers.length; index--; ) this.heap.free(pointers[index]);
  }

  [kDispose]() {
    this.free();
  }
}

/**
 * Hands out pointers into one block, one after the other. Made by `heap.arena`.
 * @extends {Allocator<number>}
 */
export class Arena extends Allocator {
  #block;
  #used = 0;

  /**
   * @param {import('./heap.js').Heap} heap
   * @param {number} bytes
   */
  constructor(heap, bytes) {
    super(heap);
    this.#block = heap.alloc(bytes);
  }

  /** How many bytes it has. */
  get byteLength() {
    return this.#block.byteLength;
  }

  /** Bytes handed out since the beginning or the last reset. */
  get used() {
    return this.#used;
  }

  /**
   * `byteLength` bytes until `reset` or `free`. Throws OutOfMemoryError when the arena is full.
   * @param {number} byteLength
   * @param {import('./allocator.js').AllocOptions} [options]
   */
  alloc(byteLength, { align = kMaxAlign } = {}) {
    if (!isPowerOfTwo(align)) throw new RangeError(`align must be a power of two; found ${align}`);
    const { pointer, byteLength: size } = this.#block;
    const at = Math.ceil((pointer + this.#used) / Math.max(align, kMaxAlign)) * Math.max(align, kMaxAlign) - pointer;
    if (!(at + byteLength <= size)) {
      throw new MemoryWasmError('OutOfMemoryError', `the arena of ${size} bytes has ${Math.max(0, size - at)} left, too few for ${byteLength}. Make it larger, or reset it earlier.`);
    }
    this.#used = at + Math.ceil(byteLength / kMaxAlign) * kMaxAlign;
    return pointer + at;
  }

  /** Forgets all that was handed out; the arena is empty again. */
  reset() {
    this.#used = 0;
  }

  /** Frees the whole arena. */
  free() {
    this.#block.free();
  }

  [kDispose]() {
    this.#block[kDispose]();
  }
}
