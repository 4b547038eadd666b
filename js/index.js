// What memory.js offers.

export { load } from './load/load.js';
export { Heap, GrowEvent, LeakEvent } from './toolkit/heap.js';
export { Block } from './toolkit/block.js';
export { Arena, Scope } from './toolkit/scope.js';
export { View } from './toolkit/views.js';
export { Struct, struct } from './toolkit/struct.js';
export { wrap } from './toolkit/call.js';
export { MemoryWasmError } from './errors.js';
