// memory.debug.js: the debug heap's part in JavaScript, which `load(program, { heap: 'debug' })` fetches.

export { debugHeapClass, kQuarantineFast, kQuarantineThorough } from './debug-heap.js';
export { debugInput } from './parts.js';
