// Threads over one shared memory (memory.threads.js). The first loads the program with heap 'shared' and gives out a handle; each other thread
// joins by it: an instance of the heap that takes part in the first's, an instance of the program with a stack of its own, and no second
// initialisation.
//
//     first    memory, heap, program --> handle { memory, heap, program, state, key, name }
//     another  heap over that memory --> heap_attach(state) --> stack, thread-local data --> program
//
// A thread holds a lock of the host (Web Locks) as long as it is there. Whoever joins asks for the locks of the others: who doesn't hold its
// lock any more is gone, and leaves its heap to the next. Without Web Locks (Node before 24, AudioWorklet) only `thread.leave()` and
// `thread.ended(number)` say so: a heartbeat would take a thread that computes for long, or stands at a breakpoint, for a dead one.

import { concatenate } from '../wasm/bytes.js';
import { Cursor } from '../wasm/cursor.js';
import { importMemory } from './import-memory.js';
import { forThreads, kStackPointer, writesData } from './one-thread.js';

export { kTexts } from './thread-texts.js';

/** @typedef {import('../core.js').ThreadCore} ThreadCore */
/** @typedef {import('../toolkit/heap.js').Heap} Heap */
/** @typedef {import('./input.js').Input} Input */

/**
 * What a thread needs to join. It can be cloned: `worker.postMessage(handle)`. It holds the key of the heap's seals, so it is a secret.
 * @typedef {object} SharedHandle
 * @property {number} version of the handle
 * @property {WebAssembly.Memory} memory
 * @property {WebAssembly.Module} heap memory.shared.wasm
 * @property {WebAssembly.Module} program for `load(handle.program, { join: handle })`
 * @property {number} state what all threads share
 * @property {number} key of the heap's seals
 * @property {string} name of the threads' locks
 */

/**
 * @typedef {object} JoinOptions
 * @property {SharedHandle} join
 * @property {number} [stack] bytes of the thread's stack
 * @property {Record<string, Record<string, any>>} [imports]
 * @property {boolean} [checkViews]
 * @property {(heap: Heap) => void} [onHeap]
 * @property {AbortSignal} [signal]
 * @property {(progress: import('./input.js').Progress) => void} [onProgress]
 */

/**
 * What memory.shared.wasm exports beyond the other heaps (include/memory_wasm_shared.h).
 * @typedef {import('../toolkit/exports.js').HeapExports & {
 *   heap_shared_state: () => number, heap_shared_number: () => number, heap_shared_kept: () => number, heap_shared_keep: (block: number) => void,
 *   heap_shared_status: (state: number, heap: number) => number, heap_shared_change: (state: number, heap: number, from: number, to: number) => number,
 * }} SharedExports
 */

const kVersion = 1;
const kStatus = { live: 1, held: 2, ended: 3 };
const kMostThreads = 254;
const kStackBytes = 65536;
/** Bytes under a stack that nobody may write. */
const kGuardBytes = 1024;
const kGuardByte = 0xa5;
/** The name section's list of data segments. */
const kDataNames = 9;

/**
 * Whether threads can share a memory here at all.
 * @param {ThreadCore} core
 * @param {string} name of the program
 */
export function checkHost({ failure }, name) {
  if (/** @type {any} */ (globalThis).crossOriginIsolated === false) throw failure('MemoryKindError isolated', [name]);
}

/**
 * The program for the first thread, and the module for those that join: the same, unless the program was built for one thread.
 * @param {ThreadCore} core
 * @param {Input} program
 * @param {boolean} [makeShared]
 * @returns {Promise<{ program: Input, joining?: Promise<WebAssembly.Module> }>}
 */
export async function prepared(core, program, makeShared) {
  checkHost(core, program.name);
  if (!makeShared) return { program: unlessItWritesData(core, program) };
  const { header, name } = program;
  if (!header) throw core.failure('LinkModeError no-bytes', [name]);
  const { first, joining } = forThreads(await program.bytes(), header);
  const [ofFirst, ofOthers] = await Promise.all([first, joining].map((bytes) => core.open(bytes, { label: name })));
  return { program: ofFirst, joining: Promise.resolve(ofOthers.compile(importingHead(ofOthers))) };
}

