// Nothing silently wrong: what would be cut, wrapped, freed twice or read elsewhere throws, and what can be kept alive is.

import { assert } from '../assert.js';
import { kGrows } from './heap.js';
import { leavesNothing, thrown } from '../toolkit.js';

/** No sizes and no addresses: each throws RangeError. */
const kNoSizes = [-1, -1000, 0.5, NaN, Infinity, -Infinity, 2 ** 32, 2 ** 32 + 8, 2 ** 53, undefined, null, '8', 8n, {}, [8]];
const kNoAddresses = [-1, -8, 1.5, NaN, Infinity, 2 ** 32, 2 ** 32 + 8, -(2 ** 31) - 1, 2 ** 53];
const kNoPointers = [undefined, null, '8', 8n, true, {}, [8], new Uint8Array(8), () => 8];
/** Those of them that are none over this heap either: a 64-bit one takes larger numbers, and BigInt. */
const wrongOver = (t, values) => values.filter((value) => !t.is64 || (typeof value !== 'bigint' && !(value > 0 && Number.isInteger(value) && value <= t.highest)));

export default [
  ['sizes that C would wrap or cut', async (t) => {
    const { heap } = await t.load('no-malloc');
    await leavesNothing(heap, () => {
      const block = heap.alloc(16);
      const arena = heap.arena(256);
      const first = arena.alloc(64);
      const scope = heap.scope();
      for (const size of wrongOver(t, kNoSizes)) {
        const uses = {
          malloc: () => heap.malloc(size), calloc: () => heap.calloc(size, 1), 'calloc 2': () => heap.calloc(1, size), realloc: () => heap.realloc(0, size), alloc: () => heap.alloc(size),
          'scope.alloc': () => scope.alloc(size), 'arena.alloc': () => arena.alloc(size), arena: () => heap.arena(size), addRegion: () => heap.addRegion(0, size), subarray: () => heap.subarray(0, size),
          view: () => heap.view(Uint8Array, 0, size), resize: () => block.resize(size), aligned: () => heap.alloc(size, { align: 64 }),
        };
        for (const [name, use] of Object.entries(uses)) assert.throws(use, RangeError, `must be an integer from 0 to ${t.highest}; found`, `${name} ${String(size)}`);
        if (size === undefined) continue; // not given
        for (const use of [() => heap.readString(16, size), () => heap.readStrings(16, size), () => block.set('x', size), () => heap.read('u8', 16, size)]) {
          assert.throws(use, RangeError, undefined, String(size));
        }
      }
      assert.equal(arena.alloc(16), first + 64, 'the arena is as it was');
      scope.free();
      arena.free();
      block.free();
    });
  }],
  ['addresses that C would wrap or cut', async (t) => {
    const { heap } = await t.load('no-malloc');
    heap.free(heap.malloc(1));
    const scope = heap.scope();
    const uses = {
      free: (p) => heap.free(p), realloc: (p) => heap.realloc(p, 8), usableSize: (p) => heap.usableSize(p), addRegion: (p) => heap.addRegion(p, 64), subarray: (p) => heap.subarray(p, 4),
      view: (p) => heap.view(Uint8Array, p, 4), readString: (p) => heap.readString(p), 'readString n': (p) => heap.readString(p, 4), readStrings: (p) => heap.readStrings(p), read: (p) => heap.read('u8', p),
      write: (p) => heap.write('u8', p, 1), at: (p) => heap.at(['u8', 2], p), adopt: (p) => scope.adopt(p), release: (p) => scope.release(p),
    };
    for (const [name, use] of Object.entries(uses)) {
      for (const pointer of wrongOver(t, kNoAddresses)) assert.throws(() => use(pointer), RangeError, `a pointer must be an integer from 0 to ${t.highest}; found`, `${name} ${pointer}`);
      for (const pointer of wrongOver(t, kNoPointers)) assert.throws(() => use(pointer), TypeError, undefined, `${name} ${String(pointer)}`);
    }
    scope.free();
    assert.isNull(heap.check());
  }],
  ['data that is none', async (t) => {
    const { heap } = await t.load('no-malloc');
    await leavesNothing(heap, () => {
      for (const data of [5, null, undefined, {}, [1, 2], true, () => {}]) {
        assert.throws(() => heap.allocBytes(data), TypeError, /data must be a typed array, a DataView or an ArrayBuffer; found/);
        assert.throws(() => heap.allocString(data), TypeError, /text must be a string; found/);
      }
      for (const texts of ['abc', 5, null, undefined, {}]) assert.throws(() => heap.allocStrings(texts), TypeError, /texts must be an array or the like; found/);
      assert.throws(() => heap.allocStrings(['a', 5]), TypeError, /texts\[1\] must be a string; found 5/);
      for (const values of ['123', 5, null, { length: 2 }]) assert.throws(() => heap.allocArray(Uint8Array, values), TypeError, /values must be an array or the like; found/);
      const wrong = [[Uint8Array, 256], [Uint8Array, -1], [Int8Array, 128], [Uint16Array, 65536], [Int16Array, 1.5], [Uint32Array, 2 ** 32], [Int32Array, 2 ** 31], [Float32Array, 1e300],
        [BigInt64Array, 2n ** 63n], [BigUint64Array, -1n], ['u8', 256], ['i64', 2n ** 63n]];
      for (const [Type, value] of wrong) assert.throws(() => heap.allocArray(Type, [value]), RangeError, /values(\[0\])?\[0\]|values\[0\]/);
      for (const [Type, value] of [[Uint8Array, '1'], [Float64Array, null], [Float64Array, undefined], [BigInt64Array, 1], [Int32Array, 1n], ['f64', '1']]) {
        assert.throws(() => heap.allocArray(Type, [value]), TypeError, /values\[0\] must be/);
      }
      assert.throws(() => heap.allocArray(Array, [1]), TypeError, /must be a typed array like Float64Array/);
      assert.deepEqual(heap.scope((scope) => [...heap.view(Uint8ClampedArray, scope.allocArray(Uint8ClampedArray, [300, -5, 1.5]), 3).array]), [255, 0, 2]);
    });
  }],

  ['a view of the heap as data, when the heap must grow for the copy', async (t) => {
    const { heap } = await t.load('no-malloc');
    const source = heap.alloc(3e6);
    heap.u8[source.pointer] = 7;
    heap.u8[source.pointer + 2999999] = 9;
    for (const from of [heap, heap.scope(), heap.arena(4e6)]) {
      const copy = Number(from.allocBytes(heap.subarray(source, 3e6)));
      assert.deepEqual([heap.u8[copy], heap.u8[copy + 2999999]], [7, 9]);
    }
    const numbers = Number(heap.allocArray(Uint8Array, heap.subarray(source, 3e6)));
    assert.equal(heap.u8[numbers], 7);
    assert.isNull(heap.check());
  }],
  ['a view that growth has detached is refused as data', async (t) => {
    const { exports, heap } = await t.load('toolkit');
    const view = heap.subarray(16, 8);
    heap.memory.grow(t.word(1));
    const sum = heap.wrap(exports.sum, { parameters: ['bytes'], result: 'u32' });
    const block = heap.alloc(8);
    for (const use of [() => heap.allocBytes(view), () => heap.allocBytes(view.buffer), () => sum(view), () => block.set(view)]) {
      assert.throws(use, TypeError, /is detached: its memory grew, or its buffer was transferred, after it was made\. Make it anew, or use heap\.view\(\), which stays\./);
    }
    assert.equal(sum(new Uint8Array()), 0, 'what is empty is not detached');
  }, { shared: 'growth detaches no view of a shared memory' }],
  ['a buffer that the program grows the memory under', async (t) => {
    const { exports, heap } = await t.load('grows-and-writes');
    const block = heap.allocBytes(Uint8Array.of(1));
    const write = heap.wrap(exports.growAndWrite, { parameters: ['buffer'] });
    write(heap.view(Uint8Array, block, 1).array);
    assert.equal(heap.u8[block.pointer], 9);
    const outside = Uint8Array.of(1, 2);
    write(outside);
    assert.deepEqual([...outside], [9, 2]);
  }],
  ['a memory that is made resizable', async (t) => {
    const { heap, memory } = await t.load('full-memory-may-grow');
    if (!memory.toResizableBuffer) return;
    const block = heap.allocString('Grüße');
    const grown = [];
    heap.addEventListener('grow', ({ from, to }) => grown.push(to - from));
    memory.toResizableBuffer();
    assert.equal(heap.readString(block), 'Grüße');
    assert.deepEqual(grown, []);
    heap.malloc(2e6);
    assert.isAbove(grown.length, 0, 'growth by the heap');
    const told = grown.length;
    memory.grow(t.word(1));
    heap.u8;
    assert.deepEqual(grown.slice(told), [65536], 'growth by others');
    assert.equal(heap.u8.length, memory.buffer.byteLength);
  }],

  ['blocks: whatever gives one back ends it', async (t) => {
    const { heap } = await t.load('no-malloc');
    const ways = {
      'heap.free(block)': (block) => heap.free(block),
      'heap.free(pointer)': (block) => heap.free(block.pointer),
      'heap.realloc(pointer)': (block) => heap.free(heap.realloc(block.pointer, 5000)),
      'scope.adopt(block)': (block) => heap.scope((scope) => scope.adopt(block)),
      'scope.adopt(pointer)': (block) => heap.scope((scope) => scope.adopt(block.pointer)),
      'block.free()': (block) => block.free(),
      'heap.reset()': () => heap.reset(),
    };
    for (const [way, end] of Object.entries(ways)) {
      const block = heap.alloc(40);
      const { pointer } = block;
      end(block);
      const next = heap.alloc(40); // most likely at the same address
      assert.equal(next.pointer, pointer, `${way}: the case that matters`);
      for (const use of [() => block.free(), () => block.release(), () => block.pointer, () => block.resize(8), () => block.set('x'), () => block.toUint8Array(), () => heap.free(block), () => heap.readString(block), () => Number(block)]) {
        assert.equal(thrown(use).name, 'ReleasedError', way);
      }
      assert.equal(next.pointer, pointer);
      next.free();
    }
    assert.throws(() => heap.realloc(heap.alloc(8), 16), TypeError, /realloc takes a number; found Block\. A Block is resized by block\.resize\(\), which keeps it valid\./);
  }],
  ['blocks: resize, set, toUint8Array, usableSize', async (t) => {
    const { heap } = await t.load('full-memory');
    const block = heap.allocBytes(Uint8Array.of(1, 2, 3));
    assert.isAtLeast(block.usableSize, 3);
    assert.equal(heap.usableSize(block.pointer), block.usableSize);
    heap.alloc(100);
    block.resize(5000);
    assert.equal(block.byteLength, 5000);
    assert.deepEqual([...block.toUint8Array().subarray(0, 3)], [1, 2, 3]);
    block.set('été', 4995);
    block.set(Uint16Array.of(0x0101), 0);
    assert.deepEqual([...block.toUint8Array().subarray(0, 3)], [1, 1, 3]);
    for (const [data, offset] of [['été', 4996], [new Uint8Array(5001), 0], ['x', 5000]]) assert.throws(() => block.set(data, offset), RangeError, /bytes at offset \d+ do not fit into this block of 5000 bytes/);
    const { pointer } = block;
    assert.equal(thrown(() => block.resize(1e6)).name, 'OutOfMemoryError');
    assert.deepEqual([block.pointer, block.byteLength], [pointer, 5000]);
    block.resize(1);
    assert.equal(block.toUint8Array().length, 1);
    const aligned = heap.alloc(100, { align: 1024 });
    aligned.set('kept');
    aligned.resize(3000);
    assert.equal(aligned.pointer % 1024, 0);
    assert.equal(heap.readString(aligned, 4), 'kept');
    aligned.free();
    block.free();
    assert.isNull(heap.check());
  }, { shared: kGrows }],
  ['scopes: a block freed too early, and errors while freeing', async (t) => {
    const { heap } = await t.load('no-malloc');
    await leavesNothing(heap, () => {
      heap.scope((scope) => {
        scope.alloc(1000);
        heap.free(scope.alloc(10));
        const stolen = scope.alloc(10);
        heap.free(stolen);
        assert.equal(heap.malloc(10), stolen);
      });
      heap.reset();
      const error = thrown(() => heap.scope((scope) => {
        scope.alloc(1000);
        heap.exports.free(t.word(scope.alloc(10))); // behind the toolkit's back: freeing it again traps
        scope.alloc(500);
        throw new Error('the real reason');
      }));
      assert.equal(error.message, 'the real reason');
      assert.throws(() => heap.scope((scope) => void heap.exports.free(t.word(scope.alloc(10)))), WebAssembly.RuntimeError);
      heap.scope((scope) => {
        const pointer = scope.adopt(heap.malloc(8));
        assert.throws(() => scope.adopt(pointer), TypeError, /this scope owns pointer \d+ already/);
        scope.adopt(0);
      });
    });
  }],
  ['reset and restore end what they take away', async (t) => {
    const { heap } = await t.load('no-malloc');
    const kept = heap.allocString('kept');
    const scope = heap.scope();
    scope.alloc(10);
    const copy = heap.snapshot();
    const later = heap.allocString('later');
    scope.alloc(20);
    heap.restore(copy);
    assert.equal(heap.readString(kept), 'kept');
    assert.equal(thrown(() => later.free()).name, 'ReleasedError');
    scope.free();
    assert.isNull(heap.check());
    heap.restore(structuredClone(copy));
    assert.equal(thrown(() => kept.pointer).name, 'ReleasedError', 'nobody knows what a copy of the snapshot had');
    const open = heap.scope();
    open.alloc(10);
    heap.reset();
    open.free();
    assert.isNull(heap.check());
  }],
  ['a memory that may have no page at all', async (t) => {
    const { heap } = await t.load('maximum-zero');
    assert.match(thrown(() => heap.alloc(5)).message, /the memory has 0 of at most 0\./);
  }, { shared: kGrows }],

  ['promising exports (JSPI): the result is converted, arguments stay until the promise settles', async (t) => {
    if (!WebAssembly.Suspending) return;
    let heap, alive;
    const wait = new WebAssembly.Suspending(async (pointer) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      alive = heap.readString(pointer) === 'hello' && [...heap.spans()].some((span) => span.pointer === Number(pointer) && span.kind === 'used');
      return t.word(-1);
    });
    const all = t.is64 ? 2n ** 64n - 1n : 2 ** 32 - 1;
    const loaded = await t.load('waits', { imports: { env: { wait } } });
    ({ heap } = loaded);
    await leavesNothing(heap, async () => {
      const call = heap.wrap(WebAssembly.promising(loaded.exports.call), { parameters: ['string'], result: t.sizeType, async: true });
      assert.equal(await call('hello'), all);
      assert.isTrue(alive);
      const bound = heap.bind({ call: WebAssembly.promising(loaded.exports.call) }, { call: { parameters: ['string'], result: t.sizeType } });
      assert.equal(await bound.call('hello'), all);
    });
  }],
];
