// What memory.js offers.

export { load } from './load.js';
export { Heap, GrowEvent, LeakEvent } from './heap.js';
export { Block } from './block.js';
export { Arena, Scope } from './scope.js';
export { View } from './view.js';
export { Struct, struct } from './struct.js';
export { wrap } from './wrap.js';
export { MemoryWasmError } from './errors.js';
