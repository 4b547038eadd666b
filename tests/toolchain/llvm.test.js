// The README's commands with every LLVM that is installed, 14 and later: C and C++, the heap linked in or loaded.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../dist/memory.js';
import { kDist, llvmVersions, program } from './llvm.js';

const kCpp = ['-std=c++17', '-fno-exceptions', '-fno-rtti'];
const kStatic = ['-Wl,--no-entry', `-L${kDist}`, '-lmemory'];
const kStaticWithC = [...kStatic, '-lmemory_c']; // which has exit
const kDynamic = ['-Wl,--no-entry,--allow-undefined,--export=__heap_base'];
const exported = (...names) => names.map((name) => `-Wl,--export=${name}`);

const instantiate = (bytes) => {
  const module = new WebAssembly.Module(bytes);
  assert.deepEqual(WebAssembly.Module.imports(module), [], 'a self-contained program imports nothing');
  return new WebAssembly.Instance(module).exports;
};

const versions = llvmVersions();

test('the oldest LLVM that the README names is here, and the one that builds memory.wasm', () => {
  assert.ok(versions.includes(14) && versions.some((version) => version >= 19), `installed: ${versions}`);
});

for (const version of versions) {
  for (const level of ['-O0', '-O2']) {
    // no-builtin: the compiler would leave out allocations that it can see are for nothing.
    const options = [level, '-fno-builtin'];

    test(`LLVM ${version} ${level}: C, the heap linked in`, () => {
      const { check } = instantiate(program(version, 'tests/wasm/programs/program.c', 'c-static', [...options, ...kStatic]));
      assert.equal(check(), 0, 'the line of program.c');
    });

    test(`LLVM ${version} ${level}: C, the heap loaded`, async () => {
      const { exports, heap } = await load(program(version, 'examples/record/program.c', 'c-loaded', [...options, ...kDynamic, ...exported('createRecord', 'deleteRecord')]));
      const record = exports.createRecord(7, 1.5, 2.5) >>> 0;
      assert.deepEqual([heap.u32[record >>> 2], heap.f32[(record + 4) >>> 2]], [7, 1.5]);
      exports.deleteRecord(record);
      assert.equal(heap.inUse, 0);
    });

    test(`LLVM ${version} ${level}: C++, the heap linked in`, () => {
      const { _initialize, check, check_new_handler, finish, ended } = instantiate(
        program(version, 'tests/toolchain/programs/runtime.cpp', 'cpp-static', [...options, ...kCpp, ...kStaticWithC, '-Wl,--max-memory=4194304']),
      );
      _initialize();
      assert.equal(check(), 0, 'the line of runtime.cpp');
      assert.equal(check_new_handler(), 0, 'the line of runtime.cpp');
      assert.throws(finish, WebAssembly.RuntimeError);
      assert.equal(ended(), 9321, 'the destructors, newest first');
    });

    test(`LLVM ${version} ${level}: C++, the heap loaded`, async () => {
      const { exports, heap } = await load(program(version, 'examples/cpp/program.cpp', 'cpp-loaded', [...options, ...kCpp, ...kDynamic, ...exported('_initialize', 'addSample', 'meanOfSamples', 'deleteSamples')]));
      for (let value = 1; value <= 1000; value++) exports.addSample(value);
      assert.equal(exports.meanOfSamples(), 500.5);
      exports.deleteSamples();
      assert.equal(heap.inUse, 0);
    });
  }
}