/**
 * The program, which is refused when it is compiled and has data that each thread would write into the memory again.
 * @param {ThreadCore} core
 * @param {Input} program
 * @returns {Input}
 */
function unlessItWritesData({ failure }, program) {
  const { head, header, name } = program;
  if (!head || !header) return program;
  const seen = [head];
  const through = (/** @type {Uint8Array} */ chunk) => (seen.push(chunk), chunk);
  const compile = async (/** @type {Uint8Array | undefined} */ start) => {
    const module = await program.compile(start, through);
    if (writesData(concatenate(seen), header))
      throw failure('LinkModeError one-thread', [name, 'its data segments are active: each thread would write them into the memory again']);
    return module;
  };
  return { ...program, compile };
}

/**
 * What the first thread gives out once its program is initialised.
 * @param {ThreadCore} core
 * @param {import('./load.js').Loaded<any, any>} loaded
 * @param {WebAssembly.Module} heapModule
 * @param {number} key
 * @param {WebAssembly.Module} joining
 */
export async function firstThread(core, loaded, heapModule, key, joining) {
  const { heap, memory } = loaded;
  heap.free(heap.malloc(1)); // from now on there is a state
  const state = sharedExports(heap).heap_shared_state() >>> 0;
  if (!state) throw core.failure('OutOfMemoryError shared', [memory.buffer.byteLength / 65536]);
  /** @type {SharedHandle} */
  const handle = { version: kVersion, memory, heap: heapModule, program: joining, state, key, name: `memory.wasm ${uniqueId()}` };
  return { ...loaded, handle, thread: await Thread.begin(core, heap, handle) };
}

/** @param {Heap} heap */
const sharedExports = (heap) => /** @type {SharedExports} */ (heap.exports);

const uniqueId = () => globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

/**
 * Loads the program once more, as one thread more.
 * @param {ThreadCore} core
 * @param {import('./source.js').Source | Promise<import('./source.js').Source>} source
 * @param {JoinOptions} options
 */
export async function join(core, source, { join: handle, stack = kStackBytes, imports = {}, signal, onProgress, ...options }) {
  const { heapMaker, instantiate, open, functionsOf } = core;
  checkHandle(handle);
  checkStack(stack);
  const { memory, key } = handle;
  const opened = await open(source, { label: 'the program', signal, onProgress });
  checkHost(core, opened.name);
  const program = unlessItWritesData(core, opened);
  const module = await program.compile(importingHead(program));
  checkMemory(core, program, module);
  checkProgram(core, module, program.name);
  const { exports: heapExports } = await instantiate(handle.heap, [{ env: { memory } }], 'memory.shared.wasm');
  await attach(core, heapExports, handle);
  const making = heapMaker('memory.shared.wasm', options);
  making.onHeapExports(heapExports, memory);
  making.program.key = key;
  const heap = making.made();
  const thread = await Thread.begin(core, heap, handle);
  const instance = await instantiate(module, [importOf(module, memory), imports, { env: functionsOf(heapExports) }], program.name);
  making.program.exports = instance.exports;
  thread.enter(instance.exports, stack, program.name);
  return { exports: instance.exports, heap, instance, module, memory, link: /** @type {const} */ ('direct'), handle, thread };
}

/** @param {any} handle */
function checkHandle(handle) {
  if (handle?.version === kVersion && handle.memory && handle.heap && handle.state) return;
  throw new TypeError("options.join must be the handle of a program that was loaded with heap: 'shared' (loaded.handle), from the same version of memory.js");
}

/** @param {unknown} stack */
function checkStack(stack) {
  if (typeof stack === 'number' && Number.isInteger(stack) && stack >= 0 && stack < 2 ** 31) return;
  throw new TypeError(`options.stack must be the bytes of the thread's stack, 0 for a program that has none; found ${String(stack)}`);
}

