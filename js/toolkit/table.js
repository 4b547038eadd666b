// The table of function pointers, which C calls through. A table holds wasm functions only: a JavaScript function becomes one by passing through a module
// that imports and re-exports it.

import { MemoryWasmError } from '../errors.js';
import { kMagicAndVersion, section, text } from '../wasm/encode.js';
import { counted } from './wide.js';

const kFunctionType = 0x60;
const kValueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/** @typedef {keyof typeof kValueTypes} ValueType */

/**
 * A wasm function that calls `func`.
 * @param {Function} func
 * @param {ValueType[]} [parameters]
 * @param {ValueType[]} [results]
 * @returns {any}
 */
export function asTableEntry(func, parameters = [], results = []) {
  const types = (/** @type {ValueType[]} */ names) => [names.length, ...names.map((name) => kValueTypes[name])];
  // (module (import "e" "f" (func $f (param ...) (result ...))) (export "f" (func $f)))
  const bytes = [
    ...kMagicAndVersion,
    ...section(1, [[kFunctionType, ...types(parameters), ...types(results)]]),
    ...section(2, [[...text('e'), ...text('f'), 0, 0]]),
    ...section(7, [[...text('f'), 0, 0]]),
  ];
  return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)), { e: { f: func } }).exports.f;
}

/**
 * Returns the index that `entry` has in the table from now on.
 * @param {WebAssembly.Table} table
 * @param {any} entry
 */
export function addToTable(table, entry) {
  // Not grow(1, entry): WebKitGTK 2.50 leaves the new place empty.
  const index = table.grow(counted(isWideTable(table), 1));
  table.set(index, entry);
  return Number(index);
}

/**
 * Whether its places are counted in BigInt, as those of a 64-bit program are.
 * @param {WebAssembly.Table} table
 */
const isWideTable = (table) => typeof (/** @type {unknown} */ (table.length)) === 'bigint';

/** What helps where there is no table, or one that can't grow. */
const kCure = 'Link the program with -Wl,--export-table,--growable-table.';

/**
 * The table that the program calls through.
 * @param {import('./heap.js').Program} program
 * @returns {WebAssembly.Table}
 */
export function tableOf(program) {
  const named = program.exports?.__indirect_function_table;
  if (isTable(named)) return named;
  const all = Object.values(program.exports ?? {}).filter(isTable);
  const table = all.length === 1 ? all[0] : program.table;
  if (table) return table;
  throw new MemoryWasmError('TableError', `the program exports no table, so C cannot call a function of JavaScript. ${kCure}`);
}

/** @param {unknown} value @returns {value is WebAssembly.Table} */
const isTable = (value) => value instanceof WebAssembly.Table;

/** Places in a table whose function was released. @type {WeakMap<WebAssembly.Table, number[]>} */
const kFree = /* @__PURE__ */ new WeakMap();

/**
 * Puts a function into a table, at a place that was given back or at a new one.
 * @param {WebAssembly.Table} table
 * @param {any} entry
 * @returns {number} the function pointer
 */
export function place(table, entry) {
  const index = kFree.get(table)?.pop();
  if (index !== undefined) {
    table.set(counted(isWideTable(table), index), entry);
    return index;
  }
  try {
    return addToTable(table, entry);
  } catch (error) {
    throw new MemoryWasmError(
      'TableError',
      `the program's table of ${table.length} functions cannot grow, so C cannot call a function of JavaScript. ${kCure}`,
      error,
    );
  }
}

/**
 * Gives a place back. A call through it traps until it has another function.
 * @param {WebAssembly.Table} table
 * @param {number} index
 */
export function vacate(table, index) {
  table.set(counted(isWideTable(table), index), null);
  const free = kFree.get(table) ?? [];
  free.push(index);
  kFree.set(table, free);
}
