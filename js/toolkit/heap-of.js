// The toolkit for a program that is there already: linked statically (-lmemory), merged offline, or wired by hand.

import { MemoryWasmError, shown } from '../errors.js';
import { checkOptions, kAnything } from '../options.js';
import { apart } from '../wasm/prefix.js';
import { Heap } from './heap.js';

/**
 * @typedef {object} HeapOfOptions
 * @property {WebAssembly.Memory} [memory] the memory that the heap lives in, if the exports don't have it
 * @property {WebAssembly.Instance | WebAssembly.Exports} [program] the program, if the exports are those of memory.wasm alone: its globals go into snapshots, its
 *   table has the callbacks
 */

/** @type {import('../options.js').Kinds} */
const kOptions = { memory: ['a WebAssembly.Memory', isMemory], program: kAnything };

/** Of any realm: that of a frame is no instance of this one's class. @param {any} value */
function isMemory(value) {
  return value?.[Symbol.toStringTag] === 'WebAssembly.Memory';
}

/** @type {WeakMap<object, Heap>} */
const kHeaps = /* @__PURE__ */ new WeakMap();

/**
 * The heap of a program that was linked statically, merged offline, or wired by hand: `heapOf(instance)`. It uses the functions that are exported: malloc and free at
 * least; the others, and what heap_* functions are for, if they are there. The same exports give the same heap.
 * @param {WebAssembly.Instance | WebAssembly.Exports} source an instance, or its exports
 * @param {HeapOfOptions} [options]
 * @returns {Heap}
 */
export function heapOf(source, options = {}) {
  checkOptions(options, kOptions, 'heapOf', 'options');
  const { memory, program } = options;
  const exports = exportsOf(source, 'heapOf: the program');
  const known = kHeaps.get(exports);
  if (known) return known;
  const functions = heapFunctionsOf(exports) ?? exports;
  const missing = ['malloc', 'free'].filter((name) => typeof functions[name] !== 'function');
  if (missing.length) {
    throw new MemoryWasmError(
      'WrongHeapError',
      `the exports have no ${missing.join(' and no ')}. Link the program with ${missing.map((name) => `-Wl,--export=${name}`).join(' ')}, or pass the exports of memory.wasm.`,
    );
  }
  const heap = new Heap(memory ?? memoryOf(functions) ?? memoryOf(exports) ?? noMemory(), functions, {
    exports: program ? exportsOf(program, 'options.program') : exports,
  });
  kHeaps.set(exports, heap);
  return heap;
}

/**
 * From now on `heapOf` knows the heap of a program that was loaded.
 * @param {Heap} heap
 * @param {WebAssembly.Exports[]} sources exports of the program, or parts of them
 */
export function remember(heap, ...sources) {
  for (const exports of sources) kHeaps.set(exports, heap);
}

/**
 * The functions of a heap of ours among a program's exports: behind the prefix that merging gives them, or under their own names.
 * @param {Record<string, any>} exports
 * @returns {Record<string, any> | undefined} undefined if the program has no heap of ours, whatever its malloc is
 */
export function heapFunctionsOf(exports) {
  return [apart(exports).heap, exports].find(({ malloc, heap_state: state }) => typeof malloc === 'function' && typeof state === 'function');
}

/**
 * @param {any} source
 * @param {string} name
 * @returns {Record<string, any>}
 */
function exportsOf(source, name) {
  if (typeof source !== 'object' || source === null) throw new TypeError(`${name} must be an instance or its exports; found ${shown(source)}`);
  return Object.prototype.toString.call(source) === '[object WebAssembly.Instance]' ? source.exports : source;
}

/** @param {Record<string, any>} exports */
function memoryOf(exports) {
  // Not the one that a heap has for itself.
  const all = Object.entries(exports).filter(([name, value]) => isMemory(value) && !/^heap_\w+_memory$/.test(name));
  return isMemory(exports.memory) ? exports.memory : all.length === 1 ? all[0][1] : undefined;
}

/** @returns {never} */
function noMemory() {
  throw new MemoryWasmError(
    'NoMemoryError',
    'the exports have no memory, or several of other names. Pass the one that the heap lives in: heapOf(exports, { memory }).',
  );
}
