// Misuse of dist/memory.wasm: each kind traps, before anything of the heap or of the program is corrupted.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kDist } from './toolchain.js';

const module = new WebAssembly.Module(readFileSync(join(kDist, 'memory.wasm')));
const kPage = 65536;

// One size that is served from the chunks, one from a run (after its class has proved its use), one that is large.
const kSizes = { chunk: 700, slot: 48, 'large chunk': 100_000 };

/** A heap in use: 40 blocks of `bytes`, every third freed. */
function heapInUse(bytes) {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const heap = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const blocks = Array.from({ length: 40 }, () => heap.malloc(bytes));
  const freed = blocks.filter((_, i) => i % 3 === 0);
  freed.forEach(heap.free);
  return { memory, heap, freed, blocks: blocks.filter((_, i) => i % 3 !== 0) };
}

const traps = (call, what) => assert.throws(call, (error) => error instanceof WebAssembly.RuntimeError, what);

/** What takes a pointer to a block. */
const takers = {
  free: (heap, pointer) => heap.free(pointer),
  realloc: (heap, pointer) => heap.realloc(pointer, 10),
  malloc_usable_size: (heap, pointer) => heap.malloc_usable_size(pointer),
  free_sized: (heap, pointer) => heap.free_sized(pointer, 1),
  free_aligned_sized: (heap, pointer) => heap.free_aligned_sized(pointer, 16, 1),
  'operator delete': (heap, pointer) => heap._ZdlPv(pointer),
};

for (const [kind, bytes] of Object.entries(kSizes)) {
  for (const [name, take] of Object.entries(takers)) {
    test(`${name} of a ${kind} that was freed before`, () => {
      for (let i = 0; i < 14; i++) {
        const { heap, freed } = heapInUse(bytes);
        traps(() => take(heap, freed[i]), `block ${i}`);
        assert.equal(heap.heap_check(), 0);
      }
    });

    test(`${name} of a pointer into a ${kind}`, () => {
      const { heap, blocks } = heapInUse(bytes);
      for (const block of blocks)
        for (const offset of [1, 2, 4, 8, 12, 15, 16, 17, 32, 40, (bytes - 1) & ~15]) traps(() => take(heap, block + offset), `block + ${offset}`);
      assert.equal(heap.heap_check(), 0);
    });
  }

  test(`a ${kind} freed twice at once, and twice with its neighbours freed in between`, () => {
    for (let which = 1; which < 26; which++) {
      const { heap, blocks } = heapInUse(bytes);
      heap.free(blocks[which]);
      traps(() => heap.free(blocks[which]));
      heap.free(blocks[which - 1]);
      traps(() => heap.free(blocks[which]));
      assert.equal(heap.heap_check(), 0);
    }
  });

  test(`a size that no ${kind} of this address can have`, () => {
    const { heap, blocks } = heapInUse(bytes);
    traps(() => heap.free_sized(blocks[0], heap.malloc_usable_size(blocks[0]) + 1));
    traps(() => heap.free_aligned_sized(blocks[0], 3, bytes));
    traps(() => heap.free_aligned_sized(blocks[0], kPage * 16, bytes));
    heap.free_sized(blocks[0], bytes);
    heap.free_aligned_sized(blocks[1], 16, bytes);
    assert.equal(heap.heap_check(), 0);
  });
}

test('pointers that the heap never gave out', () => {
  for (const bytes of Object.values(kSizes)) {
    const { memory, heap } = heapInUse(bytes);
    const state = heap.heap_state() >>> 0;
    const end = memory.buffer.byteLength;
    const foreign = memory.grow(1) * kPage;
    const before = new Uint8Array(memory.buffer.slice(0, state));
    const pointers = [1, 4, 8, 15, 16, 1024, 1071, 4111, kPage, state - 16, state, state + 4, state + 16, state + 4096, end - 16, end, end + 4, foreign + 16, foreign + 1024, foreign + kPage - 16, 2 ** 31, 2 ** 32 - 16, 2 ** 32 - 1];
    for (const pointer of pointers) for (const [name, take] of Object.entries(takers)) traps(() => take(heap, pointer), `${name}(${pointer})`);
    assert.deepEqual(new Uint8Array(memory.buffer.slice(0, state)), before, 'the program lost a byte');
    assert.equal(heap.heap_check(), 0);
  }
});

test('any pointer without a heap', () => {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const heap = new WebAssembly.Instance(module, { env: { memory } }).exports;
  for (const [name, take] of Object.entries(takers)) for (const pointer of [1, 16, kPage, 2 * kPage]) traps(() => take(heap, pointer), name);
});

test('NULL is no misuse', () => {
  const { heap } = heapInUse(48);
  heap.free(0);
  heap.free_sized(0, 100);
  heap.free_aligned_sized(0, 3, 100);
  heap._ZdlPv(0);
  assert.equal(heap.malloc_usable_size(0), 0);
  assert.notEqual(heap.realloc(0, 10), 0);
});

test('a smashed size field', () => {
  for (const bytes of [700, 5000, 100_000])
    for (const change of [() => 0, () => 1, () => 3, () => 0xffffffff, () => 0xfffffff3, () => 0x41414141, () => 0x43434343, () => 0x7ffffff3, (old) => old + 16, (old) => old - 16, (old) => old ^ 1, (old) => old | 4, (old) => old | 8, (old) => old ^ 0x80000000, (old) => old * 2, (old) => ~old]) {
      const { memory, heap, blocks } = heapInUse(bytes);
      for (const fill of [0, 0x41, 0xff]) {
        for (const block of blocks) new Uint8Array(memory.buffer, block, bytes).fill(fill);
        const view = new DataView(memory.buffer);
        const head = blocks[5] - 4;
        const old = view.getUint32(head, true);
        view.setUint32(head, change(old), true);
        for (const [name, take] of Object.entries(takers)) traps(() => take(heap, blocks[5]), `${name}: ${change} of a block of ${bytes}, filled with ${fill}`);
        view.setUint32(head, old, true);
        assert.equal(heap.heap_check(), 0);
      }
    }
});

test('one byte written behind a block', () => {
  for (const bytes of [700, 5000])
    for (const value of [0, 0x41, 0xff]) {
      const { memory, heap, blocks } = heapInUse(bytes);
      const [low, high] = [blocks[4], blocks[5]]; // neighbours
      const usable = heap.malloc_usable_size(low);
      assert.equal(low + usable + 8, high); // its seal, and the head of the next
      const overrun = new Uint8Array(memory.buffer, low + usable, 2);
      overrun.fill(value);
      traps(() => heap.free(low), `${value}`);
    }
});
