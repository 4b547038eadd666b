// The heap whose metadata is in a memory of its own: nothing that a program writes reaches it.

import { assert, rejection } from '../assert.js';
import { leavesNothing } from '../toolkit.js';

/** Whether this engine knows modules with two memories. */
const hasTwoMemories = WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0));

/** A scenario for engines that know modules with two memories. The others say what to do. */
const apart = (name, run) => [
  name,
  async (t) => {
    const load = (program, options) => t.with('memory.secure.wasm', program, options);
    if (hasTwoMemories) return run(t, load);
    const error = await rejection(load('secure'));
    assert.equal(error.name, 'MemoryKindError');
    assert.match(error.message, /memory\.secure\.wasm keeps its data in a memory of its own, and this engine knows no modules with two memories .* Load with heap: 'release'/);
  },
];

/** Blocks of many sizes. */
const some = (exports, count = 300) => Array.from({ length: count }, (_, i) => exports.allocate(i % 7 ? 16 * (i % 40) : 1000 + 40 * i));

export default [
  apart('merged and direct', async (t, load) => {
    for (const link of ['merge', 'direct']) {
      const { exports, heap, ...loaded } = await load('secure', { link });
      assert.equal(loaded.link, link);
      await leavesNothing(heap, () => {
        const block = exports.resized(exports.zeroed(5000), 90000);
        assert.isTrue(heap.subarray(block, 5000).every((byte) => byte === 0));
        exports.release(block);
        assert.equal(exports.aligned(), 1);
        const text = heap.allocString('copied by strdup');
        const copy = exports.copied(text.pointer);
        assert.equal(heap.readString(copy), 'copied by strdup');
        exports.release(copy);
        text.free();
      });
      assert.isNull(heap.check());
    }
  }),
  apart('the whole memory of the program overwritten, and the heap is whole', async (t, load) => {
    const { exports, heap } = await load('secure');
    const blocks = some(exports);
    blocks.splice(0, 100).forEach((block) => exports.release(block));
    const { inUse } = heap;
    exports.overwrite(0, heap.u8.length, 0xa5);
    assert.isNull(heap.check());
    assert.equal(heap.inUse, inUse);
    const more = some(exports);
    assert.lengthOf(new Set([...blocks, ...more]), blocks.length + more.length, 'no block is handed out twice');
    for (const block of more) exports.release(block);
    for (const block of blocks) {
      try {
        exports.release(block);
      } catch (error) {
        assert.instanceOf(error, WebAssembly.RuntimeError); // what was behind the block is overwritten, too
      }
    }
    assert.isNull(heap.check());
  }),
  apart('an overrun of one byte shows when the block is freed', async (t, load) => {
    const { exports, heap } = await load('secure');
    const block = exports.allocate(1000);
    const end = block + heap.usableSize(block);
    exports.poke(end - 1, 1);
    exports.poke(end, heap.u8[end] ^ 1);
    assert.throws(() => exports.release(block), WebAssembly.RuntimeError);
    exports.poke(end, heap.u8[end] ^ 1);
    exports.release(block);
    assert.throws(() => exports.release(block), WebAssembly.RuntimeError, undefined, 'a second free');
    assert.isNull(heap.check());
  }),
  apart('snapshots hold the metadata', async (t, load) => {
    const { exports, heap } = await load('secure');
    const blocks = some(exports);
    const copy = structuredClone(heap.snapshot());
    assert.isAtLeast(copy.metadata.length, heap.footprint / 4);
    for (const block of blocks) exports.release(block);
    some(exports, 900);
    heap.restore(copy);
    assert.isNull(heap.check());
    for (const block of blocks) exports.release(block);
    const other = await load('secure');
    other.heap.restore(copy);
    for (const block of blocks) other.exports.release(block);
    assert.isNull(other.heap.check());
    const { heap: release } = await t.load('secure');
    assert.equal((await rejection(Promise.resolve().then(() => release.restore(copy)))).name, 'SnapshotError');
  }),
  ['options that do not go together are refused by name', async (t) => {
    for (const [options, message] of [
      [{ heap: 'secure', link: 'table' }, "options.heap 'secure' and options.link 'table' can't be used together; with this heap go auto, merge, direct"],
      [{ heap: 'secure', check: true }, "options.heap 'secure' and options.check can't be used together"],
      [{ heap: 'memory64', check: true }, "options.heap 'memory64' and options.check can't be used together"],
      [{ heap: 'memory64', debug: { stacks: false } }, "options.heap 'memory64' and options.debug can't be used together"],
      [{ heap: 'release', debug: { stacks: false } }, "options.heap 'release' and options.debug can't be used together"],
      [{ check: true, link: 'table' }, "options.check and options.link 'table' can't be used together; with options.check go auto, merge, direct"],
      [{ join: {}, link: 'merge' }, "options.join and options.link 'merge' can't be used together; with options.join go auto, direct"],
      [{ stack: 65536 }, 'options.stack is for a thread that joins: it needs options.join'],
    ]) {
      const error = await rejection(t.api.load(t.url('record'), options));
      assert.deepEqual([error.name, error.message], ['TypeError', message]);
    }
  }],
];
