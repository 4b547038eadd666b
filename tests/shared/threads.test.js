// Threads over one heap, as load gives it: in Node's Workers.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { load } from '../../dist/memory.js';
import { assemble } from '../merge/assemble.js';
import { terminations } from './terminations.js';
import { stress } from './stress.js';
import { firstThread, hasEmscripten, linkedProgram } from './linked.js';
import { loadFirst, program, programForOne, startWorker, workerOf } from './threads.js';

const kSlots = 400;
const kQueue = 16384; // of worker.c

/** Runs with Workers that have joined; ends them. */
async function withWorkers(first, count, run) {
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker(first.handle)));
  try {
    return await run(...workers);
  } finally {
    await Promise.all(workers.map(({ end }) => end()));
  }
}

describe('threads', () => {
  test('three Workers and the main thread exchange, resize and free blocks; each heap holds, and nothing is lost', async () => {
    const first = await loadFirst();
    await withWorkers(first, 3, async (...workers) => {
      const slots = first.exports.slots(kSlots);
      const work = workers.map(({ call }, i) => call('exchange', slots, kSlots, i, 30_000));
      assert.equal(first.exports.exchange(slots, kSlots, 77, 30_000), 0);
      assert.deepEqual(await Promise.all(work), [0, 0, 0]);
      first.exports.drop(slots, kSlots);
      for (const { call } of workers) {
        assert.equal(await call('check'), null);
        assert.ok((await call('inUse')) < 70_000, 'the stack, and no more');
      }
      first.heap.trim();
      assert.equal(first.heap.check(), null);
      assert.equal(first.heap.inUse, 0);
    });
  });

  test('random operations of three Workers and the main thread, compared with a model that they share', async () => {
    const { operations } = await stress({ workers: 3, seed: Math.floor(Math.random() * 1e9), goesOn: (round) => round < 2 });
    assert.equal(operations, 400_000);
  });

  test('data is initialised once, thread-local data for each thread', async () => {
    const first = await loadFirst();
    const { exports } = first;
    assert.equal(exports.count_up(), 8);
    await withWorkers(first, 2, async (a, b) => {
      assert.equal(await a.call('count_up'), 9);
      assert.equal(exports.count_up(), 10);
      assert.equal(await b.call('greeting_at', 0), 'h'.charCodeAt(0));
      const slots = exports.slots(8);
      await a.call('exchange', slots, 8, 1, 1000);
      assert.equal(await a.call('operations_of_this_thread'), 1000);
      assert.equal(await b.call('operations_of_this_thread'), 0);
      assert.equal(exports.operations_of_this_thread(), 0);
    });
  });

  test('a stack of the size that was asked for, and a guard that shows when it was too small', async () => {
    const first = await loadFirst();
    const { call, end } = await startWorker(first.handle, { stack: 8192 });
    await call('use_stack', 7000);
    assert.equal(await call('hasOverflowed'), false);
    await call('use_stack', 8500);
    assert.equal(await call('hasOverflowed'), true);
    await end();
  });

  test('a thread that leaves gives its heap to the next, with the blocks that are in use', async () => {
    const first = await loadFirst();
    const { number, call, end } = await startWorker(first.handle);
    const block = await call('malloc', 5000);
    await call('leave');
    await end();
    await withWorkers(first, 1, async (next) => {
      assert.equal(next.number, number);
      first.heap.free(block);
      assert.ok((await next.call('inUse')) < 70_000);
    });
  });

  test('terminations in the middle of the work: nobody waits, every heap that is taken over holds', async () => {
    const { lost, most } = await terminations({ times: 8 });
    // A thread that was stopped between two writes leaves a heap that does not hold. Nobody takes it over.
    assert.ok(lost <= 1, `${lost} heaps are broken`);
    assert.ok(most <= 4 + lost, `${most} heaps for 4 threads`);
  });

  test('a snapshot is for a thread that is alone', async () => {
    const first = await loadFirst();
    const { heap } = first;
    const block = heap.malloc(100);
    heap.u8.fill(1, block, block + 100);
    const copy = heap.snapshot();
    heap.u8.fill(2, block, block + 100);
    const later = heap.malloc(100_000);
    heap.restore(copy);
    assert.ok(heap.subarray(block, 100).every((byte) => byte === 1));
    assert.equal(heap.check(), null);
    assert.throws(() => heap.free(later), WebAssembly.RuntimeError);
    const { call, end } = await startWorker(first.handle);
    assert.throws(() => heap.snapshot(), { name: 'SnapshotError', message: /^1 other thread uses this memory \(heap 2\)/ });
    assert.throws(() => heap.restore(copy), { name: 'SnapshotError' });
    await call('leave');
    heap.snapshot();
    await end();
  });
});

