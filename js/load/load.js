// load: a program and its heap, fetched side by side, linked, and handed over.

import { checkCore, core, debugCore, threadCore } from '../core.js';
import { MemoryWasmError, failure } from '../errors.js';
import { kFeatures } from '../features.js';
import { checkOptions, kObject } from '../options.js';
import { remember } from '../toolkit/heap-of.js';
import { checkTypes } from './check-types.js';
import { open } from './input.js';
import { given, initialize, instantiate } from './instantiate.js';
import { linkDirect } from './link-direct.js';
import { linkMerge, loadMerger } from './link-merge.js';
import { bringsHeap, checkOwn, linkOwn } from './link-own.js';
import { linkTrampoline } from './link-trampoline.js';
import { checkLoadOptions, heapSource } from './options.js';
import { allocatesFromHeap, checkKinds, giveSpareMemory, servesShared } from './program-memory.js';
import { checkFile, heapMaker } from './ready.js';
import { waiting } from './steps.js';
import { together } from './together.js';
import { badlyLinked, mayBeWrapped, warn } from './warnings.js';
import { watcher } from './watcher.js';

/**
 * @typedef {import('../toolkit/heap.js').Heap} Heap
 * @typedef {import('./input.js').Input} Input
 * @typedef {import('./link.js').Linker} Linker
 * @typedef {import('./link.js').Parts} Parts
 * @typedef {import('./source.js').Source} Source
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
 * @property {false | import('../debug/debug-heap.js').DebugOptions} [debug] options of the debug heap, which they choose if `heap` names no file
 * @property {boolean} [checkViews] every view and string is checked against the blocks in use: reading what was freed throws RangeError. Slow.
 * @property {(heap: Heap) => void} [onHeap] called with the heap before the program's own code runs, so that imports can use it during `_initialize`. With
 *   link 'table' and 'trampoline' a start function has run before
 * @property {boolean | import('../check/index.js').CheckOptions} [check] every access of the program to memory is checked, before it happens; with the debug heap, unless `heap` says
 *   otherwise
 * @property {import('./threads.js').SharedHandle} [join] the handle of a program that another thread has loaded with heap 'shared': this thread joins it. Its data is not
 *   initialised again, and `_initialize` not called
 * @property {number} [stack] with `join`: bytes of the thread's stack (default: 65,536), which it gets from the heap; 0 for a program without one
 * @property {boolean} [makeShared] with heap 'shared', experimental: the program was built for one thread. Its memory is made shared, and `handle.program` is made
 *   for threads that join; static variables are one for all of them
 * @property {import('./warnings.js').OnWarning} [onWarning] called for each thing that is wrong with how the program was linked, before its own code runs; without
 *   it, console.warn says it
 * @property {boolean | import('../adopt/link.js').AdoptChoices} [adopt] the heap takes the place of the malloc that is inside the program; an object: what
 *   is known of that malloc
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
 * @property {Exclude<LinkMode, 'auto'> | 'own'} link the mode that was used; 'own': the program brought its heap (-lmemory, or merged before), and nothing was linked
 * @property {import('./threads.js').SharedHandle} [handle] with heap 'shared' and `join`: what other threads join by
 * @property {import('./threads.js').Thread} [thread] with heap 'shared' and `join`: this thread
 * @property {import('../check/index.js').Checked} [check] with `check`: what is checked, and what was found
 */

/** The link modes, each with what loads its file if it is not in memory.js. @type {Record<Exclude<LinkMode, 'auto'>, () => Linker | Promise<Linker>>} */
const kLinkers = {
  merge: async () => {
    const merging = await loadMerger();
    return (parts) => linkMerge(merging, parts);
  },
  direct: () => linkDirect,
  table: async () => {
    const { linkTable } = await kFeatures.table();
    return (parts) => linkTable(core, parts);
  },
  trampoline: () => linkTrampoline,
};

/**
 * Loads a program with every access to memory checked.
 * @template {Record<string, any>} [Exports=Record<string, any>]
 * @overload
 * @param {Source | Promise<Source>} program
 * @param {LoadOptions & { check: true | import('../check/index.js').CheckOptions }} options
 * @returns {Promise<Loaded<Exports> & { check: import('../check/index.js').Checked }>}
 */
/**
 * Loads a program and gives it the debug heap.
 * @template {Record<string, any>} [Exports=Record<string, any>]
 * @overload
 * @param {Source | Promise<Source>} program
 * @param {LoadOptions & { heap: 'debug' }} options
 * @returns {Promise<Loaded<Exports, import('../debug/debug-heap.js').DebugHeap>>}
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
  // Whatever is wrong with an option: promises that the caller has begun don't end the process.
  for (const promise of [program, options?.heap]) Promise.resolve(promise).catch(() => {});
  checkLoadOptions(options);
  if (options.join) return joined(program, /** @type {any} */ (options));
  const asked = askFeatures(options);
  const { linked, making, allocates, finish } = await together(options.signal, (signal) => linkAll(openBoth(program, options, asked, signal), options, asked));
  if (asked.debugging) watcher()?.heap(making.made(), typeof program === 'string' || program instanceof URL ? String(program) : undefined);
  const loaded = handOver(linked, making, allocates);
  return finish ? finish(loaded) : loaded;
}

