import { readFile } from 'node:fs/promises';
import { load } from '../../dist/memory.js';

const build = (name) => new URL(`../../build/examples/${name}.wasm`, import.meta.url);

function use({ counted, text_of, length_of, release, memory }, malloc, free) {
  const bytes = new TextEncoder().encode('to be or not to be');
  const text = malloc(bytes.length) >>> 0;
  new Uint8Array(memory.buffer).set(bytes, text);
  const result = counted(text, bytes.length) >>> 0;
  free(text);
  console.log(new TextDecoder().decode(new Uint8Array(memory.buffer, text_of(result), length_of(result))));
  release(result);
}

const { instance, module } = await WebAssembly.instantiate(await readFile(build('rust-no-std-static')));
console.log(`linked in, imports: ${WebAssembly.Module.imports(module).length}`);
use(instance.exports, instance.exports.malloc, instance.exports.free);

for (const link of ['merge', 'direct', 'table', 'trampoline']) {
  const { exports, heap } = await load(build('rust-no-std'), { link });
  console.log(`loaded: ${link}`);
  use(exports, heap.exports.malloc, heap.exports.free);
  console.log(`in use at the end: ${heap.inUse} bytes`);
}
