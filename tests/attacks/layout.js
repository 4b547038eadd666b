// The layout of the heap's metadata, as the compiler sees it: layout.cpp.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile, link } from '../wasm/toolchain.js';

const inRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const object = compile('tests/attacks/layout.cpp', `-I${inRoot('src')}`, `-I${inRoot('src/wasm/memory')}`, '-fno-access-control', '-Wno-invalid-offsetof', '-fno-strict-aliasing');
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(link('layout.wasm', [object]))));

const kFunctions = ['size_class', 'shape_of', 'words_of'];

/** Offsets and constants by name, and the functions above. */
export const layout = Object.fromEntries(
  Object.entries(exports).flatMap(([name, value]) => (typeof value !== 'function' ? [] : [[name, kFunctions.includes(name) ? value : value() >>> 0]])),
);
