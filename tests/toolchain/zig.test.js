// zig cc compiles and links C for this heap, as docs/c-library.md says: linked in, and loaded.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from '../../dist/memory.js';
import { kDist, kRoot } from './llvm.js';

const path = execFileSync(join(kRoot, '.ci/need'), ['zig'], { encoding: 'utf8' }).trim();
const out = join(kRoot, 'build/tests-toolchain');

function zig(source, name, options) {
  mkdirSync(out, { recursive: true });
  const file = join(out, `${name}.wasm`);
  const target = ['cc', '-target', 'wasm32-freestanding', '-nostdlib', '-O2', '-fno-builtin', `-I${kDist}/include`, '-Wl,--no-entry'];
  execFileSync('zig', [...target, join(kRoot, source), '-o', file, ...options], { env: { ...process.env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] });
  return readFileSync(file);
}

test('zig cc: the heap linked in', () => {
  const module = new WebAssembly.Module(zig('tests/wasm/programs/program.c', 'zig-static', [`${kDist}/libmemory.a`]));
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  assert.equal(new WebAssembly.Instance(module).exports.check(), 0, 'the line of program.c');
});

test('zig cc: the heap loaded', async () => {
  const exported = ['__heap_base', 'createRecord', 'deleteRecord'].map((name) => `-Wl,--export=${name}`);
  const { exports, heap } = await load(zig('examples/record/program.c', 'zig-loaded', ['-Wl,--import-symbols', ...exported]));
  const record = exports.createRecord(7, 1.5, 2.5) >>> 0;
  assert.deepEqual([heap.u32[record >>> 2], heap.f32[(record + 4) >>> 2]], [7, 1.5]);
  exports.deleteRecord(record);
  assert.equal(heap.inUse, 0);
});