/**
 * A program that defines its memory is made to import it, as the first thread's was.
 * @param {Input} program
 */
const importingHead = ({ head, header }) => (head && header && !header.memories[0]?.import ? importMemory(head, header) : head);

/**
 * @param {WebAssembly.Module} module
 * @param {WebAssembly.Memory} memory
 */
function importOf(module, memory) {
  const entry = WebAssembly.Module.imports(module).find(({ kind }) => kind === 'memory');
  return entry ? { [entry.module]: { [entry.name]: memory } } : {};
}

/**
 * A program that was built for one thread has a memory of its own kind.
 * @param {ThreadCore} core
 * @param {Input} program
 * @param {WebAssembly.Module} module
 */
function checkMemory({ failure }, { header, name }, module) {
  const isShared = header ? header.memories[0]?.shared : WebAssembly.Module.imports(module).some(({ kind }) => kind === 'memory');
  if (!isShared) throw failure('LinkModeError one-thread', [name, header ? 'its memory is not shared' : 'it imports no memory']);
}

/**
 * Joins the heap: first whoever is gone is found, whose heap this thread can have.
 * @param {ThreadCore} core
 * @param {any} exports of this thread's instance of the heap
 * @param {SharedHandle} handle
 */
async function attach({ failure }, exports, handle) {
  const { memory, key, state } = handle;
  exports.heap_protect(key);
  await findEnded(exports, handle);
  if (!exports.heap_attach(state)) throw failure('OutOfMemoryError join', [memory.buffer.byteLength / 65536, kMostThreads]);
}

/** @type {() => LockManager | undefined} */
const locksOfHost = () => globalThis.navigator?.locks;

/**
 * @param {SharedHandle} handle
 * @param {number} number
 */
const lockName = ({ name }, number) => `${name} ${number}`;

/**
 * A thread that held its lock and does so no more is gone.
 * @param {any} exports
 * @param {SharedHandle} handle
 */
async function findEnded(exports, handle) {
  const locks = locksOfHost();
  if (!locks) return;
  for (let number = 1; number <= kMostThreads; number++) {
    if (exports.heap_shared_status(handle.state, number) !== kStatus.held) continue;
    await locks.request(lockName(handle, number), { ifAvailable: true }, (lock) => {
      if (lock) exports.heap_shared_change(handle.state, number, kStatus.held, kStatus.ended);
    });
  }
}

/**
 * What every thread of the program must have of its own.
 * @param {ThreadCore} core
 * @param {WebAssembly.Module} module
 * @param {string} name
 */
export function checkProgram({ failure }, module, name) {
  const exported = new Set(WebAssembly.Module.exports(module).map((entry) => entry.name));
  const missing = ['__wasm_init_tls', '__tls_size', '__tls_align'].filter((symbol) => !exported.has(symbol));
  if (missing.length && hasThreadLocals(module))
    throw failure('LinkModeError thread-locals', [name, missing.join(', '), missing.map((symbol) => `--export=${symbol}`).join(',')]);
}

/**
 * Whether a segment of thread-local data is among the module's, as far as its names are there.
 * @param {WebAssembly.Module} module
 */
function hasThreadLocals(module) {
  const [names] = WebAssembly.Module.customSections(module, 'name');
  const cursor = new Cursor(new Uint8Array(names ?? new ArrayBuffer(0)), 'name');
  while (cursor.at < cursor.bytes.length) {
    const kind = cursor.byte();
    const part = new Cursor(cursor.block(), 'name');
    if (kind !== kDataNames) continue;
    for (let count = part.number(); count > 0; count--) if (part.number() >= 0 && /^\.t(?:data|bss)/.test(part.text())) return true;
  }
  return false;
}

/** A thread of a shared heap. */
export class Thread {
  #core;
  #heap;
  #handle;
  /** Ends the hold of the lock. @type {() => void} */
  #release = () => {};

