// A program that brings its heap: linked statically (-lmemory), or merged with memory.wasm before. There is nothing to link, and a second
// heap beside it would be of no use: what the program allocates could not be freed by it, nor the other way round.

import { failure } from '../errors.js';
import { heapFunctionsOf } from '../toolkit/heap-of.js';
import { apart } from '../wasm/prefix.js';
import { A_FUNCTION } from '../wasm/sections.js';
import { instantiateFirst } from './late-bound.js';
import { isWord } from './options.js';

/** @typedef {import('./input.js').Input} Input */

/**
 * Whether the program brings a heap of ours. One that imports malloc, and may pass it on, does not.
 * @param {Input} program
 * @param {WebAssembly.Module} [module] of the program, if it came compiled
 */
export function bringsHeap({ header }, module) {
  const exports = header ? header.exports.filter(({ kind }) => kind === A_FUNCTION) : functionsAmong(module && WebAssembly.Module.exports(module));
  const imports = header?.imports ?? functionsAmong(module && WebAssembly.Module.imports(module));
  const functions = Object.fromEntries(exports.map(({ name }) => [name, Function]));
  return heapFunctionsOf(functions) !== undefined && !imports.some(({ name }) => name === 'malloc');
}

/**
 * @template {{ kind: string, name: string }} T
 * @param {T[]} [entries]
 */
const functionsAmong = (entries = []) => entries.filter(({ kind }) => kind === 'function');

/**
 * @param {Omit<import('./link.js').Parts, 'heap'>} parts
 * @returns {import('./steps.js').Steps<import('./link.js').Linked>}
 */
export function* linkOwn(parts) {
  const module = yield parts.program.compile();
  const { instance, declared, memory } = yield* instantiateFirst(parts, module);
  const heapExports = /** @type {WebAssembly.Exports} */ (heapFunctionsOf(instance.exports));
  parts.onHeapExports(heapExports, /** @type {WebAssembly.Memory | undefined} */ (heapExports.memory) ?? memory, declared?.maximum);
  return { link: 'own', module, instance, exports: withoutHeap(instance.exports), end: 0 };
}

/**
 * The program's exports without those that merging has added.
 * @param {WebAssembly.Exports} exports
 */
function withoutHeap(exports) {
  const { own, heap } = apart(exports);
  return Object.keys(heap).length ? Object.freeze(own) : exports;
}

/**
 * What would be put between the program and a heap that is loaded can't be put into one that is there.
 * @param {Record<string, any>} options
 * @param {string} name of the program
 */
export function checkOwn({ heap, debug, check }, name) {
  const wanted = debug ? 'debug' : check ? 'check' : typeof heap === 'string' && isWord(heap) && heap !== 'release' ? `heap: '${heap}'` : undefined;
  if (wanted) throw failure('LinkModeError own-heap', [name, wanted]);
}
