// Each variant over every kind of memory: it never touches a byte that it did not get, takes what there is, and fails cleanly where that ends.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { kDist } from './toolchain.js';

const kPage = 65536;
const kFull = 65536; // pages: 4 GiB

/** A repeatable sequence of numbers below `limit`. */
function randomNumbers(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Allocates, fills, resizes and frees in every way, and lets others grow the memory now and then. */
function useHeavily(heap, memory, steps, onForeignGrowth = () => {}) {
  const random = randomNumbers(42);
  const blocks = [];
  const ways = [
    (bytes) => heap.malloc(bytes),
    (bytes) => heap.calloc(3, bytes / 3),
    (bytes) => heap.aligned_alloc(1 << random(14), bytes),
    (bytes) => heap.realloc(blocks.length ? blocks.splice(random(blocks.length), 1)[0] : 0, bytes),
  ];
  for (let step = 0; step < steps; step++) {
    if (step % 500 === 250) onForeignGrowth();
    if (random(5) < 2 && blocks.length) {
      heap.free(blocks.splice(random(blocks.length), 1)[0]);
      continue;
    }
    const block = ways[random(ways.length)](random(step % 40 ? 2000 : 150000));
    if (!block) continue; // realloc's block is lost to us then, not to the heap
    assert.equal(block % 16, 0);
    new Uint8Array(memory.buffer, block, heap.malloc_usable_size(block)).fill(0x5a);
    blocks.push(block);
    if (step % 50 === 0) assert.equal(heap.heap_check(), 0);
  }
  return blocks;
}

const patternAt = (i) => (i * 31 + (i >>> 8) * 7 + 1) & 0xff;
function writePattern(memory, begin, end) {
  const bytes = new Uint8Array(memory.buffer);
  for (let i = begin; i < end; i++) bytes[i] = patternAt(i);
}
function assertPattern(memory, begin, end) {
  const bytes = new Uint8Array(memory.buffer);
  for (let i = begin; i < end; i++) if (bytes[i] !== patternAt(i)) assert.fail(`byte ${i} of the program's memory is ${bytes[i]}, was ${patternAt(i)}`);
}

/** A JavaScript function as something that a table holds: exported by a module that imports it. */
function functionForTable(callback) {
  const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x66, 1, 0x66, 0, 0, 7, 5, 1, 1, 0x66, 0, 0]);
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { f: { f: callback } }).exports.f;
}

for (const file of ['memory.wasm', 'memory.small.wasm']) describe(file, () => {
const module = new WebAssembly.Module(readFileSync(join(kDist, file)));

/** The exports with unsigned results. */
function heapOver(memory) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, typeof value === 'function' ? (...values) => value(...values) >>> 0 : value]));
}

for (const limits of [{ initial: 1 }, { initial: 1, maximum: 200 }, { initial: 5 }, { initial: 17, maximum: 65536 }]) {
  test(`no byte of the program's memory changes: ${JSON.stringify(limits)}`, () => {
    const memory = new WebAssembly.Memory(limits);
    const end = limits.initial * kPage;
    writePattern(memory, 0, end);
    const heap = heapOver(memory);
    assertPattern(memory, 0, end);
    const foreign = [];
    useHeavily(heap, memory, 3000, () => {
      const begin = memory.grow(1) * kPage;
      writePattern(memory, begin, begin + kPage);
      foreign.push(begin);
    });
    assertPattern(memory, 0, end);
    for (const begin of foreign) assertPattern(memory, begin, begin + kPage);
    assert.equal(heap.heap_check(), 0);
  });
}

test('of a memory with __heap_base only what was given changes', () => {
  for (const heapBase of [66560, 66561, 70001, 3 * kPage]) {
    const memory = new WebAssembly.Memory({ initial: 5 });
    const end = 4 * kPage + 1234; // the program keeps what is above
    writePattern(memory, 0, 5 * kPage);
    const heap = heapOver(memory);
    const taken = heap.heap_add_region(heapBase, end - heapBase);
    assert.ok(taken > end - heapBase - 32 && taken <= end - heapBase);
    useHeavily(heap, memory, 2000);
    assertPattern(memory, 0, heapBase);
    assertPattern(memory, end, 5 * kPage);
    assert.equal(heap.heap_check(), 0);
  }
});

