// The debug heap: each misuse under its name, with the block, the distance and the stacks; leaks by the stack that allocated them.

import { assert, rejection } from '../assert.js';
import { framesSay, thrown } from '../toolkit.js';

/** name of the function: [program, the error's name, what its message says, distance of the overwritten byte] */
const kMisuses = {
  doubleFree: ['misuse', 'DoubleFreeError', /was freed before/],
  freeInterior: ['misuse', 'InvalidFreeError', /32 bytes into a block in use/],
  freeUnaligned: ['misuse', 'InvalidFreeError', /5 bytes into a block in use/],
  freeStack: ['misuse', 'InvalidFreeError', /static data or stack/],
  freeData: ['misuse', 'InvalidFreeError', /in the program's static data/],
  freeForeign: ['misuse', 'InvalidFreeError', /beyond the memory/],
  overrunByOne: ['misuse', 'OverrunError', /1 byte past the end of a block of 13 bytes/, 0],
  overrunFar: ['misuse', 'OverrunError', /5 bytes past the end of a block of 16 bytes/, 4],
  underrun: ['misuse', 'UnderrunError', /1 byte before the start of a block of 13 bytes/, -1],
  overrunAtRealloc: ['misuse', 'OverrunError', /realloc found .* 1 byte past the end/, 0],
  overrunOfAligned: ['misuse', 'OverrunError', /1 byte past the end of a block of 100 bytes[^]*aligned to 256/, 0],
  underrunOfAligned: ['misuse', 'UnderrunError', /200 bytes before the start/, -200],
  reallocFreed: ['misuse', 'ReallocAfterFreeError', /realloc\(0x\w+\): this block was freed/],
  reallocInterior: ['misuse', 'InvalidFreeError', /realloc\(0x\w+\): that is 8 bytes into/],
  sizeOfFreed: ['misuse', 'DoubleFreeError', /malloc_usable_size\(0x\w+\): this block was freed/],
  wrongSize: ['misuse', 'WrongSizeError', /freed as a block of 48 bytes; it has 40 bytes/],
  wrongAlignment: ['misuse', 'WrongAlignmentError', /aligned to 32; it was allocated with 64/],
  newWithFree: ['misuse-cpp', 'MismatchedFreeError', /free of .* new allocated: it must be freed by delete$/m],
  newArrayWithDelete: ['misuse-cpp', 'MismatchedFreeError', /delete of .* new\[\] allocated: it must be freed by delete\[\]/],
  newWithDeleteArray: ['misuse-cpp', 'MismatchedFreeError', /delete\[\] of .* new allocated/],
  mallocWithDelete: ['misuse-cpp', 'MismatchedFreeError', /delete of .* malloc allocated: it must be freed by free/],
  deletedTwice: ['misuse-cpp', 'DoubleFreeError', /was freed before/],
  sizedDeleteWrong: ['misuse-cpp', 'WrongSizeError', /freed as a block of 32 bytes; it has 24 bytes/],
  alignedWithPlainDelete: ['misuse-cpp', 'MismatchedFreeError', /delete of .* aligned new allocated: it must be freed by delete with its alignment/],
  alignedWrong: ['misuse-cpp', 'WrongAlignmentError', /aligned to 128; it was allocated with 64/],
};

/** Stands for a block's stack in these tests: the names of the wasm functions in it. */
const names = (stack) => stack.filter(({ index }) => index !== undefined).map(({ name }) => name);

/** That a stack has a call of this wasm function, where the engine's stacks have any. */
const hasCall = (stack, name, message) => assert.equal(names(stack).includes(name), framesSay() !== 'nothing', message);

export default [
  ...['-O0', '-O2'].flatMap((level) =>
    Object.entries(kMisuses).map(([misuse, [program, name, says, distance]]) => [
      `${misuse}, ${level}`,
      async (t) => {
        const { exports, heap } = await t.debug(program + level);
        const error = thrown(exports[misuse]);
        assert.equal(error.name, name, error.message);
        assert.instanceOf(error, t.api.MemoryWasmError);
        assert.match(error.message, says);
        const { finding } = error;
        assert.equal(heap.findings.at(-1), error);
        if (distance !== undefined) assert.equal(finding.distance, distance);
        if (name !== 'OverrunError' && name !== 'UnderrunError') assert.equal(finding.pointer, heap.u32[exports.at.value >>> 2]);
        if (finding.block) hasCall([...finding.block.allocated, ...finding.block.released], misuse, error.message);
        hasCall(finding.stack, misuse, error.message);
        assert.isNull(heap.exports.heap_check() || null, 'the heap is whole');
      },
    ]),
  ),
  ['an overrun that check() finds', async (t) => {
    const { exports, heap } = await t.debug('misuse-O2');
    exports.overrunAtCheck();
    const error = thrown(() => heap.check());
    assert.equal(error.name, 'OverrunError');
    assert.match(error.message, /heap\.check\(\) found .* 2 bytes past the end of a block of 24 bytes/);
    hasCall(error.finding.block.allocated, 'overrunAtCheck');
  }],
  ['a write after free, by check() and when the quarantine gives the block back', async (t) => {
    for (const find of [(heap) => heap.check(), (heap) => heap.trim()]) {
      const { exports, heap } = await t.debug('misuse-O2');
      exports.writeAfterFree();
      const error = thrown(() => find(heap));
      assert.equal(error.name, 'WriteAfterFreeError');
      assert.match(error.message, /at offset 7 of a block of 40 bytes, after that was freed/);
      assert.equal(error.finding.distance, 7);
      hasCall(error.finding.block.released, 'writeAfterFree');
    }
  }],
  ['a free after reset', async (t) => {
    const { heap } = await t.debug('misuse-O2');
    const pointer = heap.malloc(10);
    heap.reset();
    assert.equal(thrown(() => heap.free(pointer)).name, 'FreeAfterResetError');
    assert.equal(heap.leaks().count, 0);
  }],
  ['a block of before a reset was not freed, whatever had its place in the history', async (t) => {
    const { heap } = await t.debug('misuse-O2', { stacks: false });
    for (let i = 0; i < 70_000; i++) heap.free(heap.malloc(16));
    const pointer = heap.malloc(100);
    heap.reset();
    const { state, freed } = heap.blockAt(pointer);
    assert.deepEqual({ state, freed }, { state: 'reset', freed: 0 });
  }],
  ['programs without a mistake', async (t) => {
    for (const level of ['-O0', '-O2']) {
      const { exports, heap } = await t.debug(`misuse${level}`);
      assert.equal(exports.clean(), 1);
      assert.isNull(heap.check());
      const cpp = await t.debug(`misuse-cpp${level}`);
      cpp.exports.cleanNew();
      assert.isNull(cpp.heap.check());
      assert.isEmpty([...heap.findings, ...cpp.heap.findings]);
    }
  }],
  ['a reported misuse is ignored, and the program goes on', async (t) => {
    const found = [];
    const { exports, heap } = await t.debug('misuse-O2', { onError: (error) => found.push(error.name) });
    for (const [misuse, [program]] of Object.entries(kMisuses)) if (program === 'misuse') exports[misuse]();
    assert.deepEqual(found, Object.values(kMisuses).filter(([program]) => program === 'misuse').map(([, name]) => name));
    assert.equal(exports.clean(), 1);
    assert.isNull(heap.check());
  }],
  ['the history of a block that was freed long ago', async (t) => {
    const { exports, heap } = await t.debug('misuse-O2', { quarantine: 0 });
    const pointer = heap.malloc(40);
    heap.free(pointer);
    const error = thrown(() => heap.free(pointer));
    assert.equal(error.name, 'DoubleFreeError');
    assert.match(error.message, /its memory given back since/);
    exports.leak(1);
    assert.equal(heap.blockAt(heap.u32[exports.at.value >>> 2] + 99).byteLength, 100);
  }],
  ['a block larger than the quarantine gives its memory back, and keeps its history', async (t) => {
    const { heap } = await t.debug('misuse-O2', { quarantine: 1000 });
    const small = heap.malloc(40), large = heap.malloc(2000), before = heap.inUse;
    heap.free(small);
    heap.free(large);
    assert.isBelow(heap.inUse, before - 2000);
    assert.equal(heap.blockAt(small).state, 'freed', 'the others stay in the quarantine');
    assert.equal(heap.blockAt(large + 100).state, 'past');
    assert.equal(thrown(() => heap.free(large)).name, 'DoubleFreeError');
    const overrun = heap.malloc(2000);
    heap.u8[overrun + 2000] = 1;
    assert.equal(thrown(() => heap.free(overrun)).name, 'OverrunError');
  }],
  ['the history is a ring of the newest 65,536 blocks', async (t) => {
    for (const size of [1, 2000]) { // one that waits in the quarantine, one that is too large for it
      const { heap } = await t.debug('misuse-O2', { quarantine: 1000, stacks: false });
      const waiting = heap.malloc(1), block = heap.malloc(1e5);
      heap.free(block);
      assert.equal(heap.blockAt(block + 99999).byteLength, 1e5);
      if (size === 2000) heap.free(waiting);
      for (let i = 0; i < 70000; i++) heap.free(heap.malloc(size));
      assert.notEqual(heap.blockAt(block + 99999)?.byteLength, 1e5, 'it is forgotten');
      assert.isNull(heap.check());
    }
  }],
  ['new memory has the pattern, of a large block its first 16 KiB; calloc clears all; a freed block has the pattern everywhere', async (t) => {
    const { heap } = await t.debug('misuse-O2');
    const holds = (from, to, byte) => heap.u8.subarray(from, to).every((one) => one === byte);
    for (const size of [1, 13, 64, 65, 100, 150, 250, 500, 5000, 100000]) {
      const zeros = heap.calloc(size, 1);
      assert.isTrue(holds(zeros, zeros + size, 0), `calloc of ${size}`);
      heap.free(zeros);
      assert.isTrue(holds(zeros - 16, zeros + size + 16, 0xdd), `free of ${size}`);
      const block = heap.malloc(size);
      assert.isTrue(holds(block, block + Math.min(size, 16368), 0xcd), `malloc of ${size}`);
      assert.isTrue(holds(block - 16, block, 0xfd) && holds(block + size, block + size + 16, 0xfd), `zones of ${size}`);
    }
  }],
  ['damage to a zone is found once, wherever it is; the block waits in the quarantine as any other', async (t) => {
    const found = [];
    const { heap } = await t.debug('misuse-O2', { onError: (error) => found.push(error.name) });
    for (const size of [1, 15, 16, 17, 31, 32, 100])
      for (const [at, name] of [[-16, 'UnderrunError'], [-1, 'UnderrunError'], [size, 'OverrunError'], [size + 15, 'OverrunError'], [((size + 15) & ~15) + 15, 'OverrunError']]) {
        found.length = 0;
        const block = heap.malloc(size);
        heap.u8[block + at] = 1;
        heap.free(block);
        assert.isNull(heap.check());
        heap.trim();
        assert.deepEqual(found, [name], `${size} bytes, ${at}`);
      }
  }],
  ['of a block in use nothing is said to have freed it, though another was freed there', async (t) => {
    const { heap } = await t.debug('misuse-O2', { quarantine: 0 });
    heap.free(heap.malloc(40));
    const { state, freed, freedBy, released } = heap.blockAt(heap.malloc(40));
    assert.deepEqual({ state, freed, freedBy, released }, { state: 'live', freed: 0, freedBy: 0, released: [] });
  }],
  ['leaks by the stack that allocated them', async (t) => {
    const { exports, heap } = await t.debug('misuse-O0');
    exports.leak(3);
    const mark = heap.mark();
    exports.leakElsewhere();
    exports.leakElsewhere();
    const all = heap.leaks();
    assert.deepEqual([all.count, all.byteLength], [5, 2300]);
    assert.deepEqual(all.sites.map(({ count, byteLength }) => [count, byteLength]).slice(0, 2), [[1, 1000], [1, 1000]]);
    assert.deepEqual(names(all.sites[0].stack), framesSay() === 'nothing' ? [] : ['allocate', 'other', 'leakElsewhere']);
    const leaked = all.sites[2];
    assert.deepEqual([leaked.count, leaked.oldest, leaked.newest], [3, 4, 2]);
    assert.match(String(all), /^2,300 bytes in 5 blocks are in use after 5 allocations\n  1,000 bytes in 1 block/);
    assert.equal(heap.since(mark).count, 2);
    assert.equal(JSON.parse(JSON.stringify(all)).sites.length, 3);
  }],
  ['stacks of none, and of every n-th', async (t) => {
    const none = await t.debug('misuse-O2', { stacks: false });
    none.exports.leak(10);
    assert.equal(none.heap.stacks.count, 0);
    assert.equal(none.heap.leaks().count, 10);
    const some = await t.debug('misuse-O2', { stacks: 4 });
    some.exports.leak(10);
    assert.equal(some.heap.leaks().sites.reduce((sum, { stack, count }) => sum + (stack.length ? count : 0), 0), 2);
  }],
  ['spans tile the heap; a block in use starts where malloc said', async (t) => {
    const { heap } = await t.debug('misuse-O2');
    const pointers = [1, 50, 700, 100000].map((bytes) => heap.malloc(bytes)).concat(heap.exports.aligned_alloc(4096, 10));
    heap.free(pointers.shift());
    const spans = [...heap.spans()].sort((a, b) => a.pointer - b.pointer);
    assert.deepEqual(spans.filter(({ kind }) => kind === 'used').map(({ pointer }) => pointer), pointers.sort((a, b) => a - b));
    spans.reduce((before, span) => (assert.isAtLeast(span.pointer, before.pointer + before.byteLength), span));
    assert.equal(heap.footprint, spans.reduce((sum, { byteLength }) => sum + byteLength, 0));
  }],
  ['a snapshot has the records too', async (t) => {
    const { exports, heap } = await t.debug('misuse-O2');
    exports.leak(2);
    const copy = heap.snapshot();
    exports.leak(1000);
    heap.restore(copy);
    assert.equal(heap.leaks().byteLength, 200);
    exports.clean();
    assert.isNull(heap.check());
  }],
  ['a trap of the release heap explained', async (t) => {
    for (const link of ['direct', 'merge', 'table', 'trampoline']) {
      const { exports, heap } = await t.load('misuse-O0', { link });
      const error = thrown(exports.doubleFree);
      const trap = await heap.explain(error);
      if (framesSay() !== 'index') {
        assert.isUndefined(trap, 'nobody knows which function trapped');
        continue;
      }
      assert.equal(trap?.name, 'free', `${link}: ${error.stack}`);
      if (link !== 'trampoline') assert.match(trap.message, /^free trapped: it was called with a pointer that is not a block in use\. To see which/);
      else {
        assert.equal(trap.pointer, heap.u32[exports.at.value >>> 2]);
        assert.match(trap.message, /which is in free memory/);
        const interior = await heap.explain(thrown(exports.freeInterior));
        assert.match(interior.message, /which is 32 bytes into a block in use/);
        const stack = await heap.explain(thrown(exports.freeStack));
        assert.match(stack.message, /not in the heap/);
      }
      assert.equal((await heap.explain(thrown(exports.reallocFreed)))?.name, 'realloc', link);
      assert.isUndefined(await heap.explain(new Error('another')));
      assert.isNull(heap.check());
    }
  }],
  ['in every link mode', async (t) => {
    const twoMemories = WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0));
    for (const link of ['direct', 'table', 'trampoline', 'merge']) {
      const loading = t.debug('misuse-O2', {}, link);
      if (link === 'merge' && !twoMemories) {
        const error = await rejection(loading);
        assert.equal(error.name, 'LinkModeError');
        assert.match(error.message, /has a memory of its own/);
        continue;
      }
      const { exports, link: used } = await loading;
      assert.equal(used, link);
      const error = thrown(exports.doubleFree);
      assert.equal(error.name, 'DoubleFreeError');
      hasCall(error.finding.block.allocated, 'doubleFree', link);
    }
  }],
  ['error numbers are those of the other heaps', async (t) => {
    for (const heap of [t.heap, t.heap.replace('memory.wasm', 'memory.debug.wasm')]) {
      const loaded = await t.api.load(t.url('record'), { heap, ...(heap !== t.heap && { debug: { stacks: false } }) });
      const { posix_memalign: allocate } = loaded.heap.exports;
      const result = loaded.heap.malloc(16);
      assert.deepEqual([allocate(result, 3, 10), allocate(result, 16, 0x7fffffff), allocate(result, 16, 10)], [28, 48, 0], heap);
    }
  }],
  ['another heap with the option debug', async (t) => {
    const error = await rejection(t.api.load(t.url('record'), { heap: t.heap, debug: {} }));
    assert.equal(error.name, 'WrongHeapError');
    assert.match(error.message, /heap_debug_finding/);
  }],
];