describe('a program that was built for one thread (makeShared)', () => {
  const loadMade = () => load(programForOne(), { heap: 'shared', makeShared: true });

  test('its static data is written once, and each thread has a stack of its own', async () => {
    const first = await loadMade();
    assert.equal(first.exports.count_up(), 8);
    await withWorkers(first, 2, async (a, b) => {
      assert.equal(await a.call('count_up'), 9);
      assert.equal(first.exports.count_up(), 10);
      assert.equal(await b.call('greeting_at', 0), 'h'.charCodeAt(0));
      await Promise.all([a, b].map(({ call }) => call('use_stack', 30_000)));
      assert.deepEqual(await Promise.all([a, b].map(({ call }) => call('hasOverflowed'))), [false, false]);
    });
  });

  test('blocks that are handed over are freed by others', async () => {
    const first = await loadMade();
    await withWorkers(first, 2, async (a, b) => {
      const queue = first.exports.make_queue();
      for (let seed = 0; seed < 5; seed++) {
        first.exports.restart(queue);
        await a.call('produce', queue, seed, kQueue);
        await b.call('consume', queue, kQueue);
      }
      assert.deepEqual([await a.call('check'), await b.call('check')], [null, null]);
      assert.ok((await a.call('inUse')) < 70_000);
    });
  });

  test('the maximum is the program\'s; without one it is 2 GiB', async () => {
    const { memory } = await loadMade();
    assert.throws(() => memory.grow(32_768 - memory.buffer.byteLength / 65536 + 1), RangeError);
    assert.ok(memory.buffer instanceof SharedArrayBuffer);
  });

  test('is not loaded or joined without being made one for several: the error says what is wrong with it', async () => {
    await assert.rejects(load(programForOne(), { heap: 'shared' }), { name: 'MemoryKindError' });
    const first = await loadMade();
    await assert.rejects(load(programForOne(), { join: first.handle }), {
      name: 'LinkModeError',
      message: /^the program was built for one thread: its data segments are active.* link it with --shared-memory\. Or load it with makeShared: true/,
    });
    const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 1));
    await assert.rejects(load(module, { join: first.handle }), { name: 'LinkModeError', message: /built for one thread: it imports no memory/ });
    const { module: compiled } = await load(programForOne(), { link: 'direct' });
    await assert.rejects(load(compiled, { join: first.handle }), { name: 'ImportMismatchError' });
  });

  test('is for the shared heap, and for a file that can be read', async () => {
    await assert.rejects(load(programForOne(), { makeShared: true }), { name: 'TypeError', message: /^options\.makeShared is for heap 'shared'; found .*memory\.wasm/ });
    await assert.rejects(load(programForOne(), { heap: 'shared', makeShared: 1 }), /options.makeShared must be true or false; found 1/);
    const { module } = await load(programForOne(), { link: 'direct' });
    await assert.rejects(load(module, { heap: 'shared', makeShared: true }), { name: 'LinkModeError', message: /bytes nobody can read/ });
  });
});

