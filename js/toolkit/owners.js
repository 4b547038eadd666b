// Who in JavaScript owns which block: Blocks and scopes. Whoever gives a block back in another way (heap.free with its number, reset, restore)
// ends that ownership here, so that nobody frees or uses what has become somebody else's block.
//
//   heap.alloc(8)  --> Block --> Ownership { pointer } <-- Owners.blocks[pointer]
//   heap.free(pointer)  ends the Ownership: the Block throws ReleasedError from now on
//
// An Ownership is all that is known of a Block after the garbage collector took it: one that has not ended is a leak.

import { without } from './scope.js';

/** @typedef {{ pointer: number, byteLength: number }} Ownership of one block; `pointer` is 0 once it has ended */

/** @typedef {{ blocks: Set<Ownership>, scopes: Map<import('./scope.js').Scope, Set<number>> }} Held what was owned at one time */

export class Owners {
  /** @type {Map<number, Ownership>} */
  #blocks = new Map();
  /** @type {Set<import('./scope.js').Scope>} */
  #scopes = new Set();

  /** @param {(pointer: number, byteLength: number) => void} reportLeak */
  constructor(reportLeak) {
    this.reportLeak = reportLeak;
    /** For those who must not keep the heap alive. */
    this.weak = globalThis.WeakRef && new WeakRef(this); // workerd has none
  }

  /**
   * @param {number} pointer
   * @param {number} byteLength
   * @returns {Ownership}
   */
  add(pointer, byteLength) {
    const ownership = { pointer, byteLength };
    this.#blocks.set(pointer, ownership);
    return ownership;
  }

  /**
   * @param {Ownership} ownership
   * @returns {number} the pointer
   */
  end(ownership) {
    const { pointer } = ownership;
    this.#blocks.delete(pointer);
    ownership.pointer = 0;
    return pointer;
  }

  /**
   * The block moved.
   * @param {Ownership} ownership
   * @param {number} pointer
   * @param {number} byteLength
   */
  move(ownership, pointer, byteLength) {
    this.#blocks.delete(ownership.pointer);
    ownership.pointer = pointer;
    ownership.byteLength = byteLength;
    this.#blocks.set(pointer, ownership);
  }

  /** @param {import('./scope.js').Scope} scope */
  open(scope) {
    this.#scopes.add(scope);
  }

  /** @param {import('./scope.js').Scope} scope */
  close(scope) {
    this.#scopes.delete(scope);
  }

  /**
   * The block at `pointer` is freed or moved: nobody owns it any more.
   * @param {number} pointer
   */
  forget(pointer) {
    const ownership = this.#blocks.get(pointer);
    if (ownership) this.end(ownership);
    for (const { pointers } of this.#scopes) if (pointers) without(pointers, pointer);
  }

  /** What is owned now. @returns {Held} */
  held() {
    const scopes = [...this.#scopes].map((scope) => /** @type {const} */ ([scope, new Set(scope.pointers)]));
    return { blocks: new Set(this.#blocks.values()), scopes: new Map(scopes) };
  }

  /**
   * Ends every ownership but those that were held at one time.
   * @param {Held} [held]
   */
  keepOnly({ blocks, scopes } = { blocks: new Set(), scopes: new Map() }) {
    for (const ownership of this.#blocks.values()) if (!blocks.has(ownership)) this.end(ownership);
    for (const scope of this.#scopes) {
      scope.pointers = scope.pointers?.filter((pointer) => scopes.get(scope)?.has(pointer));
    }
  }
}
