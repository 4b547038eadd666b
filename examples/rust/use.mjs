import { readFile } from 'node:fs/promises';
import { load } from '../../dist/memory.js';

const build = (name) => new URL(`../../build/examples/${name}.wasm`, import.meta.url);

function use({ different_squares, misalignment, greeting, text_of, length_of, release, memory }) {
  console.log(`different squares: ${different_squares(10000, 1009)}`);
  console.log(`misalignment of a block aligned to 256: ${misalignment()}`);
  const text = greeting(3) >>> 0;
  console.log(new TextDecoder().decode(new Uint8Array(memory.buffer, text_of(text), length_of(text))).trim());
  release(text);
}

const { instance, module } = await WebAssembly.instantiate(await readFile(build('rust-static')));
console.log(`linked in, imports: ${WebAssembly.Module.imports(module).length}`);
use(instance.exports);

for (const link of ['merge', 'direct', 'table', 'trampoline']) {
  const { exports, heap } = await load(build('rust'), { link });
  console.log(`loaded: ${link}`);
  const before = heap.inUse;
  use(exports);
  console.log(`in use more than before: ${heap.inUse - before} bytes, the heap is sound: ${heap.check() === null}`);
}
