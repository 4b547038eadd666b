// libmemory-pic.a: the heap linked into position-independent modules. Before LLVM 17 clang makes such code for Emscripten's target alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../dist/memory.js';
import { kDist, llvmVersions, program } from './llvm.js';

const kSource = 'tests/toolchain/programs/module.c';
const kLibrary = `${kDist}/libmemory-pic.a`;
const kEmpty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 10, 1, 6, 109, 101, 109, 111, 114, 121, 2, 0); // one page of memory

const targetFor = (version) => (version < 17 ? ['--target=wasm32-unknown-emscripten'] : []);
const link = (version, name, ...flags) => program(version, kSource, name, [...targetFor(version), '-O2', '-fno-builtin', '-fPIC', `-Wl,${flags.join(',')},--experimental-pic`, kLibrary]);

/** Uses a module's heap, and frees what it got twice. @param {any} exports @param {WebAssembly.Memory} memory */
function use({ make, drop, get_made, in_use, check }, memory) {
  const numbers = make(1000) >>> 0;
  assert.equal(new Int32Array(memory.buffer, numbers, 1000)[999], 999);
  assert.ok(in_use() >= 4000);
  assert.equal(check(), 0);
  drop(numbers);
  assert.equal(in_use(), 0);
  assert.throws(() => drop(numbers), WebAssembly.RuntimeError);
  assert.equal(get_made(), 1);
}

for (const version of llvmVersions().filter((each) => each >= 16)) {
  test(`LLVM ${version}: two side modules (-shared), each with its heap, beside memory.wasm in one memory`, async () => {
    const bytes = link(version, 'side', '-shared', '--no-entry');
    const { heap, memory } = await load(kEmpty, { onWarning() {} });
    const block = heap.allocBytes(new Uint8Array(1000).fill(7));
    for (const { exports } of [await heap.attach(bytes), await heap.attach(bytes)]) use(exports, memory);
    assert.ok(heap.subarray(block, 1000).every((byte) => byte === 7));
    assert.equal(heap.check(), null);
  });

  test(`LLVM ${version}: a program (-pie) that a loader puts at 4096`, () => {
    const module = new WebAssembly.Module(link(version, 'pie', '-pie', '--no-entry'));
    const env = {
      __memory_base: new WebAssembly.Global({ value: 'i32' }, 4096),
      __table_base: new WebAssembly.Global({ value: 'i32' }, 1),
      __indirect_function_table: new WebAssembly.Table({ element: 'anyfunc', initial: 10 }),
    };
    const { exports } = new WebAssembly.Instance(module, { env });
    exports.__wasm_apply_data_relocs?.();
    use(exports, exports.memory);
  });
}
