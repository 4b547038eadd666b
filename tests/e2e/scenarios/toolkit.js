// Data in and out, ownership, calls, out of memory, snapshots.

import { assert, rejection } from '../assert.js';
import { kGrows } from './heap.js';
import { kDispose, leavesNothing, thrown } from '../toolkit.js';

const kTexts = ['', 'plain', 'Grüße, 世界 🎈', '\ufeffwith a byte order mark', 'x'.repeat(70000)];

export default [
  ['strings go in and come out', async (t) => {
    const { heap } = await t.load('toolkit');
    for (const text of kTexts) {
      const block = heap.allocString(text);
      const length = new TextEncoder().encode(text).length;
      assert.equal(block.byteLength, length + 1);
      assert.equal(heap.u8[block.pointer + length], 0);
      assert.equal(heap.readString(block.pointer), text);
      assert.equal(heap.readString(block.pointer, length), text);
      block.free();
    }
  }],
  ['strings: a lone surrogate becomes U+FFFD, a NUL ends the text only where no length is given', async (t) => {
    const { heap } = await t.load('toolkit');
    assert.equal(heap.readString(heap.allocString('a\ud800b').pointer), 'a\ufffdb');
    const { pointer } = heap.allocString('one\0two');
    assert.equal(heap.readString(pointer), 'one');
    assert.equal(heap.readString(pointer, 7), 'one\0two');
    heap.u8[pointer] = 0xff;
    assert.equal(heap.readString(pointer), '\ufffdne');
  }],
  ['strings: without a NUL', async (t) => {
    const { heap } = await t.load('toolkit');
    const block = heap.allocBytes('né');
    assert.equal(block.byteLength, 3);
    assert.equal(heap.readString(block.pointer, 3), 'né');
  }],
  ['strings: what can\'t be read', async (t) => {
    const { heap } = await t.load('full-memory');
    assert.throws(() => heap.readString(0), RangeError, /the pointer to the string is NULL/);
    heap.u8.fill(1, 131072 - 10);
    assert.throws(() => heap.readString(131072 - 5), RangeError, /string at pointer 0x1fffb has no NUL before the memory ends at 0x20000/);
    assert.throws(() => heap.readString(131072 - 5, 6), RangeError, /6 bytes at pointer 0x1fffb are not in the memory, which ends at 0x20000/);
  }, { shared: kGrows }],
  ['arrays of strings', async (t) => {
    const { heap } = await t.load('toolkit');
    const block = heap.allocStrings(kTexts);
    assert.deepEqual(heap.readStrings(block.pointer), kTexts);
    assert.deepEqual(heap.readStrings(block.pointer, 2), kTexts.slice(0, 2));
    assert.deepEqual(heap.readStrings(heap.allocStrings([]).pointer), []);
    assert.throws(() => heap.readStrings(heap.memory.buffer.byteLength - 2), RangeError, /[48] bytes at pointer/);
  }],
  ['bytes and arrays of every kind', async (t) => {
    const { heap } = await t.load('toolkit');
    const doubles = Float64Array.of(1.5, -2.5, 3.5);
    assert.deepEqual([...heap.allocBytes(doubles).view(Float64Array)], [...doubles]);
    assert.deepEqual([...heap.allocBytes(doubles.buffer).view(Float64Array)], [...doubles]);
    assert.deepEqual([...heap.allocBytes(new DataView(doubles.buffer, 8, 8)).view(Float64Array)], [-2.5]);
    assert.deepEqual([...heap.allocBytes(doubles.subarray(1)).view(Float64Array)], [-2.5, 3.5]);
    assert.deepEqual([...heap.allocArray(Int16Array, [1, -2, 3]).view(Int16Array)], [1, -2, 3]);
    assert.deepEqual([...heap.allocArray(BigUint64Array, [1n, 2n ** 63n]).view(BigUint64Array)], [1n, 2n ** 63n]);
    assert.equal(heap.allocBytes(new Uint8Array()).byteLength, 0);
  }],
  ['a live view stays live when the memory grows', async (t) => {
    const { heap, memory } = await t.load('toolkit');
    const block = heap.alloc(24);
    const view = heap.view(Float64Array, block.pointer, 3);
    view.array.set([1, 2, 3]);
    memory.grow(t.word(1));
    assert.deepEqual([...view], [1, 2, 3]);
    heap.malloc(500000);
    view.array[1] = 20;
    assert.deepEqual([...heap.f64.subarray(block.pointer / 8, block.pointer / 8 + 3)], [1, 20, 3]);
    assert.deepEqual([view.pointer, view.length], [block.pointer, 3]);
    assert.lengthOf(heap.view(Uint8Array, block.pointer, 0).array, 0);
  }],
  ['a view that does not lie in the memory', async (t) => {
    const { heap } = await t.load('full-memory');
    assert.throws(() => heap.view(Float64Array, 131072 - 8, 2), RangeError, /^16 bytes at pointer 0x1fff8 are not in the memory, which ends at 0x20000$/);
    assert.throws(() => heap.view(Uint8Array, -1, 2), RangeError, t.is64 ? /found -1/ : /found -1 \(0xffffffff is beyond the memory, which ends at 0x20000\)/);
    assert.throws(() => heap.view(Uint8Array, 0, -1), RangeError, `a length must be an integer from 0 to ${t.highest}; found -1`);
    assert.throws(() => heap.view(Uint8Array, 0, NaN), RangeError, /found NaN/);
    assert.throws(() => heap.view(Float64Array, 4, 1), RangeError, /Float64Array at pointer 4: the pointer must be a multiple of 8/);
  }, { shared: kGrows }],
  ['checkViews: what was freed or runs over a block\'s end can\'t be read', async (t) => {
    const { heap, exports } = await t.load('toolkit', { checkViews: true });
    const block = heap.alloc(100);
    const { pointer } = block;
    const behind = heap.alloc(100);
    heap.view(Uint8Array, pointer, 100);
    assert.throws(() => heap.view(Uint8Array, pointer, 300), RangeError, /300 bytes at pointer 0x\w+ touch \d+ bytes at 0x\w+ that are another block, or run over its end/);
    block.free();
    assert.throws(() => heap.view(Uint8Array, pointer, 100), RangeError, /that are freed, or never were in use/);
    assert.throws(() => heap.readString(pointer, 10), RangeError, /freed/);
    assert.equal(heap.readString(exports.version()), '1.0 été');
    behind.free();
  }],

  ['a block is a number where one is wanted, and is freed once', async (t) => {
    const { exports, heap } = await t.load('toolkit');
    await leavesNothing(heap, () => {
      const block = heap.allocBytes(Uint8Array.of(1, 2, 3));
      assert.equal(exports.sum(t.word(block), t.word(3)), 6);
      block.free();
      for (const use of [() => block.free(), () => block.release(), () => block.pointer, () => block.view(Uint8Array)]) {
        const error = thrown(use);
        assert.equal(error.name, 'ReleasedError');
        assert.match(error.message, /this block of 3 bytes was freed or released already/);
      }
    });
  }],
  ['a block that is disposed of', async (t) => {
    const { heap } = await t.load('toolkit');
    await leavesNothing(heap, () => {
      const block = heap.alloc(10);
      block[kDispose]();
      block[kDispose]();
      const freed = heap.alloc(10);
      freed.free();
      freed[kDispose]();
    });
  }],
  ['a block that is released belongs to somebody else', async (t) => {
    const { heap } = await t.load('toolkit');
    const block = heap.alloc(10);
    const pointer = block.release();
    block[kDispose]();
    const inUse = heap.inUse;
    heap.free(pointer);
    assert.isBelow(heap.inUse, inUse);
  }],
  ['a scope frees what was taken in it', async (t) => {
    const { exports, heap } = await t.load('toolkit');
    await leavesNothing(heap, () => {
      const result = heap.scope((scope) => {
        assert.equal(exports.sum(t.word(scope.allocBytes(Uint8Array.of(1, 2))), t.word(2)), 3);
        assert.equal(exports.totalLength(t.word(scope.allocStrings(['ab', 'c'])), t.word(2)), t.word(3));
        const text = scope.adopt(exports.greet(t.word(scope.allocString('Ada'))));
        scope.alloc(10);
        scope.allocArray(Float32Array, [1, 2]);
        return heap.readString(text);
      });
      assert.equal(result, 'Hello, Ada');
    });
  }],
  ['a scope frees when it throws, and when its promise is settled', async (t) => {
    const { heap } = await t.load('toolkit');
    await leavesNothing(heap, async () => {
      assert.throws(() => heap.scope((scope) => (scope.alloc(10), scope.nowhere())), TypeError);
      assert.equal(await heap.scope(async (scope) => {
        const pointer = scope.allocString('later');
        await null;
        return heap.readString(pointer);
      }), 'later');
      const error = await rejection(heap.scope(async (scope) => {
        scope.alloc(10);
        await null;
        throw new Error('inside');
      }));
      assert.equal(error.message, 'inside');
    });
  }],
  ['a scope by hand: release, releaseAll, use after its end', async (t) => {
    const { heap } = await t.load('toolkit');
    await leavesNothing(heap, () => {
      const scope = heap.scope();
      const mine = scope.release(scope.alloc(10));
      assert.equal(thrown(() => scope.release(12345)).name, 'ReleasedError');
      const kept = scope.alloc(10);
      const beside = scope.alloc(10);
      heap.free(beside);
      assert.equal(thrown(() => scope.release(beside)).name, 'ReleasedError');
      scope.releaseAll();
      scope.alloc(10);
      scope[kDispose]();
      scope.free();
      heap.free(mine);
      heap.free(kept);
      for (const use of [() => scope.adopt(16), () => scope.release(16)]) assert.equal(thrown(use).name, 'ReleasedError');
    });
  }],
  ['a scope that is over takes nothing', async (t) => {
    const { heap } = await t.load('toolkit');
    await leavesNothing(heap, () => {
      const scope = heap.scope();
      scope.free();
      assert.match(thrown(() => scope.alloc(10)).message, /this scope was freed or released already/);
    });
  }],
  ['alignment that is asked for', async (t) => {
    const { heap } = await t.load('toolkit');
    await leavesNothing(heap, () => heap.scope((scope) => {
      const arena = heap.arena(10000);
      for (const align of [1, 8, 16, 64, 4096]) {
        const block = heap.alloc(10, { align });
        for (const pointer of [block.pointer, scope.alloc(10, { align }), arena.alloc(10, { align })]) assert.equal(pointer % align, 0);
        block.free();
      }
      for (const align of [0, 3, -16, 1.5, 2 ** 32]) {
        for (const from of [heap, scope, arena]) assert.throws(() => from.alloc(10, { align }), RangeError, `align must be a power of two; found ${align}`);
      }
      arena.free();
    }));
  }],
  ['an arena', async (t) => {
    const { heap } = await t.load('toolkit');
    await leavesNothing(heap, () => {
      const arena = heap.arena(160);
      const pointers = [arena.alloc(1), arena.alloc(16), arena.allocString('text')];
      assert.deepEqual(pointers.map((pointer) => pointer - pointers[0]), [0, 16, 32]);
      assert.equal(arena.used, 48);
      assert.equal(heap.readString(pointers[2]), 'text');
      const error = thrown(() => arena.alloc(113));
      assert.equal(error.name, 'OutOfMemoryError');
      assert.match(error.message, /the arena of 160 bytes has 112 left, too few for 113/);
      assert.equal(arena.alloc(112), pointers[0] + 48);
      arena.reset();
      assert.equal(arena.alloc(160), pointers[0]);
      arena.free();
      assert.equal(thrown(() => arena.alloc(1)).name, 'ReleasedError');
      arena[kDispose]();
      assert.equal(thrown(() => arena.free()).name, 'ReleasedError');
      heap.arena(100)[kDispose]();
    });
  }],
  ['no memory: the error tells what there is', async (t) => {
    const { heap } = await t.load('full-memory');
    const error = thrown(() => heap.alloc(200000));
    assert.equal(error.name, 'OutOfMemoryError');
    const { footprint, largestFree } = heap;
    assert.equal(
      error.message,
      `no memory for 200000 bytes: the heap holds ${footprint}, its largest free piece has ${largestFree}, and the memory has 131072 of at most 131072. Free something, or raise --max-memory.`,
    );
    assert.match(thrown(() => heap.scope((scope) => scope.alloc(200000))).message, /no memory for 200000 bytes/);
    assert.match(thrown(() => heap.arena(200000)).message, /no memory for 200000 bytes/);
    const free = (await t.load('no-malloc')).heap;
    assert.include(thrown(() => free.alloc(t.highest + 1)).message, `a size must be an integer from 0 to ${t.highest}; found ${t.highest + 1}`);
  }, { shared: kGrows }],
  ['reset drops every block at once', async (t) => {
    const { heap } = await t.load('toolkit');
    for (let i = 0; i < 1000; i++) heap.malloc(i);
    const { footprint } = heap;
    heap.reset();
    assert.equal(heap.footprint, footprint);
    assert.equal([...heap.spans()].filter(({ kind }) => kind === 'used').length, 0);
    assert.isNull(heap.check());
    assert.notEqual(heap.malloc(1000), 0);
  }],
  ['snapshot and restore', async (t) => {
    const { exports, heap } = await t.load('counter');
    exports.count();
    const text = heap.allocString('before');
    const copy = heap.snapshot();
    const { inUse } = heap;
    for (let round = 0; round < 3; round++) {
      exports.count();
      heap.u8[text.pointer] = 88;
      heap.allocBytes(new Uint8Array(300000).fill(0x5a)).release();
      heap.restore(copy);
      // Words, since a single byte of the heap's own seals may be anything.
      assert.isFalse(heap.u32.some((word, at) => word === 0x5a5a5a5a && at * 4 >= copy.bytes.length), 'nothing of a request is left');
      assert.deepEqual([exports.counter.value, exports.count()].map(Number), [1, 2]);
      assert.equal(heap.readString(text.pointer), 'before');
      assert.isAtMost(heap.inUse, inUse + 1000);
      assert.isNull(heap.check());
    }
    assert.equal(Number(exports.hidden()), 1 + 3 * 2, 'a global that is not exported is not restored');
    assert.equal(Number(exports.constant.value), 7);
  }],
  ['restoring again and again takes no more memory', async (t) => {
    const { heap } = await t.load('counter');
    const copy = heap.snapshot();
    const sizes = [];
    for (let round = 0; round < 9; round++) {
      assert.notEqual(heap.malloc(200000), 0);
      heap.restore(copy);
      sizes.push(heap.memory.buffer.byteLength);
    }
    // The pages of the first round come back as a region, whose edges cost a little: the second round may need some more.
    assert.equal(new Set(sizes.slice(1)).size, 1, String(sizes));
  }],
  ['a snapshot starts another instance warm', async (t) => {
    const first = await t.load('counter');
    first.exports.count();
    const text = first.heap.allocString('warm');
    first.heap.malloc(300000);
    const copy = structuredClone(first.heap.snapshot());
    const second = await t.load('counter');
    second.heap.restore(copy);
    assert.equal(Number(second.exports.count()), 2);
    assert.equal(second.heap.readString(text.pointer), 'warm');
    assert.equal(second.heap.footprint, first.heap.footprint);
    assert.isNull(second.heap.check());
    second.heap.free(text.pointer);
  }],
  ['snapshots that can\'t be restored', async (t) => {
    const { heap } = await t.load('counter');
    const copy = heap.snapshot();
    const large = { ...copy, bytes: new Uint8Array(200 * 65536) };
    const tooLarge = thrown(() => heap.restore(large));
    assert.equal(tooLarge.name, 'OutOfMemoryError');
    assert.match(tooLarge.message, /^the snapshot needs \d+ more pages than the memory may have\. Raise --max-memory\.$/);
    const before = heap.u8.slice();
    const other = thrown(() => heap.restore({ ...copy, layout: copy.layout + 1, bytes: copy.bytes.map((byte) => ~byte) }));
    assert.equal(other.name, 'SnapshotError');
    assert.match(other.message, /^the snapshot is of a heap with layout \d+, and this heap has layout \d+\. Take it anew/);
    assert.isTrue(heap.u8.every((byte, at) => byte === before[at]), 'nothing was written');
    const error = thrown(() => heap.restore({ ...copy, state: 12 }));
    assert.equal(error.name, 'SnapshotError');
    assert.match(error.message, /the snapshot has no heap at 0xc, or one with another key/);
  }],
];
