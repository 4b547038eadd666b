// The heap of memory.debug.wasm as JavaScript sees it: a Heap that also reports misuse, lists what is in use by the stack that allocated
// it, and knows the history of every pointer.

import { eachLive, lastFinding, recordAt } from './layout.js';
import { findingOf, inWords } from './findings.js';
import { kCount, kOnError } from '../options.js';
import { LeakReport, SiteTable } from './leaks.js';
import { Stacks } from './stacks.js';

/** @typedef {import('./findings.js').Finding} Finding */
/** @typedef {import('./layout.js').BlockRecord} BlockRecord */

/**
 * What this file needs of memory.js, so that nothing exists twice.
 * @typedef {object} DebugCore
 * @property {typeof import('../toolkit/heap.js').Heap} Heap
 * @property {typeof import('../errors.js').MemoryWasmError} MemoryWasmError
 * @property {(table: WebAssembly.Table, callback: () => void) => number} asCallback
 */

/**
 * @typedef {object} DebugOptions options of the debug heap
 * @property {number} [quarantine] how many bytes of freed blocks are kept from being used again, so that writing to them is found: 256 KiB (default) finds
 *   what is written soon after the free; 16 MiB what is written late, at several times the cost
 * @property {boolean | number} [stacks] of which allocations and frees a stack is taken: of all (true, default), of every n-th, of none (false)
 * @property {'throw' | 'report' | ((error: Error & { finding: Finding }) => void)} [onError] what happens when a misuse is found: it is thrown as an error through
 *   the program (default); written to console.error; or given to a function. In the last two cases the program goes on: a wrong free is ignored, a wrong realloc returns NULL
 */

/** @type {import('../options.js').Kinds} */
export const kOptions = {
  quarantine: ['a number of bytes', kCount[1]],
  stacks: ['true, false, or n to take one of every n-th', (value) => typeof value === 'boolean' || kCount[1](value)],
  onError: kOnError,
};

export const kQuarantineFast = 256 * 1024;
export const kQuarantineThorough = 16 * 1024 * 1024;

/**
 * What a DebugHeap has beyond a Heap.
 * @typedef {object} DebugMembers
 * @property {(Error & { finding: Finding })[]} findings every misuse found so far, the oldest first
 * @property {() => number} mark the number of the newest allocation: a mark for `since`
 * @property {() => import('./leaks.js').LeakReport} leaks every block that is in use now, by the stack that allocated it
 * @property {(mark: number) => import('./leaks.js').LeakReport} since the blocks in use now that were allocated after a mark
 * @property {(pointer: number) => BlockHistory | undefined} blockAt what is known of the block that an address is in or next to, now or in the past
 * @property {number} heapStart where the program's data and stack end, and the heap may begin
 * @property {Stacks} stacks those taken so far
 *
 * @typedef {BlockRecord & { allocated: import('./stacks.js').Frame[], released: import('./stacks.js').Frame[] }} BlockHistory
 *
 * @typedef {import('../toolkit/heap.js').Heap & DebugMembers} DebugHeap the heap of `heap: 'debug'`
 */

/**
 * @param {DebugCore} core
 * @returns {new (memory: WebAssembly.Memory, exports: WebAssembly.Exports, program?: import('../toolkit/heap.js').Program, options?: DebugOptions) => DebugHeap}
 */
