// Instantiates a module, after making sure that somebody provides each of its imports: the engines name only the first.

import { failure } from './later.js';

/**
 * @typedef {Record<string, Record<string, any>>} Imports
 *
 * @param {WebAssembly.Module} module
 * @param {Imports} imports
 * @param {string} name of the module, for errors
 */
export async function instantiate(module, imports, name) {
  const missing = WebAssembly.Module.imports(module).filter((entry) => imports[entry.module]?.[entry.name] === undefined);
  if (missing.length) {
    const names = missing.map((entry) => `${entry.module}.${entry.name} (${entry.kind})`).join(', ');
    throw await failure('MissingImportError', [name, names]);
  }
  try {
    return await WebAssembly.instantiate(module, imports);
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    throw await failure('ImportMismatchError', [name, error.message], error);
  }
}

/**
 * The functions among a module's exports: its memory and table are not for others to import.
 * @param {object} exports
 * @returns {Record<string, Function>}
 */
export const functionsOf = (exports) => Object.fromEntries(Object.entries(exports).filter(([, value]) => typeof value === 'function'));

/**
 * lld wraps constructors around every export unless the program has an entry of its own; one that has gets it called here, once.
 * @param {WebAssembly.Instance} instance
 */
export function initialize({ exports: { _initialize, __wasm_call_ctors } }) {
  const entry = _initialize ?? __wasm_call_ctors;
  if (typeof entry === 'function') entry();
}
