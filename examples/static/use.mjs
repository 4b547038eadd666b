import { readFile } from 'node:fs/promises';

const { instance, module } = await WebAssembly.instantiate(await readFile(new URL('../../build/examples/static.wasm', import.meta.url)));
const { buffer, reversed, release, memory } = instance.exports;
console.log(`imports: ${WebAssembly.Module.imports(module).length}`);

const bytes = new TextEncoder().encode('live on');
const text = buffer(bytes.length) >>> 0;
new Uint8Array(memory.buffer).set(bytes, text);
const result = reversed(text, bytes.length) >>> 0;
console.log(new TextDecoder().decode(new Uint8Array(memory.buffer, result, bytes.length)));
release(result);
