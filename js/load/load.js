// load: a program and its heap, fetched side by side, linked, and handed over.

import { core } from '../extras/core.js';
import { failure, loadLater, needMore } from './later.js';
import { Heap } from '../toolkit/heap.js';
import { open } from './input.js';
import { initialize } from './instantiate.js';
import { linkDirect } from './link-direct.js';
import { linkMerge } from './link-merge.js';
import { addFeature, checkOptions, heapSource } from './options.js';
import { addToTable, asTableEntry } from '../toolkit/table.js';
import { MemoryWasmError } from '../errors.js';
import { checkKinds } from './program-memory.js';

/** @typedef {import('./link-direct.js').Parts} Parts */
/** @typedef {import('../debug/debug-heap.js').DebugHeap} DebugHeap */

addFeature('debug', { combines: ['heap', 'imports', 'link', 'integrity', 'checkViews', 'onHeap', 'onProgress', 'signal', 'check', 'adopt'] });

const kLinkers = {
  merge: async (/** @type {Parts} */ parts) => linkMerge(await loadMerger(), parts),
  direct: linkDirect,
  table: async (/** @type {Parts} */ parts) => (await needMore()).linkTable(core, parts),
  trampoline: async (/** @type {Parts} */ parts) => (await needMore()).linkTrampoline(core, parts),
};

/**
 * @typedef {import('./input.js').Source} Source
 * @typedef {'auto' | 'merge' | 'direct' | 'table' | 'trampoline'} LinkMode
 *
 * @typedef {object} LoadOptions
 * @property {import('../heaps.js').HeapName | Source | Promise<Source>} [heap] a word for a heap that ships ('release', the default, is memory.wasm beside
 *   memory.js), or another file
 * @property {Record<string, Record<string, any>>} [imports] what else the program imports, by module and name. It goes before
 *   what the heap offers; a memory found here is used instead of a new one.
 * @property {LinkMode} [link] how the program reaches malloc. 'merge': program and heap become one module, so that malloc is inlined;
 *   'direct': wasm calls wasm; 'table' and 'trampoline': by functions of wasm or of JavaScript that are bound after the program is instantiated; 'auto' (default):
 *   'merge' for a program that imports functions of the heap, 'trampoline' for a compiled Module, else 'direct'
 * @property {string | { program?: string, heap?: string }} [integrity] Subresource Integrity, like 'sha384-...', of the program or of either file:
 *   a file that doesn't match is refused. It then compiles only after it has arrived whole.
 * @property {boolean} [checkViews] every view and string is checked against the blocks that are handed out: reading what was freed throws RangeError. Slow.
 * @property {import('../debug/debug-heap.js').DebugOptions} [debug] options of the debug heap, which they choose if `heap` names no file
 * @property {(heap: Heap) => void} [onHeap] called with the heap before the program's own code runs, so that imports can use it during `_initialize`
 * @property {(progress: import('./input.js').Progress) => void} [onProgress] called for every chunk of either file that arrives
 * @property {AbortSignal} [signal] aborts the loading; the promise then rejects with the signal's reason
 */

/**
 * @template {Record<string, any>} [Exports=Record<string, any>]
 * @template {Heap} [H=Heap]
 * @typedef {object} Loaded
 * @property {import('../toolkit/exports.js').Callable<Exports>} exports of the program, as they are. Pointers they return are signed: use `pointer >>> 0`.
 * @property {H} heap
 * @property {WebAssembly.Instance} instance of the program
 * @property {WebAssembly.Module} module of the program, as it was compiled
 * @property {WebAssembly.Memory} memory that program and heap share
 * @property {Exclude<LinkMode, 'auto'>} link the mode that was used
 */

/**
 * Loads a program and gives it the debug heap.
 * @template {Record<string, any>} [Exports=Record<string, any>]
 * @overload
 * @param {Source | Promise<Source>} program
 * @param {LoadOptions & { heap: 'debug' }} options
 * @returns {Promise<Loaded<Exports, DebugHeap>>}
 */
/**
 * Loads a program and gives it a heap. Both files are fetched and compiled at the same time; `_initialize` is called once, at the end.
 * @template {Record<string, any>} [Exports=Record<string, any>]
 * @overload
 * @param {Source | Promise<Source>} program a URL (relative: to the page or the working directory), a Response, bytes, a
 *   compiled module, or a promise of one
 * @param {LoadOptions} [options]
 * @returns {Promise<Loaded<Exports>>}
 * @throws {import('../errors.js').MemoryWasmError} for everything that is wrong with the files; TypeError for a wrong argument
 */
/**
 * @param {Source | Promise<Source>} program
 * @param {LoadOptions} [options]
 * @returns {Promise<Loaded<any, any>>}
 */
