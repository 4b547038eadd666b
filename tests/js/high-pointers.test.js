// Pointers above 2 GiB, which WebAssembly gives as negative numbers: a memory of 2 GiB and two pages, of which the heap has the last two.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kMagicAndVersion, section, text } from '../../js/wasm/encode.js';
import { leb } from '../../js/wasm/leb128.js';
import { load, struct } from '../../js/index.js';

const kStart = 2 ** 31;
const kPages = 32770;
// (memory (export "memory") 32770 32770), (global (export "__heap_base") i32 (i32.const -2147483648)), an import of malloc,
// and a function that returns what it is given.
const program = Uint8Array.from([
  ...kMagicAndVersion,
  ...section(1, [[0x60, 1, 0x7f, 1, 0x7f]]),
  ...section(2, [[...text('env'), ...text('malloc'), 0, 0]]),
  ...section(3, [[0]]),
  ...section(5, [[1, ...leb(kPages), ...leb(kPages)]]),
  ...section(6, [[0x7f, 0, 0x41, 0x80, 0x80, 0x80, 0x80, 0x78, 0x0b]]),
  ...section(7, [[...text('memory'), 2, 0], [...text('__heap_base'), 3, 0], [...text('same'), 0, 1]]),
  ...section(10, [[4, 0, 0x20, 0, 0x0b]]),
]);
const memory = new URL('../../dist/memory.wasm', import.meta.url);

for (const link of ['merge', 'direct', 'table', 'trampoline']) {
  test(`pointers above 2 GiB: link '${link}'`, async () => {
    const { exports, heap } = await load(program, { heap: memory, link });
    const high = (pointer) => assert.ok(pointer >= kStart && pointer < kPages * 65536, String(pointer));
    assert.ok(heap.footprint > 65536);
    high(heap.malloc(10));
    high(heap.calloc(10, 10));
    const moved = heap.realloc(heap.malloc(100), 1000);
    high(moved);
    heap.free(moved);
    const spans = [...heap.spans()];
    for (const { pointer, byteLength } of spans) high(pointer + byteLength - 1);
    const block = heap.allocString('high up');
    high(block.pointer);
    assert.equal(heap.readString(block.pointer), 'high up');
    assert.equal(heap.readString(exports.same(block)), 'high up', 'a signed pointer will do');
    assert.deepEqual(heap.readStrings(heap.allocStrings(['a', 'b']) | 0), ['a', 'b']);
    heap.scope((scope) => {
      high(scope.alloc(8));
      high(scope.adopt(exports.same(heap.malloc(8))));
      const Point = struct({ x: 'i32', y: 'f64' });
      const pointer = scope.allocStruct(Point, { x: 3, y: 4 });
      high(pointer);
      assert.deepEqual(heap.read(Point, pointer | 0), { x: 3, y: 4 });
      heap.at(Point, pointer | 0).x = 7;
      heap.write(Point, pointer | 0, { y: 8 });
      assert.deepEqual(heap.read(Point, pointer), { x: 7, y: 8 });
      assert.equal(scope.release(pointer | 0), pointer);
      heap.free(pointer);
      assert.deepEqual(heap.wrap(exports.same, { parameters: [Point], result: Point })({ x: 1, y: 2 }), { x: 1, y: 2 });
    });
    high(heap.wrap(exports.same, { parameters: ['pointer'], result: 'pointer' })(block));
    high(heap.wrap(exports.same, { parameters: ['pointer'], result: 'u32' })(block));
    const view = heap.view(Uint8Array, exports.same(block), 4);
    high(view.pointer);
    assert.equal(view.array[0], 'h'.charCodeAt());
    const arena = heap.arena(64);
    high(arena.alloc(8));
    arena.free();
    assert.equal(heap.addRegion(kStart, 65536), 0);
    assert.ok(heap.largestFree > 0 && heap.trim() > 0 && heap.inUse > 0);
    assert.equal(heap.malloc(2 * 65536), 0);
    assert.equal(heap.check(), null);
  });
}
