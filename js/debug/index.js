// memory.debug.js: the debug heap's part in JavaScript, which `load(program, { heap: 'debug' })` fetches.

export { debugHeapClass, kOptions, kQuarantineFast, kQuarantineThorough } from './debug-heap.js';
export { debugInput } from './parts.js';
export { accessInWords, findingOfAccess, findingOfOverflow, findingOfUninitialized } from './access.js';
export { countAtOrBefore } from './lines.js';
export { Stacks } from './stacks.js';
export { symbolsOf } from './symbols.js';

// What memory.check.js takes from this file instead of having it twice (tools/build.mjs).
export { concatenated } from '../wasm/bytes.js';
export { Cursor, FormatError } from '../wasm/cursor.js';
export { each, field, global, immediatesOf, IMPORTED, index, instructions, limits, segment, table, typeGroup, valueType } from '../wasm/format.js';
export { leb } from '../wasm/leb128.js';
