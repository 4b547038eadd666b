// A table holds wasm functions only. A JS function becomes one by passing through a module that imports and re-exports it.

import { kMagicAndVersion, section, text } from './binary.js';

/** @param {() => void} callback */
export function asTableEntry(callback) {
  const module = new WebAssembly.Module(
    Uint8Array.from([
      ...kMagicAndVersion,
      ...section(1, [[0x60, 0, 0]]),
      ...section(2, [[...text('e'), ...text('f'), 0, 0]]),
      ...section(7, [[...text('f'), 0, 0]]),
    ]),
  );
  return /** @type {() => void} */ (new WebAssembly.Instance(module, { e: { f: callback } }).exports.f);
}

/**
 * Returns the index that `entry` has in the table from now on.
 * @param {WebAssembly.Table} table
 * @param {() => void} entry
 */
export function addToTable(table, entry) {
  // Not grow(1, entry): WebKitGTK 2.50 leaves the new place empty.
  const index = table.grow(1);
  table.set(index, entry);
  return index;
}
