// What memory.js offers.

export { load } from './load/load.js';
export { loadSync } from './load/load-sync.js';
export { heapOf } from './toolkit/heap-of.js';
export { Heap } from './toolkit/heap.js';
export { Block } from './toolkit/block.js';
export { enumOf, pointerTo, struct, union } from './toolkit/types.js';
export { MemoryWasmError } from './errors.js';