/** @typedef {{ linked: import('./link.js').Linked, making: ReturnType<typeof heapMaker>, allocates: boolean, finish?: (loaded: Loaded<any, any>) => Promise<Loaded<any, any>> }} LinkedHeap */

/**
 * Asks for the files of what the options want, so that they come while the program does.
 * @param {LoadOptions} options
 */
function askFeatures(options) {
  const watching = options.heap === undefined ? watcher() : undefined;
  const checking = options.check ? quietly(asked(kFeatures.check, 'check', options)) : undefined;
  const wantsDebug = options.debug || options.heap === 'debug' || watching || (checking && options.heap === undefined);
  return {
    watching,
    checking,
    debugging: wantsDebug ? quietly(asked(kFeatures.debug, 'debug', options)) : undefined,
    hashes: quietly(hashesOf(options.integrity)),
  };
}

/** @typedef {ReturnType<typeof askFeatures>} Asked */

/**
 * A feature's file, which knows what its option may hold.
 * @template {{ kOptions: import('../options.js').Kinds }} T
 * @param {() => Promise<T>} feature
 * @param {'adopt' | 'check' | 'debug'} name of the option
 * @param {LoadOptions} options
 */
async function asked(feature, name, options) {
  const file = await feature();
  if (kObject[1](options[name])) checkOptions(options[name], file.kOptions, `options.${name}`);
  return file;
}

/**
 * Program and heap on their way. Failures are reported where they are waited for.
 * @param {Source | Promise<Source>} program
 * @param {LoadOptions} options
 * @param {Asked} asked
 * @param {AbortSignal | undefined} signal
 */
function openBoth(program, { heap, onProgress }, { debugging, hashes }, signal) {
  const heapFile = heapSource(heap ?? (debugging && 'debug'));
  const openHeap = async () => {
    const opened = await open(heapFile(), { label: 'the heap', signal, onProgress, integrity: (await hashes).heap });
    return debugging ? (await debugging).debugInput(failure, opened) : opened;
  };
  const openProgram = async () => open(program, { label: 'the program', signal, onProgress, integrity: (await hashes).program });
  return { heapOpened: quietly(openHeap()), programOpened: quietly(openProgram()) };
}

/**
 * @param {ReturnType<typeof openBoth>} files
 * @param {LoadOptions} options
 * @param {Asked} asked
 * @returns {Promise<LinkedHeap>}
 */
async function linkAll({ heapOpened, programOpened }, options, asked) {
  const { imports = {}, link = 'auto' } = options;
  // A wrong option is reported before what is wrong with a file, or with this host.
  if (options.check || options.debug) await Promise.all([asked.checking, asked.debugging]);
  // A heap that was asked for must be there, whatever the program brings.
  const program = await (options.heap === undefined ? programOpened : Promise.race([programOpened, heapOpened.then(() => programOpened)]));
  if (bringsHeap(program, program.header ? undefined : await program.compile())) return linkWithOwnHeap(program, options);
  // The merger comes while the heap does. If it can't be loaded, the linker says so.
  if (link === 'merge' || (link === 'auto' && !asked.debugging && wantsHeap(program, imports))) loadMerger().catch(() => {});
  const heap = await heapOpened;
  checkFile(heap);
  if (servesShared(heap)) return loadFirst(program, heap, options);
  if (options.makeShared) throw new TypeError(`options.makeShared is for heap 'shared'; found ${heap.name}`);
  checkKinds(program, heap);
  checkTypes(program, heap, imports);
  return linkBoth(program, heap, options, asked);
}

/**
 * @param {Input} program
 * @param {LoadOptions} options
 * @returns {Promise<LinkedHeap>}
 */
async function linkWithOwnHeap(program, options) {
  checkOwn(options, program.name);
  const making = heapMaker(program.name, options);
  const linked = await waiting(linkOwn({ program, imports: options.imports ?? {}, instantiate, onHeapExports: making.onOwnExports }));
  return { linked, making, allocates: false };
}

/**
 * @param {Input} program
 * @param {Input} heap
 * @param {LoadOptions} options
 * @param {Asked} asked
 * @returns {Promise<LinkedHeap>}
 */
async function linkBoth(program, heap, options, { watching, checking, debugging }) {
  const { adopt, imports = {}, link = 'auto' } = options;
  const suspect = mayBeWrapped(program) ? await program.bytes() : undefined;
  const ofHeap = { ...(watching && { debug: { onError: /** @type {const} */ ('report') } }), ...options };
  const making = heapMaker(heap.name, ofHeap, debugging && (await debugging).debugHeapClass(debugCore));
  const parts = { program, heap, imports, instantiate, onHeapExports: making.onHeapExports };
  const checkedParts =
    checking &&
    (async (/** @type {Parts} */ of, /** @type {Set<number>} */ allowed = new Set()) =>
      (await checking).checkedParts(checkCore, of, { made: making.made, allowed }, await kFeatures.debug(), options));
  const linker = await (adopt ? adopting(options, checkedParts) : link === 'auto' ? choose(program, heap, imports, debugging ?? checking) : kLinkers[link]());
  const checked = adopt ? undefined : await checkedParts?.(parts);
  const linked = await waiting(linker(checked?.parts ?? parts));
  const allocates = allocatesFromHeap(program, linked.module, imports);
  // A malloc that was adopted is the heap's.
  const found = badlyLinked(program, linked, making.made().memory, allocates).filter(([id]) => !(adopt && id === 'own-malloc'));
  if (found.length || suspect) await warn(found, program, suspect, options.onWarning);
  return { linked: { ...linked, ...(checked && { check: checked.checker.check }) }, making, allocates };
}

