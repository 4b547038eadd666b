// The heap object over a shared memory: its views do not detach but end too early, and TextDecoder refuses them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Heap } from '../../js/index.js';

/** A heap that only counts up: what the heap object needs of memory.wasm. */
function counting(memory) {
  let top = 1024;
  const malloc = (bytes) => ((top += Math.ceil(bytes / 16) * 16), top - Math.ceil(bytes / 16) * 16);
  const none = () => 0;
  return new Heap(memory, { malloc, free: none, calloc: malloc, realloc: none, heap_add_region: none, heap_footprint: none });
}

const shared = () => new WebAssembly.Memory({ initial: 1, maximum: 10, shared: true });

test('strings over shared memory', () => {
  const heap = counting(shared());
  const { pointer } = heap.string('Grüße 🎈');
  assert.equal(heap.readString(pointer), 'Grüße 🎈');
  assert.deepEqual(heap.readStrings(heap.strings(['a', 'ß']).pointer), ['a', 'ß']);
});

test('growth by others is seen in every view, and told', () => {
  const memory = shared();
  const heap = counting(memory);
  const grown = [];
  heap.addEventListener('grow', ({ from, to }) => grown.push([from, to]));
  const kept = heap.u8;
  memory.grow(2);
  assert.equal(kept.length, 65536);
  for (const name of ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'f64', 'i64', 'u64', 'dataView']) {
    assert.equal(heap[name].byteLength, 3 * 65536, name);
  }
  assert.deepEqual(grown, [[65536, 3 * 65536]]);
  heap.u8[2 * 65536] = 7;
  assert.equal(heap.view(Uint8Array, 2 * 65536, 1).array[0], 7);
});
