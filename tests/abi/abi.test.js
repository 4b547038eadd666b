// The built dist/memory.wasm, as wabt reads it: what it takes, what it gives, and that it owns no byte of the program's memory.

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { kDist, run } from '../wasm/toolchain.js';
import { describe, sections } from './describe.js';

const file = join(kDist, 'memory.wasm');
const golden = readFileSync(new URL('golden.txt', import.meta.url), 'utf8').trim().split('\n');

test('imports, exports, table and sections are those of golden.txt', () => {
  assert.deepEqual(describe(file), golden, 'If that is meant: node tests/abi/describe.js > tests/abi/golden.txt');
});

test('nothing of it is put into the memory when it is instantiated', () => {
  const names = Object.keys(sections(file));
  for (const name of ['Data', 'DataCount', 'Elem', 'Start', 'Memory']) assert.ok(!names.includes(name), `a section ${name}`);
});

test('env.memory is the only import, of any size and without a maximum', () => {
  assert.deepEqual(sections(file).Import, ['memory[0] pages: initial=0 <- env.memory']);
});

test('bulk memory and sign extension are all it needs of an engine beyond WebAssembly 1.0', () => {
  const others = ['saturating-float-to-int', 'simd', 'multi-value', 'reference-types'].map((feature) => `--disable-${feature}`);
  run('wasm-validate', ...others, file);
});

// wasm-ld puts the stack pointer first; the others hold the heap's address, the key and the callback of heap_on_grow.
test('no function uses a stack', () => {
  assert.equal(sections(file).Global.length, 4);
  const used = run('wasm-objdump', '-d', file).matchAll(/\bglobal\.[gs]et (\d+)/g);
  assert.deepEqual([...new Set(Array.from(used, ([, index]) => index))].sort(), ['1', '2', '3']);
});

test('its size is within the budget', () => {
  const budget = JSON.parse(readFileSync(new URL('budget.json', import.meta.url), 'utf8'));
  const { size } = statSync(file);
  const brotli = brotliCompressSync(readFileSync(file)).length;
  assert.ok(size <= budget.bytes && brotli <= budget.brotli, `${size} bytes, ${brotli} brotli; tests/abi/budget.json has ${JSON.stringify(budget)}`);
});
