// C++ without a C++ library: the operators that a program replaced, and what is refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, kDist, program } from './llvm.js';

const kStatic = ['-Wl,--no-entry', `-L${kDist}`, '-lmemory'];

for (const version of [14, 19]) {
  test(`LLVM ${version}: the operators that a program replaced are called by the others`, () => {
    const bytes = program(version, 'tests/toolchain/programs/replaced.cpp', 'replaced', ['-O2', '-fno-builtin', '-std=c++17', '-fno-exceptions', '-fsized-deallocation', ...kStatic]);
    assert.equal(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.check(), 0, 'the line of replaced.cpp');
  });

  test(`LLVM ${version}: throw is refused by name, by the linker`, () => {
    const { bytes, complaint } = compile(version, 'tests/toolchain/programs/throws.cpp', 'throws', ['-O2', '-fexceptions', ...kStatic]);
    assert.equal(bytes, undefined);
    assert.match(complaint, /undefined symbol: __cxa_throw/);
  });
}
