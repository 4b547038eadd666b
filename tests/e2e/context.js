// What a scenario is given.

/**
 * @param {any} api what memory.js exports
 * @param {string} address of the server, with a slash at the end
 * @param {string} [heapPath] of memory.wasm in the repository
 * @param {string} [link] the link mode of `load` where a scenario doesn't choose
 */
export function makeContext(api, address, heapPath = 'dist/memory.wasm', link = 'auto') {
  const path = (name) => `build/e2e/${name}.wasm`;
  const url = (name) => address + path(name);
  const heap = address + heapPath;
  return {
    api,
    address,
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
    load: (name, options) => api.load(url(name), { heap, link, ...options }),
  };
}
