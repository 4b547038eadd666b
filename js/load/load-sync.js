// loadSync: for workers and tests, which have the bytes of both files and may block.

import { checkTypes } from './check-types.js';
import { checkMagic, invalidModule, SectionWalk } from './form.js';
import { MemoryWasmError } from '../errors.js';
import { kAnything, oneOf } from '../options.js';
import { readHeader } from '../wasm/header.js';
import { concatenate } from '../wasm/bytes.js';
import { compiled } from './input.js';
import { instantiateSync } from './instantiate.js';
import { linkDirect } from './link-direct.js';
import { linkTrampoline } from './link-trampoline.js';
import { bringsHeap, checkOwn, linkOwn } from './link-own.js';
import { handOver } from './load.js';
import { checkLoadOptions, kOptions } from './options.js';
import { allocatesFromHeap, checkKinds } from './program-memory.js';
import { checkFile, heapMaker } from './ready.js';
import { bytesOrModule } from './source.js';
import { atOnce } from './steps.js';
import { badlyLinked, mayBeWrapped, warn } from './warnings.js';

/**
 * @typedef {ArrayBuffer | ArrayBufferView | WebAssembly.Module} SyncSource
 *
 * @typedef {object} LoadSyncOptions
 * @property {SyncSource} [heap] memory.wasm, as bytes or compiled; a program that brings its heap needs none
 * @property {Record<string, Record<string, any>>} [imports] what else the program imports
 * @property {'direct' | 'trampoline'} [link] default: 'direct' for bytes, 'trampoline' for a compiled module
 * @property {boolean} [checkViews] as for `load`
 * @property {(heap: import('../toolkit/heap.js').Heap) => void} [onHeap] as for `load`
 * @property {import('./warnings.js').OnWarning} [onWarning] as for `load`, but called after loadSync has returned
 */

const kLinkers = { direct: linkDirect, trampoline: linkTrampoline };
const { imports, checkViews, onHeap, onWarning } = kOptions;
/** @type {import('../options.js').Kinds} */
const kSyncOptions = { heap: kAnything, imports, link: oneOf(Object.keys(kLinkers)), checkViews, onHeap, onWarning };

/**
 * `load` without waiting. A page may compile only small modules like this; workers and Node any.
 * @template {Record<string, any>} [Exports=Record<string, any>]
 * @param {SyncSource} program
 * @param {LoadSyncOptions} [options]
 * @returns {import('./load.js').Loaded<Exports>}
 */
export function loadSync(program, options = {}) {
  checkLoadOptions(options, kSyncOptions, 'loadSync');
  const { imports = {} } = options;
  const ours = inputOf(program, 'the program');
  const parts = { program: ours, imports, instantiate: instantiateSync };
  if (bringsHeap(ours, ours.header ? undefined : /** @type {WebAssembly.Module} */ (ours.compile()))) {
    checkOwn(options, ours.name);
    const making = heapMaker(ours.name, options);
    return handOver(atOnce(linkOwn({ ...parts, onHeapExports: making.onOwnExports })), making, false);
  }
  if (options.heap === undefined) throw new TypeError(`${ours.name} brings no heap: pass memory.wasm, as bytes or compiled, in options.heap`);
  const heap = inputOf(options.heap, 'the heap');
  checkFile(heap);
  checkKinds(ours, heap);
  checkTypes(ours, heap, imports);
  const making = heapMaker(heap.name, options);
  const linker = kLinkers[options.link ?? (ours.header ? 'direct' : 'trampoline')];
  const linked = atOnce(linker({ ...parts, heap, onHeapExports: making.onHeapExports }));
  const allocates = allocatesFromHeap(ours, linked.module, imports);
  const found = badlyLinked(ours, linked, making.made().memory, allocates);
  const suspect = mayBeWrapped(ours) ? ours.head : undefined;
  if (found.length || suspect) warn(found, ours, suspect, options.onWarning).catch(console.warn);
  return handOver(linked, making, allocates);
}

const kSources = "bytes or a WebAssembly.Module, since loadSync can't wait for a file: read or fetch it before, or use load";

/**
 * @param {SyncSource} source
 * @param {string} label
 * @returns {import('./input.js').Input}
 */
function inputOf(source, label) {
  const { bytes, module, name } = bytesOrModule(source, label, kSources);
  if (module) return compiled(name, module);
  const all = /** @type {Uint8Array} */ (bytes);
  checkMagic(all, name);
  const attempt = (/** @type {() => any} */ work) => {
    try {
      return work();
    } catch (error) {
      if (error instanceof MemoryWasmError) throw error;
      const walk = new SectionWalk();
      walk.follow(all);
      throw invalidModule(name, error, all.length, walk, all);
    }
  };
  return {
    name,
    head: all,
    header: attempt(() => readHeader(all, true)),
    bytes: async () => all,
    compile: (head = all) => attempt(() => new WebAssembly.Module(/** @type {BufferSource} */ (concatenate([head])))),
  };
}
