// The heaps that ship: the word that `load` takes for each, and its file beside memory.js. A variant that ships adds a line here.
// Written so that bundlers see the files: Vite and webpack copy what `new URL(..., import.meta.url)` names and put its new address here.

/** @typedef {'release' | 'debug'} HeapName */

/** @type {Record<HeapName, () => URL | Uint8Array>} */
export const kHeaps = {
  release: () => new URL('./memory.wasm', import.meta.url),
  debug: () => new URL('./memory.debug.wasm', import.meta.url),
};
