import { readFile } from 'node:fs/promises';
import { load } from '../../dist/memory.js';

const build = (name) => new URL(`../../build/examples/${name}.wasm`, import.meta.url);

function use(exports) {
  console.log(`different squares: ${exports.onOurHeap(10000, 1009)}, on Zig's own heap: ${exports.onZigsOwn(10000, 1009)}`);
  console.log(`misalignment of a block aligned to 256: ${exports.misalignment()}`);
}

const { instance, module } = await WebAssembly.instantiate(await readFile(build('zig-static')));
console.log(`linked in, imports: ${WebAssembly.Module.imports(module).length}`);
use(instance.exports);

for (const link of ['merge', 'direct', 'table', 'trampoline']) {
  const { exports, heap } = await load(build('zig'), { link });
  console.log(`loaded: ${link}`);
  use(exports);
  console.log(`in use at the end: ${heap.inUse} bytes, the heap is sound: ${heap.check() === null}`);
}