  /**
   * @internal
   * @param {ThreadCore} core
   * @param {Heap} heap
   * @param {SharedHandle} handle
   */
  constructor(core, heap, handle) {
    this.#core = core;
    this.#heap = heap;
    this.#handle = handle;
    /** The number of its heap: 1 to 254. */
    this.number = sharedExports(heap).heap_shared_number();
    /** Its stack, if it got one from the heap. @type {{ pointer: number, byteLength: number } | undefined} */
    this.stack = undefined;
  }

  /**
   * @internal
   * @param {ThreadCore} core
   * @param {Heap} heap
   * @param {SharedHandle} handle
   */
  static async begin(core, heap, handle) {
    const thread = new Thread(core, heap, handle);
    await thread.#hold();
    return thread;
  }

  async #hold() {
    const locks = locksOfHost();
    if (!locks) return;
    await new Promise((held, failed) => {
      const over = new Promise((resolve) => (this.#release = () => resolve(undefined)));
      locks.request(lockName(this.#handle, this.number), () => (held(undefined), over)).catch(failed);
    });
    sharedExports(this.#heap).heap_shared_change(this.#handle.state, this.number, kStatus.live, kStatus.held);
  }

  /**
   * Gives the program its stack and its thread-local data, in one block. A thread that was stopped left its own: it is freed.
   *
   *     block   | guard | stack ...            <- stack pointer | thread-local data |
   *
   * @internal
   * @param {Record<string, any>} exports
   * @param {number} bytes of the stack
   * @param {string} name of the program
   */
  enter({ [kStackPointer]: pointer, __wasm_init_tls: initialize, __tls_size: tlsSize, __tls_align: tlsAlign }, bytes, name) {
    const heap = this.#heap;
    const { heap_shared_kept: kept, heap_shared_keep: keep, aligned_alloc: allocate } = sharedExports(heap);
    const left = kept() >>> 0;
    keep(0);
    if (left) heap.free(left);
    if (bytes && !(pointer instanceof WebAssembly.Global)) throw this.#core.failure('LinkModeError stack', [name]);
    const ofTls = initialize ? tlsSize.value : 0;
    const align = Math.max(16, ofTls ? tlsAlign.value : 1);
    const ofStack = bytes ? roundUp(kGuardBytes + bytes, align) : 0;
    if (!ofStack && !ofTls) return;
    const block = allocate(align, ofStack + ofTls) >>> 0;
    if (!block) throw this.#core.failure('OutOfMemoryError stack', [name, ofStack + ofTls]);
    keep(block);
    if (ofStack) {
      heap.u8.fill(kGuardByte, block, block + kGuardBytes);
      pointer.value = block + ofStack;
      this.stack = { pointer: block + kGuardBytes, byteLength: ofStack - kGuardBytes };
    }
    if (ofTls) initialize(block + ofStack);
  }

  /** Whether something has been written under the thread's stack: it was too small. */
  get hasOverflowed() {
    const { stack } = this;
    return stack !== undefined && this.#heap.u8.subarray(stack.pointer - kGuardBytes, stack.pointer).some((byte) => byte !== kGuardByte);
  }

  /** Says that this thread is done: the next that joins takes its heap over, with all blocks that are in use. The heap must not be used here any more. */
  leave() {
    const { heap_shared_kept: kept, heap_shared_keep: keep, free } = sharedExports(this.#heap);
    const block = kept() >>> 0;
    keep(0);
    if (block) free(block);
    this.ended(this.number);
    this.#release();
  }

  /**
   * Says that another thread is gone, where the host has no locks: after `worker.terminate()` has ended it. Returns whether it was there.
   * @param {number} number that its `thread.number` was
   */
  ended(number) {
    const { heap_shared_change: change } = sharedExports(this.#heap);
    return [kStatus.live, kStatus.held].some((from) => change(this.#handle.state, number, from, kStatus.ended) === 1);
  }
}

/**
 * @param {number} bytes
 * @param {number} align
 */
const roundUp = (bytes, align) => Math.ceil(bytes / align) * align;
