// Runs a library's program in every way that it can be linked: what it prints, how long it takes, and the pages of memory that it ends with.

import { readFileSync } from 'node:fs';
import { load } from '../../dist/memory.js';

export const kModes = /** @type {const} */ (['merge', 'direct', 'table', 'trampoline']);

/** Every way: how to come to the exports of a new instance. @type {Record<string, (files: { static: string, loaded: string, wasi: string }) => Promise<any>>} */
const kWays = {
  'wasi-libc': ({ wasi }) => alone(wasi),
  static: (files) => alone(files.static),
  ...Object.fromEntries(kModes.map((link) => [link, async ({ loaded }) => (await load(readFileSync(loaded), { link })).exports])),
};

async function alone(file) {
  const { instance } = await WebAssembly.instantiate(readFileSync(file));
  instance.exports.__wasm_call_ctors();
  return instance.exports;
}

function textOf({ text, memory }) {
  const bytes = new Uint8Array(memory.buffer, text() >>> 0);
  return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString('utf8');
}

/**
 * @param {{ static: string, loaded: string, wasi: string }} files
 * @param {number} [rounds] each in new instances, all ways by turns: the least time counts
 * @returns {Promise<Record<string, { text: string, milliseconds: number, pages: number }>>} by the way
 */
export async function measure(files, rounds = 1) {
  const results = {};
  for (let round = 0; round < rounds; round++) {
    for (const [way, start] of Object.entries(kWays)) {
      const exports = await start(files);
      const began = performance.now();
      exports.run();
      const milliseconds = performance.now() - began;
      if (!results[way] || milliseconds < results[way].milliseconds) results[way] = { text: textOf(exports), milliseconds, pages: exports.memory.buffer.byteLength / 65536 };
    }
  }
  return results;
}
