// Threads as js/load/threads.js makes them, without Workers: each instance stands for a thread. (tests/shared has them in Workers.)

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { load, loadSync } from '../../js/index.js';
import { program, programForOne } from '../shared/threads.js';

const heap = new URL('../../dist/memory.shared.wasm', import.meta.url);
const join = (handle, options, source = handle.program) => load(source, { join: handle, ...options });

let first;
before(async () => (first = await load(program(), { heap })));

test('a thread that joins has a stack and thread-local data of its own, and frees what another allocated', async () => {
  const made = [];
  const { exports, heap: own, thread } = await join(first.handle, { onHeap: (heap) => made.push(heap), stack: 4096 });
  assert.deepEqual([made.length, made[0] === own, thread.number], [1, true, first.thread.number + 1]);
  assert.equal(thread.hasOverflowed, false);
  assert.ok(thread.stack.byteLength >= 4096);
  assert.ok(exports.__stack_pointer.value > thread.stack.pointer);
  const pointer = first.heap.malloc(100);
  own.free(pointer);
  assert.equal(own.check(), null);
  thread.leave();
});

test('the heap of a thread that left goes to the next that joins, with its blocks', async () => {
  const second = await join(first.handle);
  const kept = second.heap.malloc(500);
  const { number } = second.thread;
  second.thread.leave();
  const third = await join(first.handle);
  assert.equal(third.thread.number, number);
  assert.ok([...third.heap.spans()].some(({ pointer, kind }) => pointer === kept && kind === 'used'));
  assert.equal(first.thread.ended(number), true);
  assert.equal(first.thread.ended(number), false, 'it has ended already');
});

test('what is written under the stack shows', async () => {
  const { heap: own, thread } = await join(first.handle, { stack: 1024 });
  own.u8[thread.stack.pointer - 1] = 0;
  assert.equal(thread.hasOverflowed, true);
  thread.leave();
});

test('a program for one thread is refused, unless it is made one for several', async () => {
  await assert.rejects(load(programForOne(), { heap }), { name: 'MemoryKindError' });
  const made = await load(programForOne(), { heap, makeShared: true });
  const { exports, thread } = await join(made.handle);
  assert.equal(typeof exports.exchange, 'function');
  thread.leave();
  await assert.rejects(load(await WebAssembly.compile(program()), { heap, makeShared: true }), { name: 'LinkModeError' });
});

test('a heap that comes compiled is known as one for threads', async () => {
  const compiled = await WebAssembly.compile(readFileSync(heap));
  const { handle } = await load(program(), { heap: compiled });
  assert.ok(handle.memory.buffer instanceof SharedArrayBuffer);
  await assert.rejects(load(programForOne(), { heap: compiled }), { name: 'MemoryKindError', message: /32-bit, unshared, but the heap serves one that is 32-bit, shared\. Load with heap: 'release', or build the program/ });
  assert.throws(() => loadSync(programForOne(), { heap: compiled }), { name: 'MemoryKindError' });
  const release = await WebAssembly.compile(readFileSync(new URL('memory.wasm', heap)));
  await assert.rejects(load(program(), { heap: release }), { name: 'MemoryKindError', message: /32-bit, shared, but the heap serves one that is 32-bit, unshared\. Load with heap: 'shared'/ });
});

test('what can not join, and why', async () => {
  const { handle } = first;
  await assert.rejects(join({ ...handle, version: 2 }, {}, handle.program), /options\.join must be the handle of a program/);
  await assert.rejects(join(handle, { stack: 2 ** 31 }), /options\.stack must be the bytes of the thread's stack/);
  await assert.rejects(join(handle, { stack: 2 ** 30 }), { name: 'OutOfMemoryError', message: /no memory for the stack of this thread/ });
  const noStack = program({ name: 'no-stack.wasm', exported: ['__wasm_init_tls', '__tls_size', '__tls_align', '__tls_base', '__heap_base'] });
  await assert.rejects(load(noStack, { heap }).then(({ handle }) => join(handle)), { name: 'LinkModeError', message: /does not export its stack pointer/ });
  const noLocals = program({ name: 'no-locals.wasm', exported: ['__stack_pointer', '__heap_base'] });
  await assert.rejects(load(noLocals, { heap }), { name: 'LinkModeError', message: /thread-local variables and does not export/ });
});

test('heap shared goes with link direct alone, in words and as a file', async () => {
  await assert.rejects(load(program(), { heap: 'shared', link: 'table' }), /options\.heap 'shared' and options\.link 'table' can't be used together; with this heap go auto, direct/);
  await assert.rejects(load(program(), { heap, link: 'merge' }), /options\.link and heap 'shared' go together only as 'direct'; found 'merge'/);
  await assert.rejects(load(program(), { heap: new URL('../../dist/memory.wasm', import.meta.url), makeShared: true }), /options\.makeShared is for heap 'shared'; found .*memory\.wasm/);
});
