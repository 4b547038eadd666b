// Programs with a 64-bit memory: the toolkit counts in numbers, the program's own exports in BigInt.

import { assert, rejection } from '../assert.js';
import { leavesNothing } from '../toolkit.js';

const kLinks = ['merge', 'direct', 'table', 'trampoline'];
const kGiB = 2 ** 30;

/** Whether this engine knows 64-bit memories. */
const has64 = WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 4, 1));

/** A scenario for engines that know 64-bit memories. The others say that they can't compile the program. */
const wide = (name, run) => [
  name,
  async (t) => {
    const load = (program, options) => t.with('memory64.wasm', program, options);
    if (has64) return run(t, load);
    const error = await rejection(load('record64'));
    assert.match(error.name, /^(InvalidModuleError|MergeError)$/);
  },
];

export default [
  wide('every link mode', async (t, load) => {
    for (const link of kLinks) {
      const { exports, heap, ...loaded } = await load('record64', { link });
      assert.equal(loaded.link, link);
      await leavesNothing(heap, () => {
        const record = exports.createRecord(7, 1.5, -2.5);
        assert.typeOf(record, 'bigint');
        assert.deepEqual([heap.read('i32', record), heap.read('f32', Number(record) + 4)], [7, 1.5]);
        exports.deleteRecord(record);
        assert.equal(exports.sumOfBlock(1000), 499500);
      });
      assert.equal(exports.dataIsIntact(), 1);
      const base = Number(exports.__heap_base.value);
      assert.isAtMost(heap.spans().next().value.pointer - base, 16, 'the heap begins behind the data');
    }
  }),
  wide('pointers are numbers, BigInts are taken', async (t, load) => {
    const { heap } = await load('record64');
    const pointer = heap.malloc(100);
    assert.typeOf(pointer, 'number');
    assert.isTrue(heap.usableSize(BigInt(pointer)) >= 100);
    heap.u8[pointer] = 9;
    const moved = heap.realloc(BigInt(pointer), 5000);
    assert.typeOf(moved, 'number');
    assert.equal(heap.subarray(BigInt(moved), 1)[0], 9);
    heap.free(BigInt(moved));
    assert.isTrue(heap.subarray(heap.calloc(10, 100), 1000).every((byte) => byte === 0));
    for (const wrong of [-1, 1.5, 2 ** 53, -1n]) {
      assert.throws(() => heap.free(wrong), RangeError, /a pointer must be an integer from 0 to 9007199254740991/);
      if (typeof wrong === 'number') assert.throws(() => heap.malloc(wrong), RangeError, /a size must be an integer from 0 to 9007199254740991/);
    }
    assert.equal(heap.malloc(2 ** 53 - 1), 0);
    assert.throws(() => heap.alloc(2 ** 50), /no memory for 1125899906842624 bytes: the heap holds \d+, .* at most what the host allows/);
    assert.typeOf(heap.exports.malloc(8n), 'bigint', 'the functions as they are');
    assert.isNull(heap.check());
  }),
  wide('calls: strings, bytes, arrays of strings, structs', async (t, load) => {
    const { exports, heap } = await load('toolkit64');
    const Point = t.api.struct({ x: 'f64', y: 'f64' });
    await leavesNothing(heap, () => {
      assert.equal(heap.wrap(exports.greet, { parameters: ['string'], result: 'owned string' })('Wörld'), 'Hello, Wörld');
      assert.equal(heap.wrap(exports.sum, { parameters: ['bytes'], result: 'u32' })(Uint8Array.of(1, 2, 3)), 6);
      const bytes = Uint8Array.of(9, 0, 255);
      heap.wrap(exports.invert, { parameters: ['buffer'] })(bytes);
      assert.deepEqual([...bytes], [246, 255, 0]);
      assert.equal(heap.wrap(exports.totalLength, { parameters: ['strings'], result: 'u64' })(['ab', '', 'cde']), 5n);
      assert.equal(heap.wrap(exports.product, { parameters: [Point], result: 'number' })({ x: 3, y: 5 }), 15);
      assert.deepEqual(heap.wrap(exports.origin, { result: Point })(), { x: 3, y: 4 });
      assert.isNull(heap.wrap(exports.nowhere, { result: Point })());
      assert.typeOf(heap.wrap(exports.origin, { result: 'pointer' })(), 'number');
      const block = heap.allocBytes('AB');
      assert.equal(heap.wrap(exports.sum, { parameters: ['pointer', 'u64'], result: 'u32' })(block, 2n), 131);
      block.free();
      const texts = heap.allocStrings(['one', 'two']);
      assert.deepEqual(heap.readStrings(texts), ['one', 'two']);
      texts.free();
    });
  }),
  wide('structs have pointers of 8 bytes', async (t, load) => {
    const { heap } = await load('record64');
    const { pointerTo, struct } = t.api;
    const Node = struct({ id: 'u8', next: pointerTo(() => Node), names: ['pointer', 2] });
    assert.equal(Node.size, 16, 'as for wasm32');
    const last = heap.allocStruct(Node, { id: 2 });
    const first = heap.allocStruct(Node, { id: 1, next: last, names: [2 ** 40] });
    assert.deepEqual([last.byteLength, heap.read('u64', first.pointer + 8)], [32, BigInt(last.pointer)]);
    assert.deepEqual(heap.read(Node, first), { id: 1, next: last.pointer, names: [2 ** 40, 0] });
    assert.equal(heap.at(Node, first).next.id, 2);
    assert.isNull(heap.at(Node, first).next.next);
    heap.at(Node, first).next = null;
    assert.equal(heap.read('pointer', first.pointer + 8), 0);
  }),
  wide('callbacks', async (t, load) => {
    const { exports, heap } = await load('callbacks64');
    const Event = t.api.struct({ kind: 'i32', value: 'f64' });
    const seen = [];
    const handler = heap.callback((event, name, context) => void seen.push([event, name, context]), { parameters: [Event, 'string', 'pointer'] });
    const onEvent = heap.wrap(exports.onEvent, { parameters: ['pointer', 'pointer'] });
    onEvent(handler, 77);
    exports.fire(1, 2.5);
    exports.fire(0, 3);
    assert.deepEqual(seen, [[{ kind: 1, value: 2.5 }, 'a kind', 77], [{ kind: 0, value: 3 }, null, 77]]);
    handler.release();
    assert.throws(() => exports.fire(1, 1), WebAssembly.RuntimeError);
    const again = heap.callback((a, b) => heap.read('i32', a) - heap.read('i32', b), { parameters: ['pointer', 'pointer'], result: 'i32' });
    const array = heap.allocArray('i32', [3, 1, 2]);
    heap.wrap(exports.sortBy, { parameters: ['pointer', 'u64', 'u64', 'pointer'] })(array, 3n, 4n, again);
    assert.deepEqual(heap.read(['i32', 3], array), [1, 2, 3]);
  }),
  wide('growth, views, spans, snapshots', async (t, load) => {
    const { exports, heap } = await load('record64');
    const grown = [];
    heap.addEventListener('grow', ({ from, to }) => grown.push(to - from));
    const block = heap.alloc(300000);
    assert.lengthOf(grown, 1);
    const view = block.view(Float64Array);
    view.array[1000] = 4.5;
    const record = exports.createRecord(1, 2, 3);
    const copy = heap.snapshot();
    exports.deleteRecord(record);
    block.free();
    heap.alloc(2000000);
    heap.restore(structuredClone(copy));
    assert.isNull(heap.check());
    assert.equal(heap.f64[view.pointer / 8 + 1000], 4.5);
    exports.deleteRecord(record);
    assert.equal([...heap.spans()].reduce((sum, { byteLength }) => sum + byteLength, 0), heap.footprint);
    const scope = heap.scope();
    scope.allocString('in a scope');
    scope.free();
    heap.reset();
    assert.equal(heap.inUse, 0);
  }),
  wide('a block of 5 GiB, and one beyond it', async (t, load) => {
    const { exports, heap } = await load('record64');
    const large = heap.malloc(5 * kGiB);
    // Where the host has no room for such a memory it is refused.
    if (large) {
      heap.u8[large + 5 * kGiB - 1] = 7;
      const beyond = heap.malloc(1000);
      assert.isAbove(beyond, 4 * kGiB);
      heap.dataView.setFloat64(beyond, 1.5);
      const record = Array.from({ length: 100 }, () => exports.createRecord(5, 1, 2)).at(-1);
      assert.equal(heap.read('i32', record), 5);
      assert.deepEqual([heap.u8[large + 5 * kGiB - 1], heap.dataView.getFloat64(beyond)], [7, 1.5]);
      assert.isAbove(heap.footprint, 5 * kGiB);
      assert.isNull(heap.check());
      heap.free(large);
      heap.free(beyond);
      assert.isAtLeast(heap.largestFree, 5 * kGiB);
    }
    assert.isNull(heap.check());
  }),
  wide('a program with the heap inside', async (t) => {
    const { instance } = await WebAssembly.instantiate(await t.bytes('record-static64'));
    const heap = t.api.heapOf(instance);
    const pointer = heap.malloc(100);
    assert.typeOf(pointer, 'number');
    assert.equal(instance.exports.sumOfBlock(1000), 499500);
    heap.free(pointer);
    assert.isNull(heap.check());
  }),
  wide('what does not fit says what does', async (t, load) => {
    const wrong = await rejection(t.load('record64'));
    assert.equal(wrong.name, 'MemoryKindError');
    assert.match(wrong.message, /has a memory that is 64-bit, unshared, .* Load with heap: 'memory64'/);
    const other = await rejection(load('record'));
    assert.match(other.message, /has a memory that is 32-bit, unshared, .* Load with heap: 'release'/);
    const { heap } = await load('record64');
    assert.match((await rejection(heap.attach(t.url('plugin')))).message, /plugin\.wasm can't be attached: the program has a 64-bit memory/);
  }),
];
