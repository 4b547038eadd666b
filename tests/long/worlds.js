// The program of server.c over each heap: each variant of memory.wasm, dist/libmemory.a, and wasi-libc's malloc if that is installed.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { load } from '../../dist/memory.js';
import { compile, kDist, link } from '../wasm/toolchain.js';

const kWasiLibrary = '/usr/lib/wasm32-wasi/libc.a';
const object = compile('tests/long/server.c');
const moduleOf = (path) => new WebAssembly.Module(readFileSync(path));
const kOptions = ['--stack-first', '-z', 'stack-size=65536', '--export=__heap_base'];

const direct = pathToFileURL(link('server.wasm', [object], '--allow-undefined', '--export-memory', '--export-table', ...kOptions));
const linked = moduleOf(link('server-static.wasm', [object, join(kDist, 'libmemory.a')], '--export-memory', ...kOptions));

const exportsOf = (module, imports) => new WebAssembly.Instance(module, imports).exports;

/** The program with a heap beside it. @returns {Promise<World>} */
async function beside(file) {
  const program = await load(direct, { heap: pathToFileURL(join(kDist, file)), ...(file.includes('debug') && { debug: { stacks: false } }) });
  const { exports, memory, heap } = program;
  return { ...exports, memory, base: exports.__heap_base.value, check: () => (heap.check() ? 1 : 0) };
}

/** @typedef {{ memory: WebAssembly.Memory, start: (seed: bigint) => void, run: (operations: bigint) => bigint, stop: () => void, damage: () => number, peak: () => number, robson: (most: number, largest: number) => number }} World */

/** @type {Record<string, () => Promise<World & { base: number, check?: () => number }>>} */
export const worlds = {
  ...Object.fromEntries(['memory.wasm', 'memory.small.wasm', 'memory.debug.wasm'].map((file) => [file, () => beside(file)])),
  async 'libmemory.a'() {
    const program = exportsOf(linked, {});
    return { ...program, base: program.__heap_base.value };
  },
};

if (existsSync(kWasiLibrary)) {
  const wasi = moduleOf(link('server-wasi.wasm', [object, kWasiLibrary], '--export-memory', '--allow-undefined', ...kOptions));
  worlds['wasi-libc'] = async () => {
    const imports = {};
    for (const { module, name } of WebAssembly.Module.imports(wasi)) (imports[module] ??= {})[name] = () => 8;
    const program = exportsOf(wasi, imports);
    return { ...program, base: program.__heap_base.value };
  };
}

/** Bytes from the heap's first to the memory's end. */
export const footprint = ({ memory, base }) => memory.buffer.byteLength - base;
