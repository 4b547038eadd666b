// Calls from JavaScript to C, and from C to JavaScript.

import { assert, rejection } from '../assert.js';
import { leavesNothing, thrown, using } from '../toolkit.js';

/** A scenario for each link mode; a heap that doesn't have the mode refuses it by name. */
const eachLink = (name, run) =>
  ['merge', 'direct', 'table', 'trampoline'].map((link) => [
    `callbacks, link ${link}: ${name}`,
    async (t) => {
      if (t.links.includes(link)) return run(t, link);
      const error = await rejection(t.load('callbacks', { link }));
      assert.include(error.message, `'${link}'`);
      assert.equal(error.name, 'TypeError');
    },
  ]);

export default [
  ['wrap: every kind of argument and result', async (t) => {
    const { exports, heap } = await t.load('toolkit');
    const { struct } = t.api;
    const Point = struct({ x: 'f64', y: 'f64' });
    await leavesNothing(heap, () => {
      assert.equal(heap.wrap(exports.greet, { parameters: ['string'], result: 'owned string' })('Wörld'), 'Hello, Wörld');
      assert.equal(heap.wrap(exports.version, { result: 'string' })(), '1.0 été');
      assert.isNull(heap.wrap(exports.nothing, { result: 'string' })());
      const sum = heap.wrap(exports.sum, { parameters: ['bytes'], result: 'number' });
      assert.deepEqual([sum(Uint8Array.of(1, 2, 3)), sum('AB'), sum('é'), sum(new ArrayBuffer(3))], [6, 131, 0xc3 + 0xa9, 0]);
      const invert = heap.wrap(exports.invert, { parameters: ['buffer'] });
      const bytes = Uint8Array.of(9, 0, 255, 9);
      assert.isUndefined(invert(bytes.subarray(1, 3)));
      assert.deepEqual([...bytes], [9, 255, 0, 9]);
      invert(bytes.buffer);
      assert.deepEqual([...bytes], [246, 0, 255, 246]);
      assert.equal(heap.wrap(exports.totalLength, { parameters: ['strings'], result: t.sizeType })(['ab', '', 'cde']), t.word(5));
      assert.equal(heap.wrap(exports.twice, { parameters: ['i64'], result: 'i64' })(-3n), -6n);
      assert.equal(heap.wrap(exports.twice, { parameters: ['u64'], result: 'u64' })(2n ** 63n - 1n), 2n ** 64n - 2n);
      assert.isTrue(heap.wrap(exports.negate, { parameters: ['bool'], result: 'bool' })(false));
      assert.equal(heap.wrap(exports.highest, { result: 'u32' })(), 2 ** 32 - 1);
      if (!t.is64) assert.equal(heap.wrap(exports.highest, { result: 'pointer' })(), 2 ** 32 - 1);
      assert.equal(heap.wrap(exports.product, { parameters: [Point], result: 'number' })({ x: 3, y: 5 }), 15);
      assert.deepEqual(heap.wrap(exports.origin, { result: Point })(), { x: 3, y: 4 });
      assert.isNull(heap.wrap(exports.nowhere, { result: Point })());
      using(heap.allocBytes(Uint8Array.of(5)), (block) => assert.equal(heap.wrap(exports.sum, { parameters: ['pointer', t.sizeType], result: 'number' })(block, t.word(1)), 5));
    });
  }],
  ['wrap: frees when the program traps', async (t) => {
    const { exports, heap } = await t.load('toolkit');
    await leavesNothing(heap, () => assert.throws(() => heap.wrap(exports.fail, { parameters: ['string'] })('why'), WebAssembly.RuntimeError));
  }],
  ['bind: a library as one table', async (t) => {
    const { exports, heap } = await t.load('toolkit');
    await leavesNothing(heap, () => {
      const { greet, sum } = heap.bind(exports, {
        greet: { parameters: ['string'], result: 'owned string' },
        sum: { parameters: ['bytes'], result: 'u32' },
      });
      assert.equal(greet('Ada'), 'Hello, Ada');
      assert.equal(sum('AB'), 131);
      assert.throws(() => sum(5), TypeError, /argument 1 must be a string, a typed array, an ArrayBuffer, a Block or a View; found 5/);
    });
    assert.throws(() => heap.bind(exports, { greet: {}, gone: {}, elsewhere: {} }), TypeError,
      'the program does not export gone, elsewhere. Link it with -Wl,--export=gone -Wl,--export=elsewhere');
  }],
  ['wrap: bytes that are in the heap already are not copied', async (t) => {
    const { exports, heap } = await t.load('toolkit');
    const invert = heap.wrap(exports.invert, { parameters: ['buffer'] });
    const sum = heap.wrap(exports.sum, { parameters: ['bytes'], result: 'u32' });
    const block = heap.allocBytes(Uint8Array.of(0, 1, 2, 3));
    const before = heap.inUse;
    invert(heap.view(Uint8Array, block, 1));
    invert(heap.subarray(block.pointer + 3, 1));
    assert.deepEqual([...block.toUint8Array()], [255, 1, 2, 252]);
    invert(block);
    assert.deepEqual([...block.toUint8Array()], [0, 254, 253, 3]);
    assert.deepEqual([sum(block), sum(heap.subarray(block, 2)), sum(heap.view(Uint16Array, block, 1))], [510, 254, 254]);
    assert.equal(heap.inUse, before);
    block.free();
    assert.equal(thrown(() => sum(block)).name, 'ReleasedError');
  }],
  ['wrap: values that do not fit', async (t) => {
    const { exports, heap } = await t.load('toolkit');
    const { enumOf, pointerTo, struct, union } = t.api;
    const Point = struct({ x: 'f64', y: 'f64' });
    /** For each type: values of another type, and values out of range. */
    const wrong = {
      i8: [['1', null, undefined, 1n, true], [128, -129, 1.5, NaN]],
      u8: [['1', [1]], [256, -1, 0.5, Infinity]],
      i16: [['1'], [32768, -32769]],
      u16: [['1'], [65536, -1]],
      i32: [['1'], [2 ** 31, -(2 ** 31) - 1, 1.5]],
      u32: [[null, {}], [2 ** 32, 2 ** 32 + 5, -1, 1e300]],
      i64: [[1, '1', null], [2n ** 63n, -(2n ** 63n) - 1n]],
      u64: [[1], [2n ** 64n, -1n]],
      f32: [['1', 1n], [1e300]],
      f64: [['1.5', null, 1n], []],
      bool: [[1, 0, 'true', null], []],
      number: [['1', null, 1n], []],
      pointer: [[[5], new Uint8Array([7]), '', '12', true, null, undefined, {}], [1.5, -5, t.highest + 1, NaN]],
      string: [[5, null, undefined, 'nul\0inside'], []],
      bytes: [[[1], 5, null, undefined], []],
      buffer: [['x', [1], null], []],
      strings: [[['a', 1], 'abc', null, ['a\0']], []],
    };
    await leavesNothing(heap, () => {
      for (const [type, [others, beyond]] of Object.entries(wrong)) {
        const f = heap.wrap(exports.version, { parameters: ['string', type] });
        for (const value of others) assert.throws(() => f('x', value), TypeError, /^argument 2(\[\d\])? must (be|have) /, `${type} ${String(value)}`);
        for (const value of beyond) assert.throws(() => f('x', value), RangeError, /^argument 2 must .*; found /, `${type} ${String(value)}`);
      }
      const f = (type) => heap.wrap(exports.version, { parameters: [type] });
      for (const value of [null, undefined, 5, 'x', [1, 2], new Uint8Array(8)]) assert.throws(() => f(Point)(value), TypeError, /must be an object with fields of the struct; found/);
      assert.throws(() => f(Point)({ z: 1 }), TypeError, /has no field 'z', only x, y/);
      assert.throws(() => f(Point)({ x: '1' }), TypeError, /field 'x' must be a number; found '1'/);
      assert.throws(() => f(enumOf({ RED: 0 }))('BLUE'), TypeError, /must be RED or a number; found 'BLUE'/);
      assert.throws(() => f(enumOf({ RED: 0 }))(-1), RangeError, /found -1/);
      assert.throws(() => f(union({ a: 'i32', b: 'f32' }))({ a: 1, b: 2 }), TypeError, /is a union: give one of its fields; found a, b/);
      assert.throws(() => f(pointerTo(Point))('x'), TypeError, /must be a number or a Block; found 'x'/);
      assert.throws(() => heap.wrap(exports.sum, { parameters: ['bytes'] })(), TypeError, 'sum takes 1 arguments; found 0'.replace('sum ', ''));
      assert.throws(() => heap.wrap(exports.nowhereAtAll), TypeError, /expected an exported function, found undefined/);
      assert.throws(() => heap.wrap(exports.sum, { parameters: ['text'] }), TypeError, /unknown parameter type 'text'. Types are i8, /);
      assert.throws(() => heap.wrap(exports.sum, { result: 'text' }), TypeError, /unknown result type 'text'/);
    });
  }],
  ['wrap: narrow results and enums', async (t) => {
    const { exports, heap } = await t.load('toolkit');
    const result = (type) => heap.wrap(exports.highest, { result: type })();
    assert.deepEqual(['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'bool'].map(result), [-1, 255, -1, 65535, -1, 2 ** 32 - 1, true]);
    const Answer = t.api.enumOf({ NO: 0, YES: 1 });
    assert.deepEqual(['NO', 'YES', 1].map((value) => heap.wrap(exports.negate, { parameters: [Answer], result: Answer })(value)), ['YES', 'NO', 'NO']);
    assert.equal(heap.wrap(exports.highest, { result: Answer })(), 2 ** 32 - 1);
  }],
  ['a Block, a callback and a number are pointers; a Block of another heap is none', async (t) => {
    const [first, second] = [await t.load('toolkit'), await t.load('toolkit')];
    const block = first.heap.allocString('Ada');
    const greet = first.heap.wrap(first.exports.greet, { parameters: ['pointer'], result: 'owned string' });
    assert.equal(greet(block), 'Hello, Ada');
    assert.equal(first.heap.readString(block), 'Ada');
    assert.equal(first.exports.sum(t.word(block), t.word(3)), 65 + 100 + 97);
    for (const use of [() => second.heap.free(block), () => second.heap.readString(block), () => second.heap.subarray(block, 1), () => second.heap.scope((scope) => scope.adopt(block))]) {
      assert.throws(use, TypeError, /must be of this heap; found Block of another one|a pointer must be of this heap/);
    }
    block.free();
  }],

  ...eachLink('sorting by a function of JavaScript', async (t, link) => {
    const { exports, heap } = await t.load('callbacks', { link });
    const numbers = heap.allocArray(Int32Array, [5, -3, 9, 0, 2]);
    const compare = heap.callback((a, b) => heap.i32[a >>> 2] - heap.i32[b >>> 2], { parameters: ['pointer', 'pointer'], result: 'i32' });
    exports.sortBy(...[numbers, 5, 4, compare].map(t.word));
    assert.deepEqual([...numbers.view(Int32Array)], [-3, 0, 2, 5, 9]);
    const Point = t.api.struct({ x: 'f64', name: 'char[8]' });
    const points = heap.allocArray(Point, [{ x: 2, name: 'two' }, { x: 1, name: 'one' }, { x: 3, name: 'three' }]);
    const byX = heap.callback((a, b) => Math.sign(a.x - b.x), { parameters: [Point, Point], result: 'i32' });
    heap.wrap(exports.sortBy, { parameters: ['pointer', t.sizeType, t.sizeType, 'pointer'] })(points, t.word(3), t.word(Point.size), byX);
    assert.deepEqual([0, 1, 2].map((index) => heap.read(Point, points, index).name), ['one', 'two', 'three']);
    for (const callback of [compare, byX]) callback.release();
  }),
  ...eachLink('an event handler that uses the heap, and growth meanwhile', async (t, link) => {
    const { exports, heap } = await t.load('callbacks', { link });
    const Event = t.api.struct({ kind: 'i32', value: 'f64' });
    const events = [];
    const handler = heap.callback((event, name, context) => {
      heap.malloc(300000); // grows the memory under the event
      events.push([event, name, heap.readString(context)]);
    }, { parameters: [Event, 'string', 'pointer'] });
    const context = heap.allocString('context');
    exports.onEvent(...[handler, context].map(t.word));
    exports.fire(1, 2.5);
    exports.fire(0, -1);
    assert.deepEqual(events, [[{ kind: 1, value: 2.5 }, 'a kind', 'context'], [{ kind: 0, value: -1 }, null, 'context']]);
    handler.release();
    assert.throws(() => exports.fire(1, 1), WebAssembly.RuntimeError);
    assert.equal(thrown(() => handler.pointer).name, 'ReleasedError');
    assert.equal(thrown(() => handler.release()).name, 'ReleasedError');
    assert.isNull(heap.check());
  }),
  ['callbacks: numbers of every kind, errors, places used again', async (t) => {
    const { exports, heap } = await t.load('callbacks');
    const types = { parameters: ['i64', 'f32', 'f64', 'bool', 'i8'], result: 'u64' };
    const got = [];
    const callback = heap.callback((...values) => (got.push(...values), 2n ** 63n), types);
    assert.equal(BigInt.asUintN(64, exports.mix(t.word(callback), -7n)), 2n ** 63n);
    assert.deepEqual(got, [-7n, 1.5, -2.5, true, -3]);
    const { pointer } = callback;
    callback.release();
    using(heap.callback(() => { throw new Error('from JavaScript'); }, types), (failing) => {
      assert.equal(failing.pointer, pointer);
      assert.throws(() => exports.mix(t.word(failing), 1n), Error, 'from JavaScript');
    });
    using(heap.callback(() => 5, types), (wrong) => assert.throws(() => exports.mix(t.word(wrong), 1n), TypeError, /the result of the callback must be a BigInt .*; found 5/));
    using(heap.callback(() => 2n ** 64n, types), (wrong) => assert.throws(() => exports.mix(t.word(wrong), 1n), RangeError, /found 18446744073709551616n/));
    assert.throws(() => heap.callback('x'), TypeError, /a callback must be a function; found 'x'/);
    assert.throws(() => heap.callback(() => {}, { parameters: ['number'] }), TypeError, /unknown type 'number'. Parameters are i8, /);
    assert.throws(() => heap.callback(() => {}, { result: 'string' }), TypeError, /unknown type 'string'/);
  }],
  ['callbacks: no table, or one that cannot grow', async (t) => {
    const cure = 'Link the program with -Wl,--export-table,--growable-table.';
    for (const [name, problem] of [['no-table', 'the program exports no table'], ['fixed-table', 'the program\'s table of 1 functions cannot grow']]) {
      const { heap } = await t.load(`callbacks-${name}`);
      const error = thrown(() => heap.callback(() => {}));
      assert.equal(error.name, 'TableError');
      assert.equal(error.message, `${problem}, so C cannot call a function of JavaScript. ${cure}`);
    }
  }],
];
