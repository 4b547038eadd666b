// What memory.js lends to the files that it loads later: they get it as an argument, so that nothing exists twice.

import { addToTable } from '../toolkit/table.js';
import { MemoryWasmError } from '../errors.js';
import { failure } from '../load/later.js';
import { open } from '../load/input.js';
import { heapCode } from '../load/heap-code.js';
import { functionsOf, initialize, instantiate } from '../load/instantiate.js';
import { memoryFor, noMemory, withMemory } from '../load/program-memory.js';

export const core = { addToTable, failure, functionsOf, heapCode, initialize, instantiate, memoryFor, MemoryWasmError, noMemory, open, withMemory };

/** @typedef {typeof core} Core */
