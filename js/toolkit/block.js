// A block that JavaScript owns: freed by hand, by `using`, or handed over to the program. One that is forgotten is reported.

import { MemoryWasmError } from '../errors.js';

// TypeScript and esbuild agree on this name where an engine has no Symbol.dispose yet.
/** @type {typeof Symbol.dispose} */
export const kDispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** @type {FinalizationRegistry<{ heap: import('./heap.js').Heap, pointer: number, bytes: number }> | undefined} */
let forgotten;

/** Tells of blocks whose owner the garbage collector took. They are not freed: the program may still have the pointer. */
const watch = () =>
  (forgotten ??= globalThis.FinalizationRegistry && // workerd has none
    new FinalizationRegistry(({ heap, pointer, bytes }) => {
      heap._tellLeak(pointer, bytes);
    }));

/** A block of the heap that JavaScript owns. Where a number is wanted (as an argument of an export), it is its pointer. */
export class Block {
  #heap;
  #pointer;

  /**
   * @param {import('./heap.js').Heap} heap
   * @param {number} pointer
   * @param {number} byteLength
   */
  constructor(heap, pointer, byteLength) {
    this.#heap = heap;
    this.#pointer = pointer;
    /** How many bytes were asked for. */
    this.byteLength = byteLength;
    watch()?.register(this, { heap, pointer, bytes: byteLength }, this);
  }

  /** Its address. Throws ReleasedError when the block is freed or released. */
  get pointer() {
    if (!this.#pointer) throw released(`this block of ${this.byteLength} bytes`);
    return this.#pointer;
  }

  valueOf() {
    return this.pointer;
  }

  /**
   * A live view of its content.
   * @template {import('./allocator.js').TypedArray} A
   * @param {import('./allocator.js').TypedArrayType<A>} Type
   */
  view(Type) {
    return this.#heap.view(Type, this.pointer, Math.floor(this.byteLength / Type.BYTES_PER_ELEMENT));
  }

  /** Frees the block. Throws ReleasedError the second time. */
  free() {
    this.#heap.free(this.release());
  }

  /** Gives up ownership: returns the pointer, which somebody else must free from now on. Throws ReleasedError the second time. */
  release() {
    const { pointer } = this;
    this.#pointer = 0;
    watch()?.unregister(this);
    return pointer;
  }

  /** For `using`: frees the block unless that is done already. */
  [kDispose]() {
    if (this.#pointer) this.free();
  }
}

/** @param {string} what */
export const released = (what) =>
  new MemoryWasmError('ReleasedError', `${what} was freed or released already. Free once, and use it no more afterwards.`);
