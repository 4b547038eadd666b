// A host like workerd: modules come compiled, none can be made, and there is no FinalizationRegistry.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kOut } from '../e2e/build-programs.js';

delete globalThis.FinalizationRegistry;
const compile = (file) => WebAssembly.compile(readFileSync(file));
const program = await compile(join(kOut, 'record.wasm'));
const memory = await compile(new URL('../../dist/memory.wasm', import.meta.url));
let answer = () => new WebAssembly.CompileError('Wasm code generation disallowed by embedder');
WebAssembly.Module = new Proxy(WebAssembly.Module, {
  construct() {
    throw answer();
  },
});
const { load } = await import('../../js/index.js');

test('compiled modules link, and growth is seen at the next look', async () => {
  const { exports, heap, link } = await load(program, { heap: memory });
  assert.equal(link, 'trampoline');
  const record = exports.createRecord(7, 1.5, 2.5) >>> 0;
  assert.equal(heap.i32[record >> 2], 7);
  const grown = [];
  heap.addEventListener('grow', ({ from, to }) => grown.push(to - from));
  const before = heap.memory.buffer.byteLength;
  heap.malloc(300000);
  assert.deepEqual(grown, []);
  assert.equal(heap.u8.length, heap.memory.buffer.byteLength);
  assert.deepEqual(grown, [heap.u8.length - before]);
  const block = heap.allocString('text');
  assert.equal(heap.readString(block.pointer), 'text');
  block.free();
});

test('another failure is not hidden', async () => {
  answer = () => new TypeError('something else');
  await assert.rejects(load(program, { heap: memory }), { message: 'something else' });
});
