// What memory.js lends to the files that it loads later: they get it as an argument, so that nothing exists twice.

import { addToTable } from './table-entry.js';
import { MemoryWasmError } from './errors.js';
import { failure } from './failure.js';
import { open } from './input.js';
import { functionsOf, initialize, instantiate } from './instantiate.js';
import { memoryFor, noMemory, withMemory } from './program-memory.js';

export const core = { addToTable, failure, functionsOf, initialize, instantiate, memoryFor, MemoryWasmError, noMemory, open, withMemory };

/** @typedef {typeof core} Core */