export function debugHeapClass({ Heap, MemoryWasmError, asCallback }) {
  return class DebugHeap extends Heap {
    stacks = new Stacks();
    /** @type {DebugOptions['onError']} */
    #onError;
    #program;
    /** @type {(Error & { finding: Finding })[]} */
    findings = [];

    /**
     * @param {WebAssembly.Memory} memory
     * @param {WebAssembly.Exports} exports of memory.debug.wasm
     * @param {import('../toolkit/heap.js').Program} [program]
     * @param {DebugOptions} [options]
     */
    constructor(memory, exports, program = {}, { quarantine = kQuarantineFast, stacks = true, onError = 'throw' } = {}) {
      super(memory, exports, program);
      this.#onError = onError;
      this.#program = program;
      this.stacks.program = program;
      const { __indirect_function_table: table } = this.exports;
      this.#debug.heap_debug_on_finding(asCallback(table, () => this.#found()));
      this.#debug.heap_debug_on_stack(asCallback(table, () => this.#debug.heap_debug_set_stack(this.stacks.take())));
      this.#debug.heap_debug_stacks(Number(stacks));
      this.#debug.heap_debug_quarantine(quarantine);
    }

    /** The functions of memory.debug.wasm alone. */
    get #debug() {
      return /** @type {Record<string, any>} */ (/** @type {unknown} */ (this.exports));
    }

    #found() {
      const raw = lastFinding(this.exports);
      const finding = findingOf(raw, { stacks: this.stacks, stack: this.stacks.take(), u8: this.u8, place: (address) => this.#place(address) });
      const error = Object.assign(new MemoryWasmError(finding.name, inWords(finding, this.mark())), { finding });
      this.findings.push(error);
      if (this.#onError === 'throw') throw error;
      if (typeof this.#onError === 'function') this.#onError(error);
      else console.error(`${error.name}: ${error.message}`);
    }

    get heapStart() {
      const base = this.#program.exports?.__heap_base;
      return base ? base.value >>> 0 : (this.spans().next().value?.pointer ?? this.u8.length);
    }

    /** What is at an address that is in no block. @param {number} address */
    #place(address) {
      const end = this.#program.exports?.__data_end;
      if (address >= this.u8.length) return `beyond the memory, which ends at 0x${this.u8.length.toString(16)}`;
      if (end && address < end.value >>> 0) return "in the program's static data";
      if (address < this.heapStart) return "in the program's static data or stack, below the heap";
      return address & 15 ? 'in the heap, but not aligned to 16' : "in the heap, but never a block's start";
    }

    /** Checks the heap's invariants, the zones around every block, and that no freed block was written to. Each damage to a block is a finding. */
    check() {
      this.#debug.heap_debug_check();
      return super.check();
    }

    /** The number of the newest allocation: a mark for `since`. */
    mark() {
      return this.#debug.heap_debug_allocations() >>> 0;
    }

    /** Every block that is in use now, by the stack that allocated it. */
    leaks() {
      return this.since(0);
    }

    /**
     * The blocks in use now that were allocated after a mark.
     * @param {number} mark
     */
    since(mark) {
      if (!kCount[1](mark)) throw new TypeError(`since takes what mark() returned; found ${String(mark)}`);
      const table = new SiteTable();
      eachLive(this.exports, (words, i) => {
        if (words[i + 2] > mark) table.add(words[i + 4], words[i], words[i + 1], words[i + 2]);
      });
      return new LeakReport(table, this.stacks, this.mark());
    }

    /**
     * What is known of the block that an address is in or next to, now or in the past.
     * @param {number} pointer
     */
    blockAt(pointer) {
      const at = this.#debug.heap_debug_nearest(pointer) >>> 0;
      if (!at) return undefined;
      const record = recordAt(new Uint32Array(this.#debug.heap_debug_memory.buffer), at);
      return { ...record, allocated: this.stacks.frames(record.allocatedBy), released: this.stacks.frames(record.freedBy) };
    }

    /** A copy of the program's memory and of what the debug heap knows of it. */
    snapshot() {
      return { ...super.snapshot(), own: new Uint8Array(this.#debug.heap_debug_memory.buffer).slice() };
    }

    /** @param {import('../toolkit/snapshot.js').Snapshot & { own?: Uint8Array }} copy */
    restore(copy) {
      if (!copy.own)
        throw new MemoryWasmError('SnapshotError', 'the snapshot was taken of a heap of another kind: it has no records of the debug heap. Take it anew.');
      super.restore(copy);
      const own = this.#debug.heap_debug_memory;
      const missing = copy.own.length - own.buffer.byteLength;
      if (missing > 0) own.grow(missing / 65536);
      const bytes = new Uint8Array(own.buffer);
      bytes.set(copy.own);
      bytes.fill(0, copy.own.length);
    }
  };
}
