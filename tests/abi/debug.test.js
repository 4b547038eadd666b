// The built dist/memory.debug.wasm: it can stand in for memory.wasm, and what it has beyond that is in golden.debug.txt.

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { kDist } from '../wasm/toolchain.js';
import { describe, sections } from './describe.js';

const file = join(kDist, 'memory.debug.wasm');
const lines = describe(file);
const exported = (all) => all.filter((line) => line.startsWith('export'));

test('it exports all that memory.wasm does, of the same types, and what golden.debug.txt has', () => {
  const golden = readFileSync(new URL('golden.debug.txt', import.meta.url), 'utf8').trim().split('\n');
  assert.deepEqual(exported(lines), [...exported(describe(join(kDist, 'memory.wasm'))), ...golden].sort());
});

test('env.memory is the only import; a second memory is its own', () => {
  const { Import, Memory } = sections(file);
  assert.deepEqual(Import, ['memory[0] pages: initial=0 <- env.memory']);
  assert.equal(Memory.length, 1);
});

test('nothing is put into a memory when it is instantiated', () => {
  for (const name of ['Data', 'DataCount', 'Elem', 'Start']) assert.ok(!(name in sections(file)), `a section ${name}`);
});

test('its size is within the budget', () => {
  const { size } = statSync(file);
  const brotli = brotliCompressSync(readFileSync(file)).length;
  const budget = JSON.parse(readFileSync(new URL('budget.json', import.meta.url), 'utf8'))['memory.debug.wasm'];
  assert.ok(size <= budget.bytes && brotli <= budget.brotli, `${size} bytes, ${brotli} brotli; tests/abi/budget.json has ${JSON.stringify(budget)}`);
});
