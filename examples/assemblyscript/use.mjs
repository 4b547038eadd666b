import { readFile } from 'node:fs/promises';
import { load } from '../../dist/memory.js';

const build = (name) => new URL(`../../build/examples/${name}.wasm`, import.meta.url);
const kStringId = 2; // AssemblyScript's number for the class String

function use({ __new, __pin, __unpin, indexWords, countOf, churn, forget, memory }) {
  const withString = (text, use) => {
    const string = __pin(__new(2 * text.length, kStringId)) >>> 0;
    new Uint16Array(memory.buffer, string, text.length).set(Array.from(text, (letter) => letter.charCodeAt(0)));
    const result = use(string);
    __unpin(string);
    return result;
  };
  const words = withString('the quick fox and the lazy dog', indexWords);
  console.log(`words: ${words}, "the": ${withString('the', countOf)}, letters of garbage: ${churn(10000)}`);
  forget();
}

// Merged offline: one file without a loader.
const { instance, module } = await WebAssembly.instantiate(await readFile(build('assemblyscript-merged')));
instance.exports._initialize();
console.log(`merged, imports: ${WebAssembly.Module.imports(module).length}`);
use(instance.exports);

for (const link of ['merge', 'direct', 'table', 'trampoline']) {
  const { exports, heap } = await load(build('assemblyscript'), { link });
  console.log(`loaded: ${link}`);
  use(exports);
  console.log(`pages: ${exports.memory.buffer.byteLength / 65536}, the heap is sound: ${heap.check() === null}`);
}
