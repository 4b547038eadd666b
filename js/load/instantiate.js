// Instantiates a module, after making sure that somebody provides each of its imports: the engines name only the first.

import { failure, listed, messageOf } from '../errors.js';
import { watcher } from './watcher.js';

/**
 * @typedef {Record<string, Record<string, any>>} Imports by module and name
 *
 * @typedef {(module: WebAssembly.Module, layers: Imports[], name: string) => WebAssembly.Instance | Promise<WebAssembly.Instance>} Instantiate
 */

/**
 * @param {WebAssembly.Module} module
 * @param {Imports[]} layers of imports: an import is what the first gives that has it
 * @param {string} name of the module, for errors
 */
export async function instantiate(module, layers, name) {
  const imports = chosen(module, layers, name);
  try {
    // A watcher in place (js/watch) sees this heap by itself, not by the program's imports.
    return await (watcher()?.instantiate ?? WebAssembly.instantiate)(module, imports);
  } catch (error) {
    throw explained(error, name);
  }
}

/** @type {(...parameters: Parameters<Instantiate>) => WebAssembly.Instance} */
export function instantiateSync(module, layers, name) {
  const imports = chosen(module, layers, name);
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (error) {
    throw explained(error, name);
  }
}

/**
 * @param {unknown} error
 * @param {string} name
 */
const explained = (error, name) => (error instanceof WebAssembly.LinkError ? failure('ImportMismatchError', [name, messageOf(error)], error) : error);

/**
 * What the module imports, and nothing else: objects without a prototype, so that no name from a module reaches one.
 * @param {WebAssembly.Module} module
 * @param {Imports[]} layers
 * @param {string} name
 */
function chosen(module, layers, name) {
  /** @type {Imports} */
  const imports = Object.create(null);
  const missing = [];
  for (const entry of WebAssembly.Module.imports(module)) {
    const value = layers.reduce((found, layer) => found ?? given(layer, entry), undefined);
    if (value === undefined) missing.push(`${entry.module}.${entry.name} (${entry.kind})`);
    (imports[entry.module] ??= Object.create(null))[entry.name] = value;
  }
  if (missing.length) throw failure('MissingImportError', [name, listed(missing)]);
  return imports;
}

/**
 * What is given for an import. Methods of a class instance are; what every object has (`valueOf`, `constructor`) is not.
 * @param {Imports} imports
 * @param {{ module: string, name: string }} entry
 */
export const given = (imports, { module, name }) => member(member(imports, module), name);

/**
 * @param {any} object
 * @param {string} name
 */
function member(object, name) {
  if (object === undefined || object === null) return undefined;
  if (name === '__proto__' && !Object.hasOwn(object, name)) return undefined;
  const value = object[name];
  return value === /** @type {any} */ (Object.prototype)[name] ? undefined : value;
}

/**
 * The functions among a module's exports: its memory and table are not for others to import.
 * @param {object} exports
 * @returns {Record<string, Function>}
 */
export const functionsOf = (exports) => {
  const functions = Object.create(null);
  for (const [name, value] of Object.entries(exports)) if (typeof value === 'function') functions[name] = value;
  return functions;
};

/**
 * lld wraps constructors around every export unless the program has an entry of its own; one that has gets it called here, once.
 * @param {Record<string, any>} exports
 */
export function initialize({ _initialize, __wasm_call_ctors }) {
  const entry = _initialize ?? __wasm_call_ctors;
  if (typeof entry === 'function') entry();
}
