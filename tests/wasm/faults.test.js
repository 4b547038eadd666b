// What the first edition of the heap did wrong, each as a test of its kind, on what ships.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { kDist } from './toolchain.js';

const kPage = 65536;
const modules = Object.fromEntries(['memory.wasm', 'memory.small.wasm'].map((file) => [file, new WebAssembly.Module(readFileSync(join(kDist, file)))]));
const heapOver = (memory, file = 'memory.wasm') => new WebAssembly.Instance(modules[file], { env: { memory } }).exports;
const newHeap = (limits = { initial: 1 }, file = 'memory.wasm') => heapOver(new WebAssembly.Memory(limits), file);
const many = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const traps = (call, what) => assert.throws(call, WebAssembly.RuntimeError, what);

/** The least of several measurements, in microseconds per call. */
function time(calls, call) {
  let least = Infinity;
  for (let round = 0; round < 7; round++) {
    const began = performance.now();
    for (let i = 0; i < calls; i++) call();
    least = Math.min(least, ((performance.now() - began) * 1000) / calls);
  }
  return least;
}

for (const file of Object.keys(modules))
  describe(file, () => {
    test('a refused request costs the same with few free chunks and with many', () => {
      const cost = (pages) => {
        const heap = newHeap({ initial: 1, maximum: pages }, file);
        const blocks = [];
        for (let block; (block = heap.malloc(3000)); ) blocks.push(block);
        blocks.slice(0, -2).forEach((block, i) => i % 2 && heap.free(block));
        assert.equal(heap.malloc(3100), 0);
        return time(200, () => heap.malloc(3100));
      };
      const [few, most] = [cost(16), cost(1024)];
      assert.ok(most < 10 * few + 5, `${few} microseconds with 16 pages, ${most} with 1024`);
    });

    test('an aligned request finds the hole that it left', () => {
      const heap = newHeap({ initial: 1 }, file);
      let footprint;
      for (let round = 0; round < 300; round++) {
        const [a, b] = many(2, () => heap.aligned_alloc(4096, 60000));
        heap.malloc(700);
        heap.free(a);
        heap.free(b);
        if (round === 5) footprint = heap.heap_footprint();
      }
      assert.ok(heap.heap_footprint() < footprint + 300 * 700 + 4 * kPage, `${footprint} bytes after 5 rounds, ${heap.heap_footprint()} after 300`);
    });

    test('a block that grows by small steps seldom moves', () => {
      const heap = newHeap({ initial: 1 }, file);
      let moves = 0;
      let block = heap.malloc(600);
      for (let bytes = 600; bytes < 4000; bytes += 16) {
        heap.malloc(20); // what follows it
        const moved = heap.realloc(block, bytes);
        moves += moved !== block;
        block = moved;
      }
      assert.ok(moves < 20, `${moves} moves in 212 steps`);
    });

    test('growth to a limit takes few growths beyond it', () => {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 4000 });
      const heap = heapOver(memory, file);
      while (heap.malloc(kPage));
      assert.equal(memory.buffer.byteLength, 4000 * kPage);
    });

    test('memcpy, memmove and memset of nothing, also beyond the memory', () => {
      const heap = newHeap({ initial: 1 }, file);
      for (const beyond of [kPage + 1, 2 ** 31, -1]) {
        assert.equal(heap.memcpy(beyond, beyond, 0), beyond | 0);
        assert.equal(heap.memmove(beyond, beyond, 0), beyond | 0);
        assert.equal(heap.memset(beyond, 1, 0), beyond | 0);
      }
    });
  });

test('few survivors do not pin the memory', () => {
  const heap = newHeap();
  for (let bytes = 16; bytes <= 496; bytes += 32) {
    const blocks = many(Math.ceil(2 ** 21 / bytes), () => heap.malloc(bytes));
    blocks.forEach((block, i) => i % 64 && heap.free(block));
  }
  assert.equal(heap.heap_check(), 0);
  assert.ok(heap.heap_footprint() < 90 * kPage, `${heap.heap_footprint() / kPage} pages`);
});

test('one malloc in a start function does not make later ones slow: they are slots in the spare memory', () => {
  const memory = new WebAssembly.Memory({ initial: 40 });
  const heap = heapOver(memory);
  heap.malloc(1); // above the spare memory
  heap.heap_add_region(2 * kPage, 38 * kPage);
  const blocks = many(4000, () => heap.malloc(64));
  assert.equal(memory.buffer.byteLength, 41 * kPage);
  const adjacent = blocks.filter((block, i) => i && block - blocks[i - 1] === 64).length;
  assert.ok(adjacent > 3800, `${adjacent} of 4000 are slots next to each other`);
});

test('a full memory serves a small request from a larger slot', () => {
  const heap = newHeap({ initial: 1, maximum: 12 });
  const large = many(100, () => heap.malloc(512));
  while (heap.malloc(8));
  assert.equal(heap.heap_largest_free(), 0);
  heap.free(large[60]);
  assert.equal(heap.heap_largest_free(), 512);
  assert.equal(heap.malloc(16), large[60]);
});

test('blocks of before heap_reset trap', () => {
  const heap = newHeap();
  const blocks = [...many(40, () => heap.malloc(48)), ...many(10, () => heap.malloc(1000)), heap.malloc(100_000)];
  heap.heap_reset();
  for (const block of blocks) traps(() => heap.free(block), `${block}`);
  assert.equal(heap.heap_check(), 0);
});

test('a block of another heap over the same memory traps', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const [one, other] = [heapOver(memory), heapOver(memory)];
  const blocks = [...many(40, () => one.malloc(48)), one.malloc(1000)];
  many(40, () => other.malloc(48));
  for (const block of blocks) traps(() => other.free(block), `${block}`);
  blocks.forEach(one.free);
});

test('the key: before the first allocation only, and a heap is attached only with the same', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const [first, same, other, none] = many(4, () => heapOver(memory));
  assert.equal(first.heap_protect(12345), 1);
  const block = first.malloc(1000);
  assert.equal(first.heap_protect(12345), 1, 'the same again');
  assert.equal(first.heap_protect(54321), 0, 'another one, too late');
  assert.equal(same.heap_protect(12345), 1);
  assert.equal(same.heap_attach(first.heap_state()), 1);
  other.heap_protect(54321);
  assert.equal(other.heap_attach(first.heap_state()), 0);
  assert.equal(none.heap_attach(first.heap_state()), 0);
  same.free(block);
});
