// The watcher (memory.watch.js), if the application was started with one: it gets every heap.

/**
 * @typedef {object} Watcher
 * @property {(module: WebAssembly.Module, imports: any) => Promise<WebAssembly.Instance>} instantiate WebAssembly's own
 * @property {(heap: any, name?: string) => void} heap takes a debug heap, and its program's name
 */

/** @returns {Watcher | undefined} */
export const watcher = () => Reflect.get(globalThis, Symbol.for('memory.wasm/watch'));
