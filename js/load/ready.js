// What is done with a heap as soon as it is instantiated, before the program's own code runs: it is the right one, it has a key, and the
// caller may have it.

import { failure } from '../errors.js';
import { functionsIn } from '../wasm/functions-in.js';
import { A_FUNCTION } from '../wasm/sections.js';
import { Heap } from '../toolkit/heap.js';
import { inWords, kNeeded, kVersion, suits } from './interface.js';

/**
 * Before anything is linked: a file that is no heap would fail by what it imports, or the program's imports would, which leads nowhere.
 * @param {import('./input.js').Input} heap
 */
export function checkFile(heap) {
  // Without a header it came compiled.
  const functions = heap.header ? functionsOf(heap.header) : functionsIn(/** @type {WebAssembly.Module} */ (heap.compile()));
  checkNames(functions, heap.name, kNeeded);
}

/** @param {import('../wasm/header.js').Header} header */
const functionsOf = ({ exports }) => new Set(exports.filter(({ kind }) => kind === A_FUNCTION).map(({ name }) => name));

/**
 * @param {Set<string>} offered functions
 * @param {string} name of the file
 * @param {string[]} needed
 */
function checkNames(offered, name, needed) {
  const missing = needed.filter((wanted) => !offered.has(wanted));
  if (missing.length) throw failure('WrongHeapError', [name, `does not export ${missing.join(', ')}`]);
}

/**
 * @param {Record<string, any>} exports of the heap
 * @param {string} name of its file
 * @param {string[]} needed
 */
function checkHeap(exports, name, needed) {
  checkNames(new Set(Object.keys(exports).filter((wanted) => typeof exports[wanted] === 'function')), name, needed);
  checkVersion(exports, name);
}

/**
 * @param {Record<string, any>} exports of the heap
 * @param {string} name of its file
 */
function checkVersion(exports, name) {
  const version = exports.heap_version();
  if (!suits(version)) throw failure('WrongHeapError version', [name, inWords(version), inWords(kVersion)]);
}

/**
 * A key for the heap's seals that no program can guess. A host without `crypto`, like an AudioWorklet, has none: then it is 0.
 * @returns {number}
 */
const newKey = () => globalThis.crypto?.getRandomValues?.(new Uint32Array(1))[0] ?? 0;

/**
 * @param {Record<string, any>} exports of the heap
 * @returns {number} the key that the heap has from now on
 */
function protect(exports) {
  const key = newKey();
  return key && exports.heap_protect?.(key | 0) ? key : 0;
}

/**
 * @param {string} name of the heap's file
 * @param {{ checkViews?: boolean, onHeap?: (heap: Heap) => void, debug?: any }} options
 * @param {new (memory: WebAssembly.Memory, exports: WebAssembly.Exports, program: import('../toolkit/heap.js').Program, options: any) => Heap} [DebugHeap]
 */
export function heapMaker(name, { checkViews, onHeap, debug }, DebugHeap) {
  /** @type {Heap | undefined} */
  let heap;
  /** What the heap knows of the program; its exports come when it is there. @type {import('../toolkit/heap.js').Program} */
  const program = { checkViews };
  /** @type {import('./link.js').Parts['onHeapExports']} */
  function make(exports, memory, maximum) {
    program.maximum = maximum;
    program.key = protect(exports);
    heap = DebugHeap ? new DebugHeap(memory, exports, program, debug) : new Heap(memory, exports, program);
    onHeap?.(heap);
  }
  return {
    program,
    /** @type {import('./link.js').Parts['onHeapExports']} */
    onHeapExports(exports, ...rest) {
      checkHeap(exports, name, [...kNeeded, ...(DebugHeap ? ['heap_debug_finding'] : [])]);
      make(exports, ...rest);
    },
    /** Of a program that brings its heap, which exports what it likes of it. @type {import('./link.js').Parts['onHeapExports']} */
    onOwnExports(exports, ...rest) {
      if (exports.heap_version) checkVersion(exports, name);
      make(exports, ...rest);
    },
    made: () => /** @type {Heap} */ (heap),
  };
}
