// A block that JavaScript owns: freed by hand, by `using`, or handed over to the program. One that is forgotten is reported.

import { MemoryWasmError } from '../errors.js';
import { alignedMalloc, kMaxAlign, outOfMemory } from './allocator.js';
import { bytesOf, encoded } from './bytes.js';
import { functionOf } from './exports.js';
import { sizeOf } from './pointer.js';
import { unsigned } from './wide.js';

// TypeScript and esbuild agree on this name where an engine has no Symbol.dispose yet.
/** @type {typeof Symbol.dispose} */
export const kDispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** @typedef {{ ownership: import('./owners.js').Ownership, owners: WeakRef<import('./owners.js').Owners>, again?: boolean }} Watched */

/** @type {FinalizationRegistry<Watched> | undefined} */
let forgotten;

/**
 * Reports blocks whose owner the garbage collector took while the heap lives on. They are not freed: the program may still have the pointer.
 * A heap that was dropped together with its blocks may be taken by a later collection than they are: only the next collection shows whether it lives on.
 */
const watch = () =>
  (forgotten ??=
    globalThis.FinalizationRegistry && // workerd has none
    new FinalizationRegistry(({ ownership, owners, again }) => {
      if (!ownership.pointer) return;
      if (!again) return forgotten?.register({}, { ownership, owners, again: true });
      const alive = owners.deref();
      alive?.reportLeak(alive.end(ownership), ownership.byteLength);
    }));

/** A block of the heap that JavaScript owns. It is a pointer: wherever a number is wanted (as an argument of an export), it is its address. */
export class Block {
  #owners;
  #ownership;
  #align;

  /**
   * @internal
   * @param {import('./heap.js').Heap} heap
   * @param {import('./owners.js').Owners} owners
   * @param {number} pointer
   * @param {number} byteLength
   * @param {number} align
   */
  constructor(heap, owners, pointer, byteLength, align) {
    /** The heap that it is of. */
    this.heap = heap;
    this.#owners = owners;
    this.#ownership = owners.add(pointer, byteLength);
    this.#align = align;
    watch()?.register(this, { ownership: this.#ownership, owners: owners.weak });
  }

  /** Its address. Throws ReleasedError when the block is freed or released. */
  get pointer() {
    const { pointer } = this.#ownership;
    if (!pointer) throw released(`this block of ${this.byteLength} bytes`);
    return pointer;
  }

  /** How many bytes were asked for. */
  get byteLength() {
    return this.#ownership.byteLength;
  }

  /** How many bytes it really has: at least `byteLength`. */
  get usableSize() {
    return this.heap.usableSize(this);
  }

  get [Symbol.toStringTag]() {
    return 'Block';
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
    return this.heap.view(Type, this.pointer, Math.floor(this.byteLength / Type.BYTES_PER_ELEMENT));
  }

  /** A copy of its content. */
  toUint8Array() {
    return this.heap.subarray(this, this.byteLength).slice();
  }

  /**
   * Copies data into the block, from `offset` on: of a typed array, a DataView, an ArrayBuffer, or of a string as UTF-8, without a NUL. Throws RangeError if it
   * would run over the block's end.
   * @param {import('./bytes.js').Bytes | string} data
   * @param {number} [offset]
   */
  set(data, offset = 0) {
    const bytes = typeof data === 'string' ? encoded(data) : bytesOf(data);
    const { pointer, byteLength } = this;
    if (sizeOf(offset, 'offset', this.heap) + bytes.length > byteLength) {
      throw new RangeError(`${bytes.length} bytes at offset ${offset} do not fit into this block of ${byteLength} bytes`);
    }
    this.heap.u8.set(bytes, pointer + offset);
  }

  /**
   * Changes its size, as realloc does: the content stays up to the smaller of both sizes, the address may change. Throws OutOfMemoryError, and leaves the block as it
   * was, if there is no more memory.
   * @param {number} byteLength
   */
  resize(byteLength) {
    const { heap, pointer } = this;
    sizeOf(byteLength, 'a size', heap);
    const moved = this.#align > kMaxAlign ? this.#realign(byteLength) : unsigned(functionOf(heap, 'realloc')(pointer, byteLength));
    if (!moved) throw outOfMemory(heap, byteLength);
    this.#owners.move(this.#ownership, moved, byteLength);
  }

  /** realloc keeps no alignment beyond 16. @param {number} byteLength */
  #realign(byteLength) {
    const { heap, pointer } = this;
    const moved = alignedMalloc(heap, byteLength, this.#align);
    if (!moved) return 0;
    heap.u8.copyWithin(moved, pointer, pointer + Math.min(byteLength, this.byteLength));
    functionOf(heap, 'free')(pointer);
    return moved;
  }

  /** Frees the block. Throws ReleasedError the second time. */
  free() {
    this.heap.free(this.release());
  }

  /** Gives up ownership: returns the pointer, which somebody else must free from now on. Throws ReleasedError the second time. */
  release() {
    const { pointer } = this;
    this.#owners.end(this.#ownership);
    return pointer;
  }

  /** For `using`: frees the block unless that is done already. */
  [kDispose]() {
    if (this.#ownership.pointer) this.free();
  }
}

/** @param {string} what */
export const released = (what) => new MemoryWasmError('ReleasedError', `${what} was freed or released already. Free once, and use it no more afterwards.`);
