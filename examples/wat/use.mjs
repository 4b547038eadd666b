import { load } from '../../dist/memory.js';

for (const link of ['merge', 'direct', 'table', 'trampoline']) {
  const { exports, heap } = await load(new URL('../../build/examples/wat.wasm', import.meta.url), { link });
  for (const number of [1, 2, 3]) exports.push(number);
  console.log(`${link}: in use: ${heap.inUse} bytes`);
  console.log(`popped: ${exports.pop()} ${exports.pop()} ${exports.pop()}`);
  console.log(`in use: ${heap.inUse} bytes`);
}
