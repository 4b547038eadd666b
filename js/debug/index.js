// memory.debug.js: the debug heap's part in JavaScript, which `load(program, { heap: 'debug' })` fetches.

export { debugHeapClass, kOptions, kQuarantineFast, kQuarantineThorough } from './debug-heap.js';
export { debugInput } from './parts.js';
export { accessInWords, findingOfAccess, findingOfOverflow, findingOfUninitialized } from './access.js';
export { lastAtOrBefore } from './lines.js';
export { Stacks } from './stacks.js';
export { symbolsOf } from './symbols.js';
