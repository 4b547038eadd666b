// What link modes 'table' and 'trampoline' share: the program comes first, with trampolines for malloc and free; the heap is then
// instantiated over the program's memory, and the trampolines are bound to it. Until then a call of malloc is an error.

import { failure } from '../errors.js';
import { given } from './instantiate.js';
import { compiledHeap, instantiateHeap, offeredBy } from './link.js';
import { declaredEnd, declaredMemory, memoryFor, memoryImport } from './program-memory.js';

/**
 * @typedef {object} Trampolines
 * @property {Record<string, Function>} functions by the name of the heap's function they stand for
 * @property {(heapExports: WebAssembly.Exports) => void} bind
 */

/**
 * @param {import('./link.js').Parts} parts
 * @param {'table' | 'trampoline'} link
 * @param {(names: string[]) => Trampolines} makeTrampolines
 * @returns {import('./steps.js').Steps<import('./link.js').Linked>}
 */
export function* linkLateBound(parts, link, makeTrampolines) {
  const { program, heap, imports, onHeapExports } = parts;
  const [module, code] = yield [program.compile(), compiledHeap(heap)];
  const trampolines = makeTrampolines(wanted(module, offeredBy(code), imports));
  const { instance, declared, memory, callers } = yield* instantiateFirst(parts, module, [{ env: trampolines.functions }]);
  const end = declaredEnd(declared, memory, memory === callers);
  const heapExports = yield* instantiateHeap(code, memory, parts);
  trampolines.bind(heapExports);
  onHeapExports(heapExports, memory, declared?.maximum);
  return { link, module, instance, exports: instance.exports, end };
}

/**
 * Instantiates the program before any heap is there, and finds the memory that it uses.
 * @param {Omit<import('./link.js').Parts, 'heap'>} parts
 * @param {WebAssembly.Module} module of the program
 * @param {import('./instantiate.js').Imports[]} [offered] what it may import besides memory and what the caller gives
 * @returns {import('./steps.js').Steps<{ instance: WebAssembly.Instance, declared?: import('../wasm/header.js').Memory, memory: WebAssembly.Memory, callers?: WebAssembly.Memory }>}
 *   `callers`: the memory that the caller brought
 */
export function* instantiateFirst({ program, imports, instantiate }, module, offered = []) {
  const declared = program.header && declaredMemory(program);
  const imported = declared?.import && memoryFor(program, declared, imports);
  const layers = [...(declared && imported ? [memoryImport(declared, imported)] : []), imports, ...offered];
  const instance = yield instantiate(module, layers, program.name);
  const callers = importedMemory(module, imports);
  const memory = imported ?? exportedMemory(instance, declared) ?? callers;
  if (!memory) throw failure('NoMemoryError', [program.name]);
  return { instance, declared, memory, callers };
}

/**
 * The functions of the heap that the program imports and the caller doesn't bring.
 * @param {WebAssembly.Module} module
 * @param {Set<string>} offered by the heap
 * @param {import('./instantiate.js').Imports} imports
 */
function wanted(module, offered, imports) {
  const names = WebAssembly.Module.imports(module)
    .filter((entry) => entry.module === 'env' && entry.kind === 'function' && offered.has(entry.name))
    .filter((entry) => given(imports, entry) === undefined)
    .map(({ name }) => name);
  return [...new Set(names)];
}

/**
 * @param {WebAssembly.Instance} instance
 * @param {import('../wasm/header.js').Memory} [declared]
 */
function exportedMemory({ exports }, declared) {
  const all = Object.values(exports).filter((value) => value instanceof WebAssembly.Memory);
  if (exports.memory instanceof WebAssembly.Memory) return exports.memory;
  return declared || all.length === 1 ? all[0] : undefined;
}

/**
 * @param {WebAssembly.Module} module
 * @param {import('./instantiate.js').Imports} imports
 * @returns {WebAssembly.Memory | undefined}
 */
function importedMemory(module, imports) {
  const all = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'memory');
  const entry = all.find(({ module, name }) => module === 'env' && name === 'memory') ?? (all.length === 1 ? all[0] : undefined);
  return entry && given(imports, entry);
}

/** @param {string} name of the function called */
export const mallocBeforeLink = (name) => failure('MallocBeforeLinkError', [name]);