test('a memory of no pages: blocks, and none at address 0', () => {
  const memory = new WebAssembly.Memory({ initial: 0 });
  const heap = heapOver(memory);
  assert.ok(heap.malloc(100) >= kPage);
  useHeavily(heap, memory, 500);
  assert.equal(heap.heap_check(), 0);
});

test('a memory that cannot grow: NULL until a region is given, which is then used up', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const heap = heapOver(memory);
  writePattern(memory, 0, kPage);
  for (const result of [heap.malloc(1), heap.calloc(1, 1), heap.realloc(0, 1), heap.aligned_alloc(64, 1), heap.strdup(0)]) assert.equal(result, 0);
  assert.equal(heap.posix_memalign(16, 64, 1), 48);
  assert.equal(heap.heap_footprint(), 0);
  assert.equal(heap.heap_state(), 0);
  assert.equal(heap.heap_check(), 0);
  assertPattern(memory, 0, kPage);

  assert.equal(heap.heap_add_region(1024, 1000), 0);
  assert.equal(heap.heap_add_region(1024, kPage), 0);
  assert.equal(heap.heap_add_region(1024, 2 ** 32 - 1024), 0, 'a region that ends at 4 GiB, in a memory of one page');
  assertPattern(memory, 0, kPage);
  assert.equal(heap.heap_add_region(1024, kPage - 2048), kPage - 2048);
  const blocks = [];
  for (let block; (block = heap.malloc(100)); ) blocks.push(block);
  assert.ok(blocks.length > 500);
  assert.equal(heap.malloc(100), 0);
  heap.free(blocks.pop());
  assert.ok(heap.heap_largest_free() >= 100);
  const last = heap.malloc(heap.heap_largest_free());
  assert.notEqual(last, 0);
  [last, ...blocks].forEach(heap.free);
  assert.notEqual(heap.malloc(40000), 0);
  assert.equal(heap.heap_check(), 0);
  assertPattern(memory, 0, 1024);
  assertPattern(memory, kPage - 1024, kPage);
});

test('growth up to the maximum and not beyond: what fails changes nothing', () => {
  for (let maximum = 2; maximum < 12; maximum++) {
    const memory = new WebAssembly.Memory({ initial: 1, maximum });
    const heap = heapOver(memory);
    const blocks = [];
    for (let block; (block = heap.malloc(5000)); ) blocks.push(block);
    assert.equal(memory.buffer.byteLength, maximum * kPage);
    const footprint = heap.heap_footprint();
    assert.equal(heap.realloc(blocks[0], 10 * kPage), 0);
    assert.equal(heap.calloc(10, kPage), 0);
    assert.equal(heap.heap_footprint(), footprint);
    assert.equal(heap.heap_check(), 0);
    blocks.forEach(heap.free);
    assert.equal(heap.heap_in_use(), 0);
    assert.equal(heap.heap_check(), 0);
  }
});

test('heap_on_grow tells of each growth by the heap, when the memory has already grown', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const heap = heapOver(memory);
  const told = [];
  const callback = functionForTable(() => told.push(memory.buffer.byteLength / kPage));
  heap.heap_on_grow(heap.__indirect_function_table.grow(1, callback));
  heap.malloc(1);
  heap.malloc(10 * kPage);
  assert.deepEqual(told, [2, 12]);
  heap.malloc(1);
  assert.equal(told.length, 2);
  heap.heap_on_grow(0);
  heap.malloc(20 * kPage);
  assert.equal(told.length, 2);
});

test('sbrk gives whole pages that the heap never touches', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 40 });
  const heap = heapOver(memory);
  assert.equal(heap.sbrk(0), kPage);
  heap.malloc(100);
  const mine = heap.sbrk(100000);
  assert.equal(mine, 2 * kPage);
  assert.equal(heap.sbrk(0), 4 * kPage);
  writePattern(memory, mine, mine + 2 * kPage);
  useHeavily(heap, memory, 500);
  assertPattern(memory, mine, mine + 2 * kPage);
  assert.equal(heap.sbrk(-1), 2 ** 32 - 1);
  assert.equal(heap.sbrk(100 * kPage), 2 ** 32 - 1);
});

test('a second instance takes the heap over', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const first = heapOver(memory);
  assert.equal(first.heap_attach(kPage - 16), 0, 'no heap there');
  const block = first.malloc(100);
  const second = heapOver(memory);
  for (const wrong of [0, 1, 16, block, kPage + 16, 2 * kPage, 2 ** 32 - 16, 2 ** 31]) assert.equal(second.heap_attach(wrong), 0, `${wrong}`);
  assert.equal(second.heap_footprint(), 0);
  assert.equal(second.heap_attach(first.heap_state()), 1);
  second.free(block);
  assert.equal(first.heap_in_use(), 0);
  assert.equal(second.heap_check(), 0);
});