describe('programs that are linked with their heap: ours, and those that measure.js has beside it', () => {
  for (const heap of ['shared', 'locked', ...(hasEmscripten ? ['emscripten'] : [])]) {
    test(`${heap}: two Workers exchange, resize and free blocks; one makes what the other frees`, async () => {
      const { exports, memory, next } = firstThread(linkedProgram(heap));
      const workers = [await workerOf('linked-worker.js', next()), await workerOf('linked-worker.js', next())];
      try {
        const slots = exports.slots(kSlots);
        assert.deepEqual(await Promise.all(workers.map(({ call }, i) => call('exchange', slots, kSlots, i, 3_000))), [0, 0]);
        const queue = exports.make_queue();
        await workers[0].call('produce', queue, 1, kQueue); // one after the other: on a busy machine they would wait for each other
        await workers[1].call('consume', queue, kQueue);
        const [made, freed] = [0, 16].map((word) => new Uint32Array(memory.buffer, queue, 32)[word]);
        assert.deepEqual([made, freed], [kQueue, kQueue]);
      } finally {
        await Promise.all(workers.map(({ end }) => end()));
      }
    });
  }
});

describe('what is refused', () => {
  test('a shared memory whose program has active data segments, in any thread', async () => {
    const active = assemble('(module (memory (export "memory") 1 100 shared) (data (i32.const 16) "again and again"))');
    await assert.rejects(load(active, { heap: 'shared' }), { name: 'LinkModeError', message: /its data segments are active/ });
    const { handle, heap } = await load(active, { heap: 'shared', makeShared: true });
    heap.u8[16] = 1;
    await load(handle.program, { join: handle, stack: 0 });
    assert.equal(heap.u8[16], 1);
  });

  test('a memory that can not grow', async () => {
    const full = assemble('(module (memory (export "memory") 2 2 shared))');
    await assert.rejects(load(full, { heap: 'shared' }), { name: 'OutOfMemoryError', message: /^the memory \(2 pages\) can't grow by the pages that a heap of threads begins with/ });
  });

  test('a module for a memory that is not shared can not be attached', async () => {
    const { heap } = await loadFirst();
    const other = assemble('(module (import "env" "memory" (memory 1)))');
    await assert.rejects(heap.attach(other), { name: 'MemoryKindError', message: /can't be attached: the program's memory is shared, .* Link the module with --shared-memory/ });
  });

  test('a program that does not export its stack pointer', async () => {
    const first = await load(program({ name: 'no-stack.wasm', exported: ['__wasm_init_tls', '__tls_size', '__tls_align'] }), { heap: 'shared' });
    await assert.rejects(load(first.module, { join: first.handle }), { name: 'LinkModeError', message: /does not export its stack pointer.*--export=__stack_pointer/ });
  });

  test('thread-local data without its initialiser, by name', async () => {
    const bytes = program({ name: 'no-tls.wasm', exported: ['__stack_pointer'] });
    await assert.rejects(load(bytes, { heap: 'shared' }), { name: 'LinkModeError', message: /^the program has thread-local variables and does not export __wasm_init_tls, __tls_size, __tls_align/ });
  });

  test('a page that is not isolated: the error names the headers', async () => {
    globalThis.crossOriginIsolated = false;
    try {
      await assert.rejects(loadFirst(), { name: 'MemoryKindError', message: /Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp/ });
    } finally {
      delete globalThis.crossOriginIsolated;
    }
  });

  test('a memory that is not shared, or the release heap for one that is', async () => {
    await assert.rejects(load(program()), { name: 'MemoryKindError', message: /Load with heap: 'shared'/ });
  });

  test('options that do not fit', async () => {
    const first = await loadFirst();
    await assert.rejects(loadFirst({ link: 'trampoline' }), /options.heap 'shared' and options.link 'trampoline' can't be used together/);
    await assert.rejects(loadFirst({ check: true }), /options.heap 'shared' and options.check can't be used together/);
    await assert.rejects(loadFirst({ debug: { stacks: false } }), /options.heap 'shared' and options.debug can't be used together/);
    await assert.rejects(load(program(), { join: first.handle, heap: 'shared' }), /options.join and options.heap can't be used together/);
    await assert.rejects(load(program(), { join: {} }), /must be the handle of a program/);
    await assert.rejects(load(program(), { join: first.handle, stack: -1 }), /options.stack must be/);
    await assert.rejects(load(program(), { join: { ...first.handle, key: first.handle.key ^ 1 } }), { name: 'OutOfMemoryError' });
  });
});
