// memory.more.js: what memory.js loads when it is needed.

export { attach } from './attach.js';
export { explain } from './explain.js';
export { verified } from './integrity.js';
export { linkJs } from './link-js.js';
export { linkWasm } from './link-wasm.js';
