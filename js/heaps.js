// The heaps that ship: the word that `load` takes for each, and its file beside memory.js. A variant that ships adds a word and a line here.
// Written so that bundlers see the files: Vite and webpack copy what `new URL(..., import.meta.url)` names and put its new address here.

/** @typedef {'release' | 'small' | 'debug' | 'shared' | 'memory64' | 'secure'} HeapName */

/** The address of a classic script that this is bundled into: there `import.meta.url` is undefined. */
const kScript = /** @type {any} */ (globalThis).document?.currentScript?.src;

/**
 * @param {string} file
 * @param {() => URL} address
 */
function beside(file, address) {
  try {
    return address();
  } catch (error) {
    const base = kScript || globalThis.location?.href;
    if (base && !base.startsWith('blob:')) return new URL(file, base);
    throw new TypeError(`memory.js does not know its own address here, so it can't find ${file}: pass it in options.heap, or use memory.inline.js`, {
      cause: error,
    });
  }
}

/** @type {Record<HeapName, () => URL | Uint8Array>} */
export const kHeaps = {
  release: () => beside('memory.wasm', () => new URL('./memory.wasm', import.meta.url)),
  small: () => beside('memory.small.wasm', () => new URL('./memory.small.wasm', import.meta.url)),
  shared: () => beside('memory.shared.wasm', () => new URL('./memory.shared.wasm', import.meta.url)),
  memory64: () => beside('memory64.wasm', () => new URL('./memory64.wasm', import.meta.url)),
  secure: () => beside('memory.secure.wasm', () => new URL('./memory.secure.wasm', import.meta.url)),
  debug: () => beside('memory.debug.wasm', () => new URL('./memory.debug.wasm', import.meta.url)),
};
