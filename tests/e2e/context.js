// What a scenario is given.

import { kVariants } from './heaps.js';

/**
 * @param {any} api what memory.js exports
 * @param {string} address of the server, with a slash at the end
 * @param {string} [heapPath] of memory.wasm in the repository
 * @param {string} [link] the link mode of `load` where a scenario doesn't choose
 * @param {import('./heaps.js').Variant} [variant] the heap
 */
export function makeContext(api, address, heapPath = 'dist/memory.wasm', link = 'auto', { links, options: more, suffix = '' } = kVariants.release) {
  const path = (name) => `build/e2e/${name}${suffix}.wasm`;
  const url = (name) => address + path(name);
  const heap = address + heapPath;
  return {
    api,
    address,
    links,
    is64: suffix === '64',
    /** A pointer or size, as the program's own functions take it. */
    word: (value) => (suffix === '64' ? BigInt(value) : value),
    /** The highest pointer and size that the toolkit takes. */
    highest: suffix === '64' ? Number.MAX_SAFE_INTEGER : 2 ** 32 - 1,
    /** The type of a size in C. */
    sizeType: suffix === '64' ? 'u64' : 'u32',
    /** The address of memory.wasm. */
    heap,
    /** The address of a program. */
    url,
    /** The address of a program behind a fault: see server.js. */
    faulty: (fault, name) => `${address}${fault}/${path(name)}`,
    bytes: async (name) => new Uint8Array(await (await fetch(url(name))).arrayBuffer()),
    /** Over the debug heap. */
    debug: (name, debug = {}, mode = link) => api.load(url(name), { heap: heap.replace('memory.wasm', 'memory.debug.wasm'), link: mode, debug }),
    /** Over the heap of that name beside memory.wasm. */
    with: (word, name, options) => api.load(url(name), { heap: heap.replace(/memory\.wasm$/, word), link, ...options }),
    load: (name, options) => api.load(url(name), { heap, link, ...more, ...options }),
  };
}

/**
 * The same over one of the heaps.
 * @param {any} api
 * @param {string} address
 * @param {string} heap its word
 */
export const contextOver = (api, address, heap) => makeContext(api, address, `dist/${kVariants[heap].file}`, 'auto', kVariants[heap]);