/**
 * A program over a memory that other threads can join.
 * @param {Input} ours
 * @param {Input} heap
 * @param {LoadOptions} options
 */
async function loadFirst(ours, heap, { link = 'auto', imports = {}, makeShared, ...options }) {
  if (!['auto', 'direct'].includes(link)) throw new TypeError(`options.link and heap 'shared' go together only as 'direct'; found '${link}'`);
  const threads = await kFeatures.threads();
  const { program, joining } = await threads.prepared(threadCore, ours, makeShared);
  checkKinds(program, heap);
  checkTypes(program, heap, imports);
  const making = heapMaker(heap.name, options);
  const heapModule = quietly(Promise.resolve(heap.compile()));
  const parts = { program, heap: { ...heap, compile: () => heapModule }, imports, instantiate, onHeapExports: making.onHeapExports };
  const linked = await waiting(linkDirect(parts));
  threads.checkProgram(threadCore, linked.module, program.name);
  const finish = async (/** @type {Loaded<any, any>} */ loaded) =>
    threads.firstThread(threadCore, loaded, await heapModule, making.program.key ?? 0, (await joining) ?? loaded.module);
  return { linked, making, allocates: allocatesFromHeap(program, linked.module, imports), finish };
}

/**
 * @param {Source | Promise<Source>} program
 * @param {import('./threads.js').JoinOptions} options
 */
async function joined(program, options) {
  return (await kFeatures.threads()).join(threadCore, program, options);
}

/**
 * @param {import('./link.js').Linked} linked
 * @param {ReturnType<typeof heapMaker>} making
 * @param {boolean} allocates whether the program allocates from the heap
 * @returns {Loaded<any, any>}
 */
export function handOver({ exports, end, ...rest }, making, allocates) {
  const heap = making.made();
  making.program.exports = exports;
  remember(heap, exports, rest.instance.exports);
  if (allocates) giveSpareMemory(heap, exports, end);
  initialize(exports);
  return { exports, heap, memory: heap.memory, ...rest };
}

/**
 * @param {Input} program
 * @param {Input} heap
 * @param {import('./instantiate.js').Imports} imports of the caller
 * @param {unknown} debugging the debug heap, or checks: linked directly, so that every engine can have them and stacks show every call
 * @returns {Linker | Promise<Linker>}
 */
function choose(program, heap, imports, debugging) {
  if (!program.header) return linkTrampoline;
  if (!debugging && wantsHeap(program, imports) && heap.header) return mergeOrDirect();
  return canBeDirect(program.header) ? linkDirect : linkTrampoline;
}

/**
 * Only the first memory of a program can be made an import. Where the heap's is another, and the program calls nothing of the heap, trampolines cost
 * nothing.
 * @param {import('../wasm/header.js').Header} header
 */
const canBeDirect = ({ memories, heapMemory = 0 }) => heapMemory === 0 || memories[heapMemory].import !== undefined;

/** @returns {Promise<Linker>} */
async function mergeOrDirect() {
  try {
    const merging = await loadMerger();
    return (parts) => linkMerge(merging, parts, true);
  } catch (error) {
    if (!(error instanceof MemoryWasmError)) throw error;
    return linkDirect;
  }
}

/**
 * The heap takes the place of the malloc inside the program.
 * @param {LoadOptions} options
 * @param {((parts: Parts, allowed: Set<number>) => Promise<import('../check/index.js').CheckedParts>)} [checkedParts]
 * @returns {Promise<Linker>}
 */
async function adopting(options, checkedParts) {
  const { linkAdopted } = await asked(kFeatures.adopt, 'adopt', options);
  return (parts) => linkAdopted(core, parts, typeof options.adopt === 'object' ? options.adopt : {}, checkedParts);
}

/**
 * A failure is reported where the promise is waited for.
 * @template T
 * @param {Promise<T>} promise
 */
function quietly(promise) {
  promise.catch(() => {});
  return promise;
}

/**
 * The hashes that the files must have.
 * @param {LoadOptions['integrity']} integrity
 * @returns {Promise<{ program?: string, heap?: string }>}
 */
const hashesOf = async (integrity) => (integrity === undefined ? {} : (await kFeatures.integrity()).hashesOf(integrity));

/**
 * Whether the program imports functions that may be the heap's.
 * @param {Input} program
 * @param {import('./instantiate.js').Imports} imports of the caller
 */
const wantsHeap = ({ header }, imports) =>
  header?.imports.some((entry) => entry.module === 'env' && entry.type !== undefined && given(imports, entry) === undefined);
