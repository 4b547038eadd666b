// Instantiates a module, after making sure that somebody provides each of its imports: the engines name only the first.

import { MemoryWasmError } from './errors.js';

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
    throw new MemoryWasmError(
      'MissingImportError',
      `${name} imports what nobody provides: ${names}. Pass it in options.imports, or link the library that defines it.`,
    );
  }
  try {
    return await WebAssembly.instantiate(module, imports);
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    throw new MemoryWasmError(
      'ImportMismatchError',
      `${name} declares an import with another type than what is provided: ${error.message}. Is malloc declared as void *malloc(size_t), and does the program's memory fit?`,
      error,
    );
  }
}
