// The program of server.c over each heap: dist/memory.wasm, dist/libmemory.a, and wasi-libc's malloc if that is installed.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, kDist, link } from '../wasm/toolchain.js';

const kWasiLibrary = '/usr/lib/wasm32-wasi/libc.a';
const object = compile('tests/long/server.c');
const moduleOf = (path) => new WebAssembly.Module(readFileSync(path));
const kOptions = ['--stack-first', '-z', 'stack-size=65536', '--export=__heap_base'];

const heap = new WebAssembly.Module(readFileSync(join(kDist, 'memory.wasm')));
const direct = moduleOf(link('server.wasm', [object], '--allow-undefined', '--import-memory', ...kOptions));
const linked = moduleOf(link('server-static.wasm', [object, join(kDist, 'libmemory.a')], '--export-memory', ...kOptions));

const exportsOf = (module, imports) => new WebAssembly.Instance(module, imports).exports;

/** @typedef {{ memory: WebAssembly.Memory, start: (seed: bigint) => void, run: (operations: bigint) => bigint, stop: () => void, damage: () => number, peak: () => number, robson: (most: number, largest: number) => number }} World */

/** @type {Record<string, () => World & { base: number, check?: () => number }>} */
export const worlds = {
  'memory.wasm'() {
    const memory = new WebAssembly.Memory({ initial: 64 });
    const heapExports = exportsOf(heap, { env: { memory } });
    heapExports.heap_protect(12345);
    const program = exportsOf(direct, { env: { ...heapExports, memory } });
    return { ...program, memory, base: 64 * 65536, check: heapExports.heap_check };
  },
  'libmemory.a'() {
    const program = exportsOf(linked, {});
    return { ...program, base: program.__heap_base.value };
  },
};

if (existsSync(kWasiLibrary)) {
  const wasi = moduleOf(link('server-wasi.wasm', [object, kWasiLibrary], '--export-memory', '--allow-undefined', ...kOptions));
  worlds['wasi-libc'] = () => {
    const imports = {};
    for (const { module, name } of WebAssembly.Module.imports(wasi)) (imports[module] ??= {})[name] = () => 8;
    const program = exportsOf(wasi, imports);
    return { ...program, base: program.__heap_base.value };
  };
}

/** Bytes from the heap's first to the memory's end. */
export const footprint = ({ memory, base }) => memory.buffer.byteLength - base;
