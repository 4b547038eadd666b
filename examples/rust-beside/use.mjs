import { load } from '../../dist/memory.js';

for (const link of ['merge', 'direct', 'table', 'trampoline']) {
  const { exports, heap } = await load(new URL('../../build/examples/rust-beside.wasm', import.meta.url), { link });
  const block = exports.collatz(27, 1000) >>> 0;
  const numbers = new Uint32Array(exports.memory.buffer, block, 1000);
  console.log(`${link}: ${numbers.subarray(0, 5).join(' ')} ... highest ${Math.max(...numbers)}`);
  heap.exports.free(block);
  console.log(`in use at the end: ${heap.inUse} bytes, the heap is sound: ${heap.check() === null}`);
}
