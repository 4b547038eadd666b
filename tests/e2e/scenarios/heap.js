// The heap object: the allocator's functions, views that are never stale, growth, statistics.

import { assert } from '../assert.js';

/** Why a program with a memory that can't grow has no shared heap. */
export const kGrows = 'its heap begins by growing the memory, and this one may not grow';

/** A heap over a shared memory that only counts up: what the heap object needs of memory.wasm, which is not for shared memories. */
function countingHeap(t) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 10, shared: true });
  let top = 1024;
  const malloc = (bytes) => ((top += Math.ceil(bytes / 16) * 16), top - Math.ceil(bytes / 16) * 16);
  const none = () => 0;
  return t.api.heapOf({ malloc, free: none }, { memory });
}

export default [
  ['malloc, calloc, realloc, free', async (t) => {
    const { heap } = await t.load('no-malloc');
    const pointer = heap.malloc(100);
    assert.equal(pointer % 16, 0);
    heap.u8.fill(9, pointer, pointer + 100);
    const moved = heap.realloc(pointer, 5000);
    assert.isTrue(heap.u8.subarray(moved, moved + 100).every((byte) => byte === 9));
    heap.free(moved);
    const zeros = heap.calloc(10, 100);
    assert.isTrue(heap.u8.subarray(zeros, zeros + 1000).every((byte) => byte === 0));
    heap.free(zeros);
    heap.free(0);
    const fresh = heap.realloc(0, 10);
    assert.notEqual(fresh, 0);
    heap.free(fresh);
  }],
  ['malloc returns 0 for what can\'t be had, and the heap stays whole', async (t) => {
    const { heap } = await t.load('full-memory');
    for (const bytes of [200000, 2 ** 31, 2 ** 32 - 1]) assert.equal(heap.malloc(bytes), 0, bytes);
    assert.equal(heap.calloc(65536, 65536), 0);
    const pointer = heap.malloc(100);
    assert.equal(heap.realloc(pointer, 2 ** 32 - 100), 0);
    heap.free(pointer);
    assert.equal(heap.check(), null);
  }, { shared: kGrows }],
  ['every view is fresh after growth by the heap and by others', async (t) => {
    const { heap, memory } = await t.load('no-malloc');
    const views = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'f64', 'i64', 'u64', 'dataView'];
    const expectFresh = () => {
      for (const name of views) {
        assert.equal(heap[name].byteLength, memory.buffer.byteLength, name);
        assert.strictEqual(heap[name].buffer, memory.buffer, name);
      }
    };
    expectFresh();
    heap.malloc(300000);
    expectFresh();
    memory.grow(t.word(1));
    expectFresh();
    memory.grow(t.word(0));
    expectFresh();
    // Each must see for itself that it is stale: the first view that looks makes all of them anew.
    for (const name of views) {
      memory.grow(t.word(1));
      assert.strictEqual(heap[name].buffer, memory.buffer, name);
    }
  }],
  ['the views see the same bytes', async (t) => {
    const { heap } = await t.load('no-malloc');
    const p = heap.calloc(2, 8);
    heap.i64[p / 8] = -2n;
    assert.equal(heap.u64[p / 8], 2n ** 64n - 2n);
    assert.equal(heap.i32[p / 4], -2);
    assert.equal(heap.u32[p / 4], 2 ** 32 - 2);
    assert.equal(heap.i16[p / 2], -2);
    assert.equal(heap.u16[p / 2], 65534);
    assert.equal(heap.i8[p], -2);
    assert.equal(heap.u8[p], 254);
    assert.equal(heap.dataView.getInt16(p + 1, true), -1);
    heap.f64[p / 8 + 1] = 1.5;
    assert.equal(heap.dataView.getFloat64(p + 8, true), 1.5);
    heap.f32[p / 4] = 0.5;
    assert.equal(heap.dataView.getFloat32(p, true), 0.5);
  }],
  ['growth by the heap is told at once, growth by others at the next look', async (t) => {
    const { heap, memory } = await t.load('no-malloc');
    const events = [];
    heap.addEventListener('grow', (event) => {
      assert.equal(event.to, memory.buffer.byteLength);
      assert.equal(heap.u8.length, event.to);
      events.push(event.to - event.from);
    });
    const before = memory.buffer.byteLength;
    heap.malloc(1000000);
    const told = events.length;
    assert.isAbove(told, 0);
    assert.equal(events.reduce((sum, bytes) => sum + bytes, 0), memory.buffer.byteLength - before);
    memory.grow(t.word(2));
    assert.equal(events.length, told);
    heap.u8[0];
    assert.deepEqual(events.slice(told), [131072]);
    heap.dataView;
    heap.u8[0];
    memory.grow(t.word(0));
    heap.u8[0];
    assert.equal(events.length, told + 1, 'growth by nothing is no growth');
  }],
  ['growth caused by the program is told too', async (t) => {
    const { exports, heap } = await t.load('record');
    let told = 0;
    heap.addEventListener('grow', () => told++);
    exports.sumOfBlock(1000000);
    assert.isAbove(told, 0);
  }],
  ['statistics: footprint, inUse, largestFree, spans', async (t) => {
    const { heap } = await t.load('full-memory');
    assert.equal(heap.footprint, 131072 - 4096);
    const before = heap.inUse;
    const pointer = heap.malloc(10000);
    assert.isAtLeast(heap.inUse, before + 10000);
    const free = heap.largestFree;
    assert.notEqual(heap.malloc(free), 0);
    assert.equal(heap.malloc(free), 0);
    const spans = [...heap.spans()];
    assert.isTrue(spans.some((span) => span.pointer === pointer && span.kind === 'used' && span.byteLength >= 10000));
    assert.isTrue(spans.every((span) => ['free', 'used', 'overhead', 'top'].includes(span.kind)));
    assert.equal(heap.trim(), heap.largestFree);
    assert.equal(heap.check(), null);
  }, { shared: kGrows }],
  ['spans tile the region', async (t) => {
    const { heap } = await t.load('full-memory');
    const blocks = Array.from({ length: 50 }, (_, i) => heap.malloc(i * 37));
    blocks.filter((_, i) => i % 3 === 0).forEach((pointer) => heap.free(pointer));
    const spans = [...heap.spans()];
    for (let i = 1; i < spans.length; i++) assert.equal(spans[i].pointer, spans[i - 1].pointer + spans[i - 1].byteLength);
    assert.equal(spans.filter(({ kind }) => kind === 'used').length, 50 - 17);
  }, { shared: kGrows }],
  ['a broken heap is named', async (t) => {
    const { heap } = await t.load('full-memory');
    const block = heap.malloc(5000);
    heap.malloc(5000);
    assert.equal(heap.check(), null);
    heap.u8.fill(0xff, block - 16, block + 5016);
    const broken = heap.check();
    assert.isAbove(broken.code, 0);
    assert.match(broken.name, /^[a-z-]+$/);
    assert.match(broken.message, /^the heap is damaged: .{10}.*Something wrote over the heap's data\.$/);
  }, { shared: kGrows, secure: 'nothing that JavaScript writes reaches its metadata' }],
  ['freeing twice traps', async (t) => {
    const { heap } = await t.load('no-malloc');
    const pointer = heap.malloc(10);
    heap.malloc(10);
    heap.free(pointer);
    assert.throws(() => heap.free(pointer), WebAssembly.RuntimeError);
  }],
  ['a region given by hand', async (t) => {
    const { heap } = await t.load('no-malloc');
    const given = heap.addRegion(4096, 16384);
    assert.isAbove(given, 16000);
    assert.equal(heap.footprint, given);
    assert.isBelow(heap.malloc(1000), 4096 + 16384);
    assert.equal(heap.addRegion(4096, 16384), 0);
    assert.equal(heap.addRegion(65536, 16384), 0);
  }, { shared: 'a region is whole pages: tests/shared' }],
  ['shared memory: strings, which TextDecoder refuses to read there', async (t) => {
    const heap = countingHeap(t);
    assert.equal(heap.readString(heap.allocString('Grüße 🎈').pointer), 'Grüße 🎈');
    assert.deepEqual(heap.readStrings(heap.allocStrings(['a', 'ß']).pointer), ['a', 'ß']);
  }],
  ['shared memory: growth by others is seen in every view, and told', async (t) => {
    const heap = countingHeap(t);
    const grown = [];
    heap.addEventListener('grow', ({ from, to }) => grown.push([from, to]));
    const kept = heap.u8;
    heap.memory.grow(2);
    assert.equal(kept.length, 65536);
    for (const name of ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'f64', 'i64', 'u64', 'dataView']) {
      assert.equal(heap[name].byteLength, 3 * 65536, name);
    }
    assert.deepEqual(grown, [[65536, 3 * 65536]]);
    heap.u8[2 * 65536] = 7;
    assert.equal(heap.view(Uint8Array, 2 * 65536, 1).array[0], 7);
  }],
];
