// The types of C in memory.

import { assert } from '../assert.js';
import { leavesNothing } from '../toolkit.js';

export default [
  ['structs: read, write, live', async (t) => {
    const { heap } = await t.load('toolkit');
    const { struct } = t.api;
    const Point = struct({ x: 'f64', y: 'f64' });
    const Shape = struct({ id: 'u8', points: [Point, 2], weight: 'i64', closed: 'bool', next: 'pointer', tag: ['i8', 3] });
    assert.deepEqual([Shape.size, Shape.align], [64, 8]);
    assert.deepEqual(Object.values(Shape.fields).map(({ offset }) => offset), [0, 8, 40, 48, 52, 56]);
    const values = { id: 255, points: [{ x: 1, y: 2 }, { x: 3, y: 4 }], weight: -5n, closed: true, next: 2 ** 32 - 1, tag: [1, -2, 3] };
    const block = heap.allocStruct(Shape, values);
    assert.deepEqual(heap.read(Shape, block), values);
    heap.write(Shape, block, { id: 7, points: [{ y: 20 }] });
    const live = heap.at(Shape, block);
    assert.deepEqual([live.id, live.points[0].x, live.points[0].y, live.points.length], [7, 1, 20, 2]);
    heap.memory.grow(t.word(1));
    live.points[1].x = 33;
    live.points[0] = { x: 11, y: 22 };
    live.tag = [9];
    live.closed = false;
    assert.deepEqual(live.points.map(({ x, y }) => [x, y]), [[11, 22], [33, 4]]);
    assert.deepEqual(heap.read(Shape, block).tag, [9, -2, 3]);
    assert.isFalse(live.closed);
    const arena = heap.arena(16);
    const dirty = arena.alloc(16);
    heap.u8.fill(0xff, dirty, dirty + 16);
    arena.reset();
    assert.deepEqual(heap.read(Point, arena.allocStruct(Point, { y: 1 })), { x: 0, y: 1 });
  }],
  ['structs: what can\'t be described', async (t) => {
    const { enumOf, pointerTo, struct, union } = t.api;
    const wrong = [
      [() => struct({ x: 'double' }), /field 'x' has the unknown type 'double': here it is 'f64'\. Types are i8, u8, /],
      [() => struct({ x: ['toString', 2] }), /field 'x' has the unknown type 'toString'\. Types/],
      [() => struct({ flags: 'u32:3' }), /field 'flags' is a bit-field \('u32:3'\), which struct\(\) does not have\. Describe the whole unit, like 'u32', and shift and mask it\./],
      [() => struct({ b: 'u8', 1: 'u8' }), /field '1' is a number, which JavaScript sorts before all other names/],
      [() => struct(5), /struct must be an object of fields; found 5/],
      [() => struct(['i32']), /struct must be an object of fields; found Array/],
      [() => struct({ x: ['i32'] }), /the length of 'x' must be a number; found undefined/],
      [() => struct({ x: 'char[]' }), /unknown type 'char\[\]'/],
      [() => struct({ n: 'u32', data: ['u8', 'm'] }), /field 'data' is counted by 'm', which the struct does not have/],
      [() => struct({ n: 'u32', data: ['u8', 'n'], more: 'u8' }), /field 'data' is a flexible array and must be the last; after it comes 'more'/],
      [() => struct({ inner: struct({ n: 'u32', data: ['u8', 'n'] }) }), /field 'inner' is a struct with a flexible array/],
      [() => struct({ inner: [struct({ n: 'u32', data: ['u8', 'n'] }), 2] }), /'inner' is an array of structs with a flexible array/],
      [() => enumOf({ A: 0 }, 'f32'), /an enum is stored as i8, /],
      [() => enumOf({ A: 'x' }), /A must be an integer/],
      [() => pointerTo('nothing'), /unknown type 'nothing'/],
      [() => union({ x: null }), /unknown type null/],
    ];
    for (const [describe, message] of wrong) assert.throws(describe, TypeError, message);
    assert.throws(() => struct({ x: ['i32', -1] }), RangeError, /the length of field 'x'|the length of 'x'/);
    assert.throws(() => struct({ x: ['i32', 1.5] }), RangeError);
    assert.throws(() => enumOf({ A: 300 }, 'u8'), RangeError, /A must be an integer from 0 to 255; found 300/);
    assert.deepEqual([struct({}).size, struct({}).align, union({}).size], [0, 1, 0]);
  }],
  ['structs: values that do not fit are refused, and nothing leaks', async (t) => {
    const { heap } = await t.load('toolkit');
    const { struct } = t.api;
    const Inner = struct({ x: 'f64' });
    const Point = struct({ x: 'f64', tags: ['i32', 2], name: 'char[4]', inner: Inner, byte: 'u8', big: 'i64', next: 'pointer', flag: 'bool' });
    const wrong = [
      [TypeError, { z: 1 }, /has no field 'z', only x, tags/],
      [TypeError, { toString: 1 }, /has no field 'toString'/],
      [RangeError, { tags: [1, 2, 3] }, /field 'tags' has room for 2 values; found 3/],
      [TypeError, { tags: 'ab' }, /field 'tags' must be an array; found 'ab'/],
      [TypeError, { tags: 5 }, /field 'tags' must be an array; found 5/],
      [TypeError, { tags: null }, /found null/],
      [TypeError, { tags: [1, 'x'] }, /field 'tags'\[1\] must be an integer .*; found 'x'/],
      [TypeError, { name: 5 }, /field 'name' must be a string; found 5/],
      [RangeError, { name: 'four' }, /field 'name' has room for 3 bytes of UTF-8 and a NUL; found 4/],
      [RangeError, { name: 'ßß' }, /found 4/],
      [RangeError, { name: 'a\0' }, /field 'name' must have no NUL/],
      [TypeError, { inner: 5 }, /field 'inner' must be an object with fields of the struct; found 5/],
      [TypeError, { inner: null }, /found null/],
      [TypeError, { x: undefined }, /field 'x' must be a number; found undefined/],
      [TypeError, { x: '5' }, /field 'x' must be a number; found '5'/],
      [RangeError, { byte: 256 }, /field 'byte' must be an integer from 0 to 255; found 256/],
      [RangeError, { byte: -1 }, /found -1/],
      [TypeError, { big: 1 }, /field 'big' must be a BigInt/],
      [RangeError, { big: 2n ** 63n }, /found 9223372036854775808n/],
      [RangeError, { next: 1.5 }, /field 'next' must be an integer/],
      [RangeError, { next: -1 }, /found -1/],
      [TypeError, { next: 'x' }, /field 'next' must be a number or a Block; found 'x'/],
      [TypeError, { flag: 1 }, /field 'flag' must be true or false; found 1/],
      [TypeError, 5, /must be an object with fields of the struct; found 5/],
      [TypeError, 'abc', /found 'abc'/],
      [TypeError, null, /found null/],
    ];
    const block = heap.allocStruct(Point);
    await leavesNothing(heap, () => {
      for (const [kind, values, message] of wrong) {
        if (values) for (const from of [heap, heap.scope()]) assert.throws(() => from.allocStruct(Point, values), kind, message);
        assert.throws(() => heap.write(Point, block, values), kind, message);
        assert.throws(() => heap.allocArray(Point, [values]), kind, message);
      }
    });
    const live = heap.at(Point, block);
    assert.throws(() => { live.byte = 300; }, RangeError, /field 'byte'/);
    assert.throws(() => { live.tags[0] = 'x'; }, TypeError, /element 0 must be an integer/);
    const end = heap.memory.buffer.byteLength;
    for (const use of ['read', 'write', 'at']) assert.throws(() => heap[use](Inner, end - 4, use === 'write' ? {} : undefined), RangeError, /8 bytes at pointer/);
    assert.throws(() => heap.read(Inner, 16, -1), RangeError, /an index must be an integer/);
    assert.throws(() => heap.at('u32', 16), TypeError, /heap.at\(\) is for structs/);
    block.free();
  }],
  ['single numbers, arrays and strings are types too', async (t) => {
    const { heap } = await t.load('toolkit');
    const block = heap.allocArray('u16', [1, 2, 3]);
    assert.deepEqual([heap.read('u16', block, 2), heap.read(['u16', 3], block)], [3, [1, 2, 3]]);
    heap.write('u16', block, 65535, 1);
    assert.throws(() => heap.write('u16', block, 65536, 1), RangeError);
    const live = heap.at(['u16', 3], block);
    live[0] = 7;
    assert.deepEqual([live.length, [...live]], [3, [7, 65535, 3]]);
    heap.write('char[6]', block, 'été'.slice(0, 2));
    assert.equal(heap.read('char[6]', block), 'ét');
    heap.u8.fill(120, block.pointer, block.pointer + 6);
    assert.equal(heap.read('char[4]', block), 'xxxx', 'a full field needs no NUL to be read');
    block.free();
  }],
  ['enums, unions and pointers', async (t) => {
    const { heap } = await t.load('toolkit');
    const { enumOf, pointerTo, struct, union } = t.api;
    const Color = enumOf({ RED: 0, GREEN: 1, BLUE: 200 }, 'u8');
    const Node = struct({ color: Color, value: union({ i: 'i32', f: 'f32', bytes: ['u8', 4] }), next: pointerTo(() => Node) });
    assert.deepEqual([Color.size, Node.size, Node.fields.value.offset, Node.fields.next.offset], [1, 12, 4, 8]);
    const last = heap.allocStruct(Node, { color: 'BLUE', value: { f: 1.5 } });
    const first = heap.allocStruct(Node, { color: 1, value: { i: -1 }, next: last });
    assert.deepEqual(heap.read(Node, first), { color: 'GREEN', value: { i: -1, f: NaN, bytes: [255, 255, 255, 255] }, next: last.pointer });
    const live = heap.at(Node, first);
    assert.deepEqual([live.next.color, live.next.value.f, live.next.next], ['BLUE', 1.5, null]);
    live.next.next = live; // a live object stands for its address
    assert.equal(live.next.next.next.color, 'BLUE');
    live.next = null;
    assert.isNull(live.next);
    live.color = 77;
    assert.equal(live.color, 77, 'a value without a name is its number');
    live.value.f = 0.5;
    assert.equal(live.value.i, 0x3f000000);
    for (const block of [first, last]) block.free();
  }],
  ['flexible arrays', async (t) => {
    const { heap } = await t.load('toolkit');
    const { struct } = t.api;
    const Packet = struct({ kind: 'u8', count: 'u16', data: ['i32', 'count'] });
    assert.deepEqual([Packet.size, Packet.align, Packet.fields.data.offset], [4, 4, 4]);
    const block = heap.allocStruct(Packet, { kind: 1, data: [10, 20, 30] });
    assert.equal(block.byteLength, 16);
    assert.deepEqual(heap.read(Packet, block), { kind: 1, count: 3, data: [10, 20, 30] });
    heap.write(Packet, block, { data: [1, 2] });
    const live = heap.at(Packet, block);
    assert.deepEqual([live.data.length, live.data[1], live.data[2]], [3, 2, 30]);
    live.data[2] = 99;
    assert.equal(heap.read(Packet, block).data[2], 99);
    const roomy = heap.allocStruct(Packet, { count: 5 });
    assert.deepEqual(heap.read(Packet, roomy).data, [0, 0, 0, 0, 0]);
    assert.throws(() => heap.write(Packet, block, { data: [1, 2, 3, 4] }), RangeError, /field 'data' has room for 3 values, as 'count' says; found 4/);
    assert.throws(() => heap.allocStruct(Packet, { count: 1, data: [1, 2] }), RangeError, /room for 1 values/);
    assert.throws(() => heap.read(Packet, block, 1), TypeError, /structs with a flexible array have no array/);
    assert.throws(() => heap.allocStruct(Packet, { data: 'abc' }), TypeError, /must be an array/);
    for (const each of [block, roomy]) each.free();
  }],
];
