// What is in use, by the stack that allocated it, kept in JavaScript: for programs whose malloc is somebody else's. It sees the calls and
// nothing of the memory: so it finds leaks and frees of what is not in use, and no overruns.

import { LeakReport, SiteTable } from '../debug/leaks.js';
import { Stacks } from '../debug/stacks.js';

/** @typedef {(this: any, ...values: any[]) => any} AnyFunction */

/** How each allocation function is watched: given the ledger and the function, the function that stands in for it. @type {Record<string, (ledger: Ledger, call: AnyFunction) => AnyFunction>} */
const kWatched = {
  malloc: (ledger, call) => (size) => ledger.allocated(call(size), size),
  calloc: (ledger, call) => (count, size) => ledger.allocated(call(count, size), Math.imul(count, size)),
  realloc: (ledger, call) => (old, size) => ledger.moved(old, call(old, size), size),
  reallocarray: (ledger, call) => (old, count, size) => ledger.moved(old, call(old, count, size), Math.imul(count, size)),
  aligned_alloc: (ledger, call) => (alignment, size) => ledger.allocated(call(alignment, size), size),
  memalign: (ledger, call) => (alignment, size) => ledger.allocated(call(alignment, size), size),
  posix_memalign: (ledger, call) => (out, alignment, size) => ledger.stored(call(out, alignment, size), out, size),
  strdup: (ledger, call) => (text) => ledger.allocated(call(text), 0),
  strndup: (ledger, call) => (text, limit) => ledger.allocated(call(text, limit), 0),
};
for (const name of ['free', 'free_sized', 'free_aligned_sized']) {
  kWatched[name] =
    (ledger, call) =>
    (pointer, ...rest) => (ledger.freed(pointer), call(pointer, ...rest));
}
/** operator new in all its forms takes the size first; operator delete the pointer. */
const kNew = /^_Zn[wa]m/;
const kDelete = /^_Zd[al]Pv/;

/** @param {string} name of a function @returns {((ledger: Ledger, call: AnyFunction) => AnyFunction) | undefined} */
export function watcherOf(name) {
  if (Object.hasOwn(kWatched, name)) return kWatched[name];
  if (kNew.test(name))
    return (ledger, call) =>
      (size, ...rest) =>
        ledger.allocated(call(size, ...rest), size);
  if (kDelete.test(name)) return kWatched.free;
  return undefined;
}

export class Ledger {
  stacks = new Stacks();
  /** By pointer: size, number of the allocation, number of the stack. @type {Map<number, [byteLength: number, number: number, stack: number]>} */
  #live = new Map();
  #allocations = 0;
  /** How often something was freed that no call had allocated. */
  unknownFrees = 0;
  /** The program's, once it is known: `posix_memalign` puts the pointer there. @type {WebAssembly.Memory | undefined} */
  memory;

  /** @param {string} name what is watched: the program's file, where it is known */
  constructor(name) {
    this.name = name;
  }

  /** @template {number} T @param {T} pointer @param {number} byteLength @returns {T} */
  allocated(pointer, byteLength) {
    if (pointer) this.#live.set(pointer >>> 0, [byteLength >>> 0, ++this.#allocations, this.stacks.take()]);
    return pointer;
  }

  /**
   * What `posix_memalign` has returned.
   * @param {number} status 0: there is a block, and its pointer is at `out`
   * @param {number} out
   * @param {number} byteLength
   */
  stored(status, out, byteLength) {
    if (!status && this.memory) this.allocated(new DataView(this.memory.buffer).getUint32(out >>> 0, true), byteLength);
    return status;
  }

  /** @param {number} pointer */
  freed(pointer) {
    if (pointer && !this.#live.delete(pointer >>> 0)) this.unknownFrees++;
  }

  /** @param {number} old @param {number} pointer @param {number} byteLength */
  moved(old, pointer, byteLength) {
    if (!pointer) return pointer; // the old block is still there
    this.freed(old);
    return this.allocated(pointer, byteLength);
  }

  mark() {
    return this.#allocations;
  }

  leaks() {
    return this.since(0);
  }

  /** @param {number} mark */
  since(mark) {
    const table = new SiteTable();
    for (const [pointer, [byteLength, number, stack]] of this.#live) if (number > mark) table.add(stack, pointer, byteLength, number);
    return new LeakReport(table, this.stacks, this.#allocations);
  }
}
