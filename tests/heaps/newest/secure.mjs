// memory.secure.wasm: its own scenarios, random operations against a model, tampering, and the merger. Run by ../newest.test.js.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { link } from '../../../js/cli/index.js';
import { merge } from '../../../js/merge/index.js';
import { makeContext } from '../../e2e/context.js';
import { scenarios } from '../../e2e/scenarios/index.js';
import { startServer } from '../../e2e/server.js';
import { assemble } from '../../merge/assemble.js';
import { buildPrograms } from '../../wasm/seeded-programs.js';
import { digests } from '../../wasm/seeded-world.js';
import { kDist } from '../../wasm/toolchain.js';
import { tamperSecure } from '../tamper.mjs';

const api = await import('../../../js/index.js');
const server = await startServer();
after(server.stop);
const bytes = new Uint8Array(readFileSync(join(kDist, 'memory.secure.wasm')));
const module = new WebAssembly.Module(bytes);

for (const mode of ['direct', 'merge']) {
  for (const [name, run] of scenarios) {
    if (name.startsWith('secure: ')) test(`${name}, link '${mode}'`, () => run(makeContext(api, server.address, 'dist/memory.wasm', mode)));
  }
}

test('random operations', () => {
  const { direct } = buildPrograms();
  const seed = Math.floor(Math.random() * 1e9);
  for (const { seed: at, digest } of digests({ ...direct, heapModule: module }, seed, 50_000)) assert.match(digest, /^[0-9a-f]{16}$/, `seed ${at}`);
});

test('tampering with the memory of the program: nothing is corrupt', () => {
  const { corrupt, broken, trap, nothing } = tamperSecure({ trials: 30, seed: Math.floor(Math.random() * 1e9) });
  assert.deepEqual([corrupt, broken], [0, 0]);
  assert.ok(trap > 0 && nothing > 0, `${trap} trapped, ${nothing} without effect`);
});

test('nothing but blocks, and a word behind each, is written into the memory of the program', () => {
  const memory = new WebAssembly.Memory({ initial: 0, maximum: 2000 });
  const heap = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const blocks = Array.from({ length: 2000 }, (_, i) => heap.malloc(i % 50 ? 8 * (i % 90) : 3 * i)).filter((_, i) => i % 3 || void heap.free(_));
  const words = new Uint32Array(memory.buffer);
  const ends = new Set();
  for (const block of blocks) {
    new Uint8Array(memory.buffer, block, heap.malloc_usable_size(block)).fill(0);
    ends.add((block + heap.malloc_usable_size(block)) >>> 2);
  }
  // What was freed before has no bytes of its own, and left the words that were behind it.
  const others = words.reduce((count, word, at) => count + (word !== 0 && !ends.has(at)), 0);
  assert.ok(others < 700, `${others} words of ${words.length}`);
  assert.equal(heap.heap_check(), 0);
});

test('a heap begins in a region of 11,000 bytes, and not in a smaller one than it needs', () => {
  const begin = (address, count) => {
    const heap = new WebAssembly.Instance(module, { env: { memory: new WebAssembly.Memory({ initial: 1 }) } }).exports;
    const added = heap.heap_add_region(address, count);
    return { heap, added };
  };
  for (const address of [16, 1000, 4096]) {
    const { heap, added } = begin(address, 11_000);
    assert.ok(added > 10_900, `${added} of a region at ${address}`);
    assert.notEqual(heap.heap_add_region(40_000, 1000), 0, 'a later one may be small');
    assert.equal(heap.heap_check(), 0);
    assert.equal(begin(address, 10_900).added, 0, `at ${address}`);
  }
});

test('tags are dense: blocks of 0.5 to 4 KB take less than 1.35 times the resident memory of memory.wasm', () => {
  const file = fileURLToPath(new URL('../../../bench/heaps/resident.mjs', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [file, '600', '4000'], { encoding: 'utf8' });
  const ratios = Object.values(JSON.parse(stdout.trim().split('\n').at(-1) ?? stderr));
  assert.ok(ratios.length === 2 && ratios.every((ratio) => ratio > 0.9 && ratio < 1.35), stdout);
});

test('a full memory of 4 GiB: no block reaches its end, and all come back', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const heap = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const blocks = [];
  for (let size = 2 ** 28; size > 500; size /= 2) for (let block; (block = heap.malloc(size) >>> 0);) blocks.push(block);
  assert.equal(memory.buffer.byteLength, 2 ** 32);
  for (const block of blocks) assert.ok(block + (heap.malloc_usable_size(block) >>> 0) <= 2 ** 32 - 64);
  for (const block of blocks) heap.free(block);
  assert.deepEqual([heap.heap_check(), heap.heap_in_use()], [0, 0]);
});

const invalid = {
  'a load from memory 1': '(func (export "f") (result i32) (i32.load 1 (i32.const 0)))',
  'memory.copy from memory 1': '(func (export "f") (memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 8)))',
  'memory.fill of memory 1': '(func (export "f") (memory.fill 1 (i32.const 0) (i32.const 0) (i32.const 8)))',
  'the export of memory 1': '(export "m" (memory 1))',
  'a data segment in memory 1': '(data (memory 1) (i32.const 0) "overwritten")',
  'a global of the heap': '(func (export "f") (result i32) (global.get 0))',
  'a function of the heap': '(func (export "f") (call 2))',
};

for (const [what, body] of Object.entries(invalid)) {
  test(`the merger refuses a program that names ${what}, which it doesn't have`, () => {
    const program = assemble(`(module (import "env" "malloc" (func (param i32) (result i32))) (memory (export "memory") 1) ${body})`, '--no-check', '--enable-multi-memory');
    assert.ok(!WebAssembly.validate(program));
    assert.throws(() => merge(program, bytes), /index \d+ of \d+/);
  });
}

test('the command makes one file of a program and the heap', async () => {
  const { bytes: linked } = await link(new Uint8Array(readFileSync(join(kDist, '../build/e2e/record.wasm'))), { heap: join(kDist, 'memory.secure.wasm'), exports: ['heap_check'] });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(linked));
  assert.equal(exports.sumOfBlock(1000), 499500);
  new Uint8Array(exports.memory.buffer).fill(0xa5, 4096);
  assert.equal(exports.heap_check(), 0);
});
