// A scope: its blocks are freed when it ends, also when it ends by an exception. And an arena: one block, handed out piece by piece, freed at once.

import { alignOf, Allocator, kMaxAlign, mallocOrThrow } from './allocator.js';
import { kDispose, released } from './block.js';
import { MemoryWasmError } from '../errors.js';
import { addressOf, sizeOf } from './pointer.js';

/**
 * Hands out pointers and frees them all at its end. Made by `heap.scope`.
 * @extends {Allocator<number>}
 */
export class Scope extends Allocator {
  #owners;

  /**
   * @internal
   * @param {import('./heap.js').Heap} heap
   * @param {import('./owners.js').Owners} owners
   */
  constructor(heap, owners) {
    super(heap);
    this.#owners = owners;
    /**
     * Pointers that it frees at its end; undefined afterwards.
     * @internal
     * @type {number[] | undefined}
     */
    this.pointers = [];
    owners.open(this);
  }

  /**
   * `byteLength` bytes until the scope ends. Throws OutOfMemoryError.
   * @param {number} byteLength
   * @param {import('./allocator.js').AllocOptions} [options]
   * @returns {number}
   */
  alloc(byteLength, options) {
    const pointers = this.#alive();
    const pointer = mallocOrThrow(this.heap, byteLength, alignOf(options));
    pointers.push(pointer);
    return pointer;
  }

  /**
   * Frees `pointer`, which the program returned and JavaScript must free, when the scope ends. A Block gives up its ownership.
   * @param {import('./pointer.js').Pointer} pointer
   * @returns {number}
   */
  adopt(pointer) {
    const pointers = this.#alive();
    const address = addressOf(this.heap, pointer);
    if (pointers.includes(address)) throw new TypeError(`this scope owns pointer ${address} already`);
    this.#owners.forget(address);
    if (address) pointers.push(address);
    return address;
  }

  /**
   * Takes `pointer` out of the scope: somebody else frees it.
   * @param {number} pointer
   * @returns {number}
   */
  release(pointer) {
    const pointers = this.#alive();
    const address = addressOf(this.heap, pointer);
    if (!without(pointers, address)) throw released(`pointer ${address}`);
    return address;
  }

  /** Takes all pointers out of the scope: none of them is freed at its end. */
  releaseAll() {
    this.#alive().length = 0;
  }

  #alive() {
    if (!this.pointers) throw released('this scope');
    return this.pointers;
  }

  /** Frees all that the scope owns, last first. The scope can't be used any more. If a free traps, the others are freed before its error is thrown. */
  free() {
    const { pointers } = this;
    if (!pointers) return;
    this.pointers = undefined;
    this.#owners.close(this);
    freeAll(this.heap.functions.free, pointers);
  }

  [kDispose]() {
    this.free();
  }
}

/**
 * Takes a pointer out of a list. Returns whether it was there.
 * @param {number[]} pointers
 * @param {number} pointer
 */
export function without(pointers, pointer) {
  const index = pointers.lastIndexOf(pointer);
  if (index >= 0) pointers.splice(index, 1);
  return index >= 0;
}

/**
 * @param {(pointer: number) => void} free
 * @param {number[]} pointers is empty afterwards
 */
function freeAll(free, pointers) {
  try {
    while (pointers.length) free(/** @type {number} */ (pointers.pop()));
  } finally {
    if (pointers.length) freeRest(free, pointers);
  }
}

/**
 * After a free has trapped: the first error is the one to throw.
 * @param {(pointer: number) => void} free
 * @param {number[]} pointers
 */
function freeRest(free, pointers) {
  try {
    freeAll(free, pointers);
  } catch {
    // thrown already
  }
}

/**
 * Runs `body` with a scope that ends when `body` does, or when the promise that it returns is settled. The error of `body` goes before an error of
 * freeing what it left.
 * @template T
 * @param {Scope} scope
 * @param {(scope: Scope) => T} body
 * @returns {T}
 */
export function inScope(scope, body) {
  /** @type {any} */
  let result;
  try {
    result = body(scope);
    if (typeof result?.then !== 'function') {
      scope.free();
      return result;
    }
  } catch (error) {
    freeQuietly(scope);
    throw error;
  }
  return /** @type {any} */ (
    Promise.resolve(result).then(
      (value) => (scope.free(), value),
      (error) => {
        freeQuietly(scope);
        throw error;
      },
    )
  );
}

/** @param {Scope} scope */
function freeQuietly(scope) {
  try {
    scope.free();
  } catch {
    // The error that ended the scope's body says more.
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
   * @internal
   * @param {import('./block.js').Block} block
   */
  constructor(block) {
    super(block.heap);
    this.#block = block;
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
   * @returns {number}
   */
  alloc(byteLength, options) {
    const step = alignOf(options);
    const { pointer, byteLength: size } = this.#block;
    const at = Math.ceil((pointer + this.#used) / step) * step - pointer;
    if (at + sizeOf(byteLength, 'a size', this.heap) > size) {
      throw new MemoryWasmError(
        'OutOfMemoryError',
        `the arena of ${size} bytes has ${Math.max(0, size - at)} left, too few for ${byteLength}. Make it larger, or reset it earlier.`,
      );
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
