// What memory.js lends to the files that it loads later: they get it as an argument, so that nothing exists twice.

import { MemoryWasmError, failure } from './errors.js';
import { fetchFile } from './load/fetch-file.js';
import { open } from './load/input.js';
import { functionsOf, initialize, instantiate } from './load/instantiate.js';
import { heapMaker } from './load/ready.js';
import { linkLateBound } from './load/late-bound.js';
import { declaredEnd, declaredMemory, memoryFor, memoryImport } from './load/program-memory.js';
import { addToTable, asTableEntry } from './toolkit/table.js';
import { Heap } from './toolkit/heap.js';

export const core = {
  addToTable,
  declaredEnd,
  declaredMemory,
  failure,
  functionsOf,
  initialize,
  instantiate,
  linkLateBound,
  memoryFor,
  memoryImport,
  open,
};

/** @typedef {typeof core} Core */

/** What the debug heap needs. */
export const debugCore = {
  Heap,
  MemoryWasmError,
  asCallback: (/** @type {WebAssembly.Table} */ table, /** @type {() => void} */ callback) => addToTable(table, asTableEntry(callback)),
};

/** What threads need. */
export const threadCore = { failure, functionsOf, heapMaker, instantiate, open };

/** @typedef {typeof threadCore} ThreadCore */

/** What checks need. */
export const checkCore = { MemoryWasmError, fetchFile, open };
