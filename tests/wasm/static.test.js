// Programs linked with dist/libmemory.a by the one command of the README: self-contained, with the same heap.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileAndLink } from './toolchain.js';

function build(name, source, ...options) {
  const module = new WebAssembly.Module(readFileSync(compileAndLink(name, `tests/wasm/programs/${source}`, ...options)));
  assert.deepEqual(WebAssembly.Module.imports(module), [], 'a self-contained program imports nothing');
  return module;
}

const instantiate = (module) => new WebAssembly.Instance(module).exports;

for (const level of ['-O0', '-O2', '-Oz']) {
  test(`a C program at ${level}`, () => {
    assert.equal(instantiate(build(`static-c${level}.wasm`, 'program.c', level, '-fno-builtin', '-Wl,--export-memory')).check(), 0, 'the line of program.c');
  });

  test(`a C++ program with every operator new and delete at ${level}`, () => {
    const program = instantiate(build(`static-cpp${level}.wasm`, 'operators.cpp', level, '-std=c++20', '-fno-exceptions', '-fno-builtin'));
    assert.equal(program.check(), 0, 'the line of operators.cpp');
    assert.throws(() => program.too_much(), WebAssembly.RuntimeError);
  });
}

test('a program that replaces some of the functions', () => {
  const program = build('replaces.wasm', 'replaces.cpp', '-O1', '-std=c++20', '-fno-exceptions', '-fno-builtin');
  assert.equal(instantiate(program).check(), 0, 'the line of replaces.cpp');
});

test('the heap begins at __heap_base and uses what the initial memory has left before it grows', () => {
  const module = build('static-roomy.wasm', 'program.c', '-O2', '-fno-builtin', '-Wl,--initial-memory=1048576,--export-memory');
  const program = instantiate(module);
  assert.equal(program.check(), 0);
  assert.equal(program.memory.buffer.byteLength, 1048576);
});