// ---- 4 GiB ----

test('pointers from 2 GiB up', () => {
  const memory = new WebAssembly.Memory({ initial: 32768 + 5 });
  const heap = heapOver(memory);
  const blocks = useHeavily(heap, memory, 2000);
  assert.ok(blocks.length > 100 && blocks.every((block) => block > 2 ** 31));
  assert.equal(heap.heap_check(), 0);
  blocks.forEach(heap.free);
  assert.equal(heap.heap_check(), 0);
});

test('growth to the very end of 4 GiB', () => {
  for (const pagesLeft of [1, 2, 3, 40]) {
    const memory = new WebAssembly.Memory({ initial: kFull - pagesLeft });
    const heap = heapOver(memory);
    const blocks = [];
    for (let block; (block = heap.calloc(1, 1000)); ) blocks.push(block);
    assert.equal(memory.buffer.byteLength, kFull * kPage);
    assert.ok(blocks.length > pagesLeft * 60);
    assert.equal(heap.heap_check(), 0);
    assert.ok(blocks.every((block) => new Uint8Array(memory.buffer, block, 1000).every((byte) => byte === 0)));
    assert.equal(heap.malloc(5000), 0);
    assert.equal(heap.heap_footprint(), pagesLeft * kPage - 16, 'the last 16 bytes have no address behind them');
    useHeavily(heap, memory, 200);
    blocks.forEach(heap.free);
    assert.equal(heap.heap_check(), 0);
  }
});

// The address behind it would be beyond 2^32, and wrap to one that is held back.
test('a request that no memory can hold is refused below the end of 4 GiB, when all of the heap is free', () => {
  const memory = new WebAssembly.Memory({ initial: kFull - 8 });
  const heap = heapOver(memory);
  heap.free(heap.malloc(6 * kPage));
  for (const bytes of [2 ** 31 - 100, 2 ** 31 - kPage, 9 * kPage]) assert.equal(heap.malloc(bytes), 0);
  assert.notEqual(heap.malloc(6 * kPage), 0);
  assert.equal(heap.heap_check(), 0);
});

test('a block that would need the last 16 bytes of 4 GiB is refused, not broken', () => {
  for (let short = 0; short <= 80; short += 4) {
    const memory = new WebAssembly.Memory({ initial: kFull - 4 });
    const heap = heapOver(memory);
    heap.malloc(1);
    const block = heap.malloc(heap.heap_largest_free() + 3 * kPage - short);
    if (block) new Uint8Array(memory.buffer, block, heap.malloc_usable_size(block)).fill(1);
    assert.equal(block !== 0, short >= 16, `${short}`);
    assert.equal(heap.heap_check(), 0);
    assert.notEqual(heap.malloc(1000), short >= 16 ? -1 : 0);
  }
});

test('regions of a full 4-GiB memory, to its very end', () => {
  const memory = new WebAssembly.Memory({ initial: kFull });
  const heap = heapOver(memory);
  assert.equal(heap.malloc(1), 0);
  assert.equal(heap.heap_add_region(2 ** 32 - kPage, kPage), kPage - 16);
  assert.equal(heap.heap_add_region(2 ** 32 - kPage, kPage), 0);
  const block = heap.malloc(60000);
  assert.ok(block > 2 ** 32 - kPage);
  assert.equal(heap.heap_add_region(kPage, 3 * 2 ** 30), 3 * 2 ** 30);
  assert.equal(heap.heap_check(), 0);
  const largest = heap.heap_largest_free();
  assert.ok(largest > 2 ** 31 - 100 && largest < 2 ** 31);
  const half = heap.malloc(largest);
  assert.notEqual(half, 0);
  assert.equal(heap.malloc(2 ** 31), 0, 'more than PTRDIFF_MAX');
  const rest = heap.malloc(heap.heap_largest_free());
  assert.notEqual(rest, 0);
  assert.equal(heap.heap_check(), 0);
  for (const each of [half, block, rest]) heap.free(each);
  assert.equal(heap.heap_in_use(), 0);
  assert.equal(heap.heap_check(), 0);
});
});
