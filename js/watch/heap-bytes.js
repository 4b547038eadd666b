// The heaps that adopted programs get, at once and without a download: an application may instantiate its program synchronously. The build puts the bytes
// themselves into memory.watch.js (tools/build.mjs).

/** @param {'release' | 'debug'} name @returns {Uint8Array} */
export function heapBytes(name) {
  const file = name === 'release' ? 'memory.wasm' : `memory.${name}.wasm`;
  return new Uint8Array(/** @type {any} */ (globalThis).process.getBuiltinModule('node:fs').readFileSync(new URL(`../../dist/${file}`, import.meta.url)));
}
