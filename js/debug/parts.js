// memory.debug.wasm has two memories. For an engine that knows only one it is taken apart into the two modules that it was made of
// (tools/debug-heap.mjs), each with one memory.

import { functionsIn } from '../wasm/functions-in.js';

const kParts = 'memory.wasm/parts';

/**
 * The debug heap as the linkers take it.
 * @param {typeof import('../errors.js').failure} failure
 * @param {import('../load/input.js').Input} heap
 * @returns {import('../load/link.js').HeapInput}
 */
export const debugInput = (failure, heap) => ({
  ...heap,
  code: async () => codeOf(await heap.bytes()),
  /** For merging. */
  async bytes() {
    const bytes = await heap.bytes();
    if (WebAssembly.validate(/** @type {BufferSource} */ (bytes))) return bytes;
    throw failure('LinkModeError two-memories', [heap.name]);
  },
});

/** @param {Uint8Array} bytes of memory.debug.wasm @returns {Promise<import('../load/link.js').HeapCode>} */
async function codeOf(bytes) {
  const source = /** @type {BufferSource} */ (bytes);
  if (!WebAssembly.validate(source)) return codeOfParts(bytes);
  const module = await WebAssembly.compile(source);
  return { functions: functionsIn(module), over: async (memory) => (await WebAssembly.instantiate(module, { env: { memory } })).exports };
}

/** @param {Uint8Array} bytes @returns {Promise<import('../load/link.js').HeapCode>} */
async function codeOfParts(bytes) {
  const [inner, outer] = await Promise.all(partsOf(bytes).map((part) => WebAssembly.compile(/** @type {BufferSource} */ (part))));
  return {
    functions: new Set([...functionsIn(inner), ...functionsIn(outer)].filter((name) => !name.startsWith('zone_'))),
    async over(memory) {
      const { exports: below } = await WebAssembly.instantiate(inner, { env: { memory } });
      const { exports: above } = await WebAssembly.instantiate(outer, { env: below });
      return { ...below, ...above };
    },
  };
}

/** The inner and the outer module. @param {Uint8Array} bytes */
function partsOf(bytes) {
  const name = new TextEncoder().encode(kParts);
  // The section is the last, and the name is nowhere else.
  const text = Array.from({ length: name.length }, (_, i) => i);
  let at = bytes.length - name.length;
  while (at >= 0 && !text.every((i) => bytes[at + i] === name[i])) at--;
  const start = at + name.length + 4;
  const length = new DataView(bytes.buffer, bytes.byteOffset + start - 4, 4).getUint32(0, true);
  return [bytes.subarray(start, start + length), bytes.subarray(start + length)];
}
