import { load } from '../../dist/memory.js';

for (const link of ['merge', 'direct', 'table', 'trampoline']) {
  const { exports, heap } = await load(new URL('../../build/examples/cpp.wasm', import.meta.url), { link });
  console.log(`${link}: in use after the constructor: ${heap.inUse} bytes`);

  for (let value = 1; value <= 1000; value++) exports.addSample(value);
  console.log(`mean of ${exports.countOfSamples()} samples: ${exports.meanOfSamples()}, in use: ${heap.inUse} bytes`);

  const line = exports.createCacheLine() >>> 0;
  console.log(`a cache line's address modulo 64: ${line % 64}`);
  exports.deleteCacheLine(line);

  exports.deleteSamples();
  console.log(`in use at the end: ${heap.inUse} bytes`);
}
