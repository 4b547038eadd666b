// What memory.js offers.

export { load } from './load.js';
export { Heap, GrowEvent } from './heap.js';
export { MemoryWasmError } from './errors.js';