export async function load(program, options = {}) {
  checkOptions(options);
  const { imports = {}, link = 'auto', integrity, checkViews, onHeap, onProgress, signal } = options;
  const debugging = options.debug || options.heap === 'debug' ? loadDebugging() : undefined;
  const heapFile = heapSource(options.heap ?? (debugging && 'debug'));
  const expected = typeof integrity === 'string' ? { program: integrity } : integrity;
  const linked = await together(signal, async (signal) => {
    const parts = await Promise.all([
      open(program, { label: 'the program', signal, onProgress, integrity: expected?.program }).then((program) => {
        // The merger comes while the heap does. If it can't be had, the linker says so.
        if (link === 'merge' || (link === 'auto' && !debugging && wantsHeap(program, imports))) loadMerger().catch(() => {});
        return program;
      }),
      open(heapFile, { label: 'the heap', signal, onProgress, integrity: expected?.heap }).then(async (heap) => (debugging ? (await debugging).debugInput({ explained: failure }, heap) : heap)),
    ]);
    await checkKinds(...parts);
    const linker = link === 'auto' ? choose(...parts, imports, debugging) : kLinkers[link];
    return linker({ program: parts[0], heap: parts[1], imports });
  });
  const missing = ['malloc', 'free', 'calloc', 'realloc', 'heap_add_region', 'heap_footprint', ...(debugging ? ['heap_debug_finding'] : [])].filter((name) => !linked.heapExports[name]);
  if (missing.length) throw await failure('WrongHeapError', ['the module loaded as the heap', `does not export ${missing.join(', ')}`]);
  const { heapExports, initialBytes, maximum, exports = linked.instance.exports, ...result } = linked;
  const facts = { exports, maximum, checkViews };
  const heap = debugging ? new (debugHeap(await debugging))(result.memory, heapExports, facts, options.debug) : new Heap(result.memory, heapExports, facts);
  giveSpareMemory(heap, result.instance, initialBytes);
  onHeap?.(heap);
  initialize(result.instance);
  return { exports, heap, ...result };
}

/**
 * @param {import('./input.js').Input} program
 * @param {import('./input.js').Input} heap
 * @param {import('./instantiate.js').Imports} imports of the caller
 * @param {unknown} debugging the debug heap: linked directly, so that every engine can have it and stacks show every call
 */
function choose(program, heap, imports, debugging) {
  if (!program.header) return kLinkers.trampoline;
  if (debugging) return linkDirect;
  return wantsHeap(program, imports) && heap.header ? linkMergeOrDirect : linkDirect;
}

/**
 * Links directly if the merger isn't there.
 * @param {Parts} parts
 */
async function linkMergeOrDirect(parts) {
  const merger = await loadMerger().catch(() => undefined);
  return merger ? linkMerge(merger, parts, true) : linkDirect(parts);
}

/** The merger, fetched once. */
const loadMerger = () =>
  loadLater('MergeError', 'memory.merge.js', async () => {
    const merging = await import('../merge/index.js');
    if (!merging.merger) throw 'it has no merger'; // cut short, or empty
    return merging;
  });

/** The debug heap's part in JavaScript, fetched once. */
const loadDebugging = () => loadLater('FetchError', 'memory.debug.js', () => import('../debug/index.js'));

/** @param {typeof import('../debug/index.js')} debugging */
const debugHeap = ({ debugHeapClass }) =>
  debugHeapClass({ Heap, MemoryWasmError, asCallback: (table, callback) => addToTable(table, asTableEntry(callback)) });

/**
 * Whether the program imports functions that may be the heap's.
 * @param {import('./input.js').Input} program
 * @param {import('./instantiate.js').Imports} imports of the caller
 */
const wantsHeap = ({ header }, imports) =>
  header?.imports.some(({ module, name, type }) => module === 'env' && type !== undefined && imports.env?.[name] === undefined);

/**
 * Runs `work` with a signal that also stops what is still under way when a part of it has failed. Rejects as soon as the caller aborts.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {(signal: AbortSignal) => Promise<T>} work
 */
async function together(signal, work) {
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  try {
    either.throwIfAborted();
    // Not everything that `work` waits for can be stopped: a promise of the caller's, an import.
    return await Promise.race([work(either), new Promise((_, reject) => either.addEventListener('abort', () => reject(either.reason)))]);
  } finally {
    stop.abort();
  }
}

/**
 * The memory behind the program's data and stack, up to where the memory ended when the program began, is the heap's.
 * @param {Heap} heap
 * @param {WebAssembly.Instance} instance
 * @param {number} end
 */
function giveSpareMemory(heap, { exports: { __heap_base: base } }, end) {
  if (!(base instanceof WebAssembly.Global)) return;
  const start = base.value >>> 0;
  if (start < end) heap.addRegion(start, end - start);
}
