// memory.more.js: what memory.js loads when it is needed.

export { attach } from '../toolkit/attach.js';
export { explain } from './explain.js';
export { verified } from '../load/integrity.js';
export { linkTrampoline } from '../load/link-trampoline.js';
export { linkTable } from '../load/link-table.js';
