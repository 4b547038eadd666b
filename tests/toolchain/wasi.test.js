// `-lmemory` before wasi-libc and libc++: their heap stays out, and nothing is defined twice.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WASI } from 'node:wasi';
import { kDist, program, run } from './llvm.js';

const kSource = 'tests/toolchain/programs/globals.cpp';
const kOptions = ['--target=wasm32-wasi', '-std=c++20', '-fno-exceptions', '-fno-builtin', '-D_GNU_SOURCE', '-Wl,--no-entry', '-L/usr/lib/wasm32-wasi', `-L${kDist}`];
const kLibraries = ['-lmemory', '-lc++', '-lc++abi', '-lc', `${run('clang-19', '-print-resource-dir').trim()}/lib/wasi/libclang_rt.builtins-wasm32.a`];

async function check(bytes) {
  const wasi = new WASI({ version: 'preview1' });
  const { instance } = await WebAssembly.instantiate(bytes, wasi.getImportObject());
  wasi.initialize(instance);
  assert.equal(instance.exports.check(), 0, 'the line of globals.cpp');
}

for (const level of ['-O0', '-O2']) {
  test(`std::string globals, ${level}`, () => check(program(19, kSource, 'globals', [level, ...kOptions, ...kLibraries])));
}

test('with link-time optimization', () => check(program(19, kSource, 'globals-lto', ['-O2', '-flto', ...kOptions, ...kLibraries])));
