// The toolkit for programs that are there already: linked statically, merged offline, or wired by hand.

import { assert, rejection } from '../assert.js';
import { thrown } from '../toolkit.js';

/** An instance of a program of the scenarios. */
async function instantiate(t, name, imports = {}) {
  return (await WebAssembly.instantiate(await t.bytes(name), imports)).instance;
}

/** What every such heap can do. */
function useToolkit(t, heap, { createRecord, deleteRecord }) {
  const Record = t.api.struct({ id: 'i32', x: 'f32', y: 'f32' });
  const record = createRecord(7, 1.5, 2.5);
  assert.deepEqual(heap.read(Record, record), { id: 7, x: 1.5, y: 2.5 });
  heap.scope((scope) => assert.equal(heap.readString(scope.allocString('Grüße')), 'Grüße'));
  const block = heap.allocArray(Float64Array, [1, 2, 3]);
  heap.memory.grow(t.word(1));
  assert.deepEqual([...block.view(Float64Array)], [1, 2, 3]);
  block.free();
  assert.equal(thrown(() => block.pointer).name, 'ReleasedError');
  deleteRecord(record);
}

export default [
  ['a program that was linked statically', async (t) => {
    const instance = await instantiate(t, 'record-static');
    const heap = t.api.heapOf(instance);
    assert.strictEqual(t.api.heapOf(instance.exports), heap);
    useToolkit(t, heap, instance.exports);
    const grown = [];
    heap.u8[0];
    heap.addEventListener('grow', ({ from, to }) => grown.push(to - from));
    instance.exports.sumOfBlock(1000000);
    assert.isAbove(grown.length, 0, 'growth by the program is reported');
    assert.isNull(heap.check());
    assert.isTrue([...heap.spans()].length > 1 && heap.inUse >= 0 && heap.footprint > 0);
    const copy = heap.snapshot();
    const text = heap.allocString('later');
    heap.restore(copy);
    assert.equal(thrown(() => text.pointer).name, 'ReleasedError');
  }],
  ['a program that exports malloc and free alone', async (t) => {
    const { exports } = await instantiate(t, 'record-static-least');
    const heap = t.api.heapOf(exports);
    useToolkit(t, heap, exports);
    for (const [use, name] of [[() => heap.inUse, 'heap_in_use'], [() => heap.check(), 'heap_check'], [() => [...heap.spans()], 'heap_span_next'], [() => heap.calloc(1, 1), 'calloc'],
      [() => heap.alloc(8, { align: 64 }), 'aligned_alloc'], [() => heap.reset(), 'heap_reset'], [() => heap.alloc(1).resize(2), 'realloc'], [() => heap.snapshot(), 'heap_version']]) {
      const error = thrown(use);
      assert.equal(error.name, 'WrongHeapError');
      assert.equal(error.message, `the program does not export ${name}. Link it with -Wl,--export=${name}, or let load() bring the heap.`);
    }
    const most = t.is64 ? 2 ** 50 : 2 ** 31;
    assert.match(thrown(() => heap.alloc(most)).message, new RegExp(`^no memory for ${most} bytes: the memory has \\d+ of at most`));
  }],
  ...['record-static', 'record-merged'].map((name) => [`load: a program that brings its heap uses that one: ${name}`, async (t) => {
    for (const program of [t.url(name), await t.bytes(name), new WebAssembly.Module(await t.bytes(name))]) {
      let early;
      const { exports, heap, instance, link, memory } = await t.api.load(program, { onHeap: (made) => (early = made) });
      assert.equal(link, 'own');
      assert.strictEqual(heap.memory, memory);
      assert.strictEqual(early, heap);
      assert.deepEqual([t.api.heapOf(instance), t.api.heapOf(exports)], [heap, heap]);
      assert.isFalse(Object.keys(exports).some((key) => key.startsWith('memory.wasm/')));
      const before = heap.inUse;
      const record = exports.createRecord(1, 2, 3);
      assert.isAbove(heap.inUse, before, 'the program allocates from the heap that JavaScript sees');
      heap.free(Number(record));
      assert.equal(heap.inUse, before);
      useToolkit(t, heap, exports);
      assert.isNull(heap.check());
    }
    const loaded = t.api.loadSync(await t.bytes(name), {});
    assert.equal(loaded.link, 'own');
    useToolkit(t, loaded.heap, loaded.exports);
  }, name === 'record-merged' && { memory64: 'the command links one in tests/heaps/newest/memory64.mjs' }]),
  ['load: what is for a heap that is loaded is refused for a program that brings its own', async (t) => {
    for (const [options, word] of [[{ heap: 'debug' }, "heap: 'debug'"], [{ heap: 'small' }, "heap: 'small'"], [{ check: true }, 'check'], [{ debug: { stacks: false } }, 'debug']]) {
      const error = await rejection(t.api.load(await t.bytes('record-static'), options));
      assert.equal(error.name, 'LinkModeError', error.stack);
      assert.include(error.message, `the program brings its heap: it was linked with -lmemory, or merged with memory.wasm. options.${word} is for a heap that is loaded.`);
    }
  }],
  ['load: a program that passes on the functions that it imports does not bring a heap', async (t) => {
    const { link, heap, exports } = await t.api.load(await t.bytes('passes-on'), { heap: t.heap });
    assert.notEqual(link, 'own');
    heap.free(Number(exports.malloc(t.word(10))));
    const compiled = await t.api.load(new WebAssembly.Module(await t.bytes('passes-on')), { heap: t.heap });
    assert.equal(compiled.link, 'trampoline');
  }, { shared: 'the program has a memory of its own that is not shared' }],
  ['wired by hand, as in 2017', async (t) => {
    let heapExports;
    const late = (name) => (...values) => heapExports[name](...values);
    const program = await instantiate(t, 'record', { env: { malloc: late('malloc'), free: late('free'), calloc: late('calloc'), realloc: late('realloc') } });
    const bytes = await (await fetch(t.heap)).arrayBuffer();
    const heapInstance = (await WebAssembly.instantiate(bytes, { env: { memory: program.exports.memory } })).instance;
    heapExports = heapInstance.exports;
    assert.equal(thrown(() => t.api.heapOf(heapInstance)).name, 'NoMemoryError');
    const heap = t.api.heapOf(heapInstance, { memory: program.exports.memory, program });
    useToolkit(t, heap, program.exports);
    assert.isNull(heap.check());
  }, { shared: 'the program has a memory of its own that is not shared' }],
  ['what is no heap', async (t) => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    assert.throws(() => t.api.heapOf(5), TypeError, /heapOf: the program must be an instance or its exports; found 5/);
    assert.throws(() => t.api.heapOf(null), TypeError, /found null/);
    const error = thrown(() => t.api.heapOf({ memory }));
    assert.equal(error.name, 'WrongHeapError');
    assert.equal(error.message, 'the exports have no malloc and no free. Link the program with -Wl,--export=malloc -Wl,--export=free, or pass the exports of memory.wasm.');
  }],
];
