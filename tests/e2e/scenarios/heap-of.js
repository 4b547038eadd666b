// The toolkit for programs that are there already: linked statically, merged offline, or wired by hand.

import { assert } from '../assert.js';
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
  heap.memory.grow(1);
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
    assert.match(thrown(() => heap.alloc(2 ** 31)).message, /^no memory for 2147483648 bytes: the memory has \d+ of at most/);
  }],
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
  }],
  ['what is no heap', async (t) => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    assert.throws(() => t.api.heapOf(5), TypeError, /heapOf: the program must be an instance or its exports; found 5/);
    assert.throws(() => t.api.heapOf(null), TypeError, /found null/);
    const error = thrown(() => t.api.heapOf({ memory }));
    assert.equal(error.name, 'WrongHeapError');
    assert.equal(error.message, 'the exports have no malloc and no free. Link the program with -Wl,--export=malloc -Wl,--export=free, or pass the exports of memory.wasm.');
  }],
];
