import { readFile } from 'node:fs/promises';
import { load } from '../../dist/memory.js';

const text = 'The quick brown fox jumps over the lazy dog; the dog sleeps.';
const build = (name) => new URL(`../../build/examples/${name}.wasm`, import.meta.url);

/** Both programs have the same exports; only the heap's are of another origin. */
function count({ index_words, count_words, count_of, forget, memory }, malloc, free) {
  const withText = (text, use) => {
    const bytes = new TextEncoder().encode(text);
    const pointer = malloc(bytes.length) >>> 0;
    new Uint8Array(memory.buffer).set(bytes, pointer);
    const result = use(pointer, bytes.length);
    free(pointer);
    return result;
  };
  withText(text, index_words);
  console.log(`words: ${count_words()}, "dog": ${withText('dog', count_of)}, "cat": ${withText('cat', count_of)}`);
  forget();
}

const { instance, module } = await WebAssembly.instantiate(await readFile(build('cpp-containers-static')));
instance.exports._initialize();
console.log(`linked in, imports: ${WebAssembly.Module.imports(module).length}`);
count(instance.exports, instance.exports.malloc, instance.exports.free);

for (const link of ['merge', 'direct', 'table', 'trampoline']) {
  const { exports, heap } = await load(build('cpp-containers'), { link });
  const { malloc, free } = heap.exports;
  console.log(`loaded: ${link}`);
  count(exports, malloc, free);
}
