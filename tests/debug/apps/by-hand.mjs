// An application that links memory.wasm by hand, and leaks.
import { readFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url));
let heap;
const late = (name) => (...values) => heap.exports[name](...values);
const names = ['malloc', 'free', 'calloc', 'realloc', 'aligned_alloc', 'malloc_usable_size', 'free_sized', 'free_aligned_sized'];
const { instance } = await WebAssembly.instantiate(read('build/e2e/misuse-O0.wasm'), { env: Object.fromEntries(names.map((name) => [name, late(name)])) });
heap = new WebAssembly.Instance(new WebAssembly.Module(read('dist/memory.wasm')), { env: { memory: instance.exports.memory } });
instance.exports.leak(2);
instance.exports.leakElsewhere();
instance.exports.clean();
