// What link modes 'table' and 'trampoline' share: the program comes first, with trampolines for malloc and free; the heap is then instantiated
// over the program's memory, and the trampolines are bound to it. Until then a call of malloc is an error.

import { explain } from '../extras/explain.js';
import { memoryOf } from './program-memory.js';

/**
 * @typedef {object} Trampolines
 * @property {Record<string, Function>} functions by the name of the heap's function they stand for
 * @property {(heapExports: WebAssembly.Exports) => void} bind
 */

/**
 * @param {import('../extras/core.js').Core} core
 * @param {import('./link-direct.js').Parts} parts
 * @param {'table' | 'trampoline'} link
 * @param {(names: string[]) => Trampolines | Promise<Trampolines>} makeTrampolines
 * @returns {Promise<import('./link-direct.js').Linked>}
 */
export async function linkLateBound({ heapCode, instantiate, memoryFor, noMemory, withMemory }, { program, heap, imports }, link, makeTrampolines) {
  const [module, { functions, over }] = await Promise.all([program.compile(), heapCode(heap)]);
  const trampolines = await makeTrampolines(wanted(module, functions, imports));
  const given = { ...imports, env: { ...trampolines.functions, ...imports.env } };
  const importsMemory = WebAssembly.Module.imports(module).some(({ kind }) => kind === 'memory');
  const imported = importsMemory && program.header ? await memoryFor(program, imports) : undefined;
  const instance = await instantiate(module, imported ? withMemory(program, given, imported) : given, program.name);
  const memory = imported ?? exportedMemory(instance) ?? importedMemory(module, imports);
  if (!memory) throw await noMemory(program.name);
  // A start function may have grown the memory: what it grew is not ours to give away.
  const declared = memoryOf(program.header);
  const initialBytes = Math.min(memory.buffer.byteLength, (declared?.initial ?? Infinity) * 65536);
  const heapExports = await over(memory);
  trampolines.bind(heapExports);
  return { link, module, instance, memory, heapExports, initialBytes, maximum: declared?.maximum };
}

/**
 * The functions of the heap that the program imports and the caller doesn't bring.
 * @param {WebAssembly.Module} module
 * @param {Set<string>} offered by the heap
 * @param {import('./instantiate.js').Imports} imports
 */
function wanted(module, offered, imports) {
  return WebAssembly.Module.imports(module)
    .filter((entry) => entry.module === 'env' && !imports.env?.[entry.name] && entry.kind === 'function' && offered.has(entry.name))
    .map(({ name }) => name);
}

/** @param {WebAssembly.Instance} instance */
const exportedMemory = ({ exports }) =>
  /** @type {WebAssembly.Memory | undefined} */ (
    exports.memory instanceof WebAssembly.Memory
      ? exports.memory
      : Object.values(exports).find((value) => value instanceof WebAssembly.Memory)
  );

/**
 * @param {WebAssembly.Module} module
 * @param {import('./instantiate.js').Imports} imports
 * @returns {WebAssembly.Memory | undefined}
 */
function importedMemory(module, imports) {
  const entry = WebAssembly.Module.imports(module).find(({ kind }) => kind === 'memory');
  return entry && imports[entry.module]?.[entry.name];
}

/**
 * @param {import('../extras/core.js').Core} core
 * @param {string} name of the function called
 */
export const mallocBeforeLink = ({ MemoryWasmError }, name) => new MemoryWasmError('MallocBeforeLinkError', explain('MallocBeforeLinkError', [name]));
