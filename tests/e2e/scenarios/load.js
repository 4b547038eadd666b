// Loading and linking: every shape of program, every link mode, every way it can fail.

import { assert, rejection } from '../assert.js';

const kModes = ['merge', 'direct', 'table', 'trampoline'];
const kInvariant = null;

/** What the record program must do, however it was linked. */
function useRecord({ exports, heap }) {
  const record = exports.createRecord(7, 1.5, -2.25) >>> 0;
  assert.notEqual(record, 0);
  assert.equal(record % 16, 0);
  assert.deepEqual([heap.i32[record >> 2], heap.f32[(record >> 2) + 1], heap.f32[(record >> 2) + 2]], [7, 1.5, -2.25]);
  exports.deleteRecord(record);
  assert.equal(exports.sumOfBlock(5000), 12497500);
  assert.equal(exports.dataIsIntact(), 1);
  assert.equal(heap.check(), kInvariant);
}

const everyMode = (name, run) => kModes.map((link) => [`${name}: link '${link}'`, (t) => run(t, link)]);

/** One scenario per way to fail: how the error is called and what its message says. */
const fails = (name, errorName, message, start) => [
  name,
  async (t) => {
    const error = await rejection(start(t));
    assert.equal(error.name, errorName, error.stack);
    assert.match(error.message, message);
    if (!['AbortError', 'TypeError'].includes(errorName)) assert.instanceOf(error, t.api.MemoryWasmError);
  },
];

/** A Response that brings `bytes` in pieces of three, but not the last twenty; what becomes of those, `end` decides. */
const withoutItsEnd = (bytes, end) => {
  let at = 0;
  return new Response(
    new ReadableStream({
      pull(controller) {
        if (at >= bytes.length - 20) return end(controller);
        controller.enqueue(bytes.slice(at, (at += 3)));
      },
    }),
  );
};

async function integrityOf(bytes, bits) {
  const hash = new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, bytes));
  return `sha${bits}-${btoa(String.fromCharCode(...hash))}`;
}

export default [
  ...everyMode('a program that exports its memory and __heap_base', async (t, link) => {
    const loaded = await t.load('record', { link });
    assert.equal(loaded.link, link);
    const base = loaded.exports.__heap_base.value;
    const record = loaded.exports.createRecord(1, 2, 3) >>> 0;
    assert.isAtLeast(record, base);
    assert.isBelow(record, loaded.memory.buffer.byteLength);
    useRecord(loaded);
    assert.strictEqual(loaded.exports.memory, loaded.memory);
    assert.strictEqual(loaded.heap.memory, loaded.memory);
  }),
  ...everyMode('the first blocks lie behind the program\'s data, on pages it had from the start', async (t, link) => {
    const { exports, heap } = await t.load('record', { link });
    const before = heap.memory.buffer.byteLength;
    exports.createRecord(1, 2, 3);
    assert.equal(heap.memory.buffer.byteLength, before);
  }),
  ...everyMode('a program that tells no __heap_base gets a heap on new pages', async (t, link) => {
    const { exports, heap, memory } = await t.load('record-no-heap-base', { link });
    const before = memory.buffer.byteLength;
    assert.isAtLeast(exports.createRecord(1, 2, 3) >>> 0, before);
    useRecord({ exports, heap });
  }),
  ...everyMode('a program that imports its memory', async (t, link) => {
    const loaded = await t.load('record-imports-memory', { link });
    assert.equal(loaded.link, link);
    useRecord(loaded);
  }),
  ...everyMode('a memory with a maximum keeps it', async (t, link) => {
    const { exports, heap, memory } = await t.load('record-with-maximum', { link });
    useRecord({ exports, heap });
    assert.equal(heap.malloc(600000), 0);
    assert.throws(() => memory.grow(8));
    assert.equal(exports.dataIsIntact(), 1);
  }),
  ...everyMode('a memory that can\'t grow', async (t, link) => {
    const { exports, heap } = await t.load('full-memory', { link });
    const pointer = exports.allocate(100000) >>> 0;
    assert.isAtLeast(pointer, 4096);
    assert.equal(exports.allocate(100000), 0);
    assert.equal(heap.memory.buffer.byteLength, 131072);
  }),
  ...everyMode('a memory imported under another name, among imports of all kinds', async (t, link) => {
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 2, maximum: 10 });
    const { exports, memory } = await t.load('other-memory-names', { link, imports: { env: { table, thing: 'anything' } } });
    assert.notEqual(exports.allocate(100), 0);
    assert.strictEqual(exports.again, memory);
    assert.equal(exports.thing(), 'anything');
  }),
  ...everyMode('a memory that the caller brings', async (t, link) => {
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 20 });
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 2, maximum: 10 });
    const loaded = await t.load('other-memory-names', { link, imports: { js: { mem: memory }, env: { table, thing: 1 } } });
    assert.strictEqual(loaded.memory, memory);
    assert.notEqual(loaded.exports.allocate(100), 0);
  }),
  ...everyMode('a memory that the caller brings, for a program that has its own', async (t, link) => {
    const memory = new WebAssembly.Memory({ initial: 2 });
    const loaded = await t.load('record', { link, imports: { env: { memory } } });
    assert.notEqual(loaded.memory, memory);
    assert.strictEqual(loaded.memory, loaded.exports.memory);
    useRecord(loaded);
  }),
  ...everyMode('exports named like those that a merge adds', async (t, link) => {
    const { exports, heap } = await t.load('prefixed-exports', { link });
    assert.sameMembers(Object.keys(exports), ['memory', 'memory.wasm/', 'memory.wasm/answer', 'allocate']);
    assert.equal(exports['memory.wasm/answer'](), 42);
    heap.free(exports.allocate(10));
  }),
  ...everyMode('a program that does not import malloc has a heap for JavaScript', async (t, link) => {
    const { exports, heap } = await t.load('no-malloc', { link });
    const pointer = heap.malloc(4);
    heap.u32[pointer >> 2] = 12345;
    assert.equal(exports.read(pointer), 12345);
  }),
  ...everyMode('sections and names of every kind survive', async (t, link) => {
    const { exports, memory } = await t.load('wide', { link });
    assert.equal(exports.roundtrip(30), 37);
    assert.equal(exports.add(2, 3), 5);
    assert.equal(exports.counter.value, 8);
    assert.equal(exports.table.get(0)(20, 22), 42);
    assert.strictEqual(exports.memory, memory);
    assert.strictEqual(exports.memory2, memory);
  }),
  ...everyMode('pages that the start function took are not given to the heap', async (t, link) => {
    const { exports, heap } = await t.load('start-grows', { link });
    assert.equal(heap.footprint, 65536 - 1024);
    assert.isBelow(exports.allocate(1000) >>> 0, 65536);
    assert.isAtLeast(exports.allocate(100000) >>> 0, 4 * 65536);
  }),
  ...everyMode('_initialize is called once, after linking', async (t, link) => {
    const { exports } = await t.load('constructors-initialize', { link });
    assert.equal(exports.constructions(), 1);
    assert.equal(exports.increment(), 1);
    assert.equal(exports.increment(), 2);
    assert.equal(exports.constructions(), 1);
  }),
  ...everyMode('exported constructors are called once', async (t, link) => {
    const { exports } = await t.load('constructors-exported', { link });
    assert.equal(exports.increment(), 1);
    assert.equal(exports.constructions(), 1);
  }),
  ...everyMode('the caller\'s imports go before the heap\'s', async (t, link) => {
    const sizes = [];
    const malloc = (size) => (sizes.push(size), 4096);
    const { exports } = await t.load('grows', { link, imports: { env: { malloc } } });
    assert.equal(exports.allocate(77), 4096);
    assert.deepEqual(sizes, [77]);
  }),
  ...everyMode('growth by the program in between', async (t, link) => {
    const { exports, heap } = await t.load('grows', { link });
    const first = exports.allocate(100) >>> 0;
    heap.u8[first] = 1;
    const theirs = exports.grow(1) * 65536;
    heap.u8.fill(0xaa, theirs, theirs + 65536);
    const second = exports.allocate(200000) >>> 0;
    heap.u8.fill(0x55, second, second + 200000);
    assert.isTrue(heap.u8.subarray(theirs, theirs + 65536).every((byte) => byte === 0xaa));
    assert.equal(heap.u8[first], 1);
    assert.equal(heap.check(), kInvariant);
  }),

  ['link \'auto\' merges what imports functions of the heap', async (t) => {
    assert.equal((await t.load('record')).link, 'merge');
    assert.equal((await t.load('no-malloc')).link, 'direct');
    assert.equal((await t.load('grows', { imports: { env: { malloc: () => 0 } } })).link, 'direct');
    const heapModule = await WebAssembly.compile(await (await fetch(t.heap)).arrayBuffer());
    assert.equal((await t.load('record', { heap: heapModule })).link, 'direct');
  }],
  ['checkViews does not choose the link mode', async (t) => {
    assert.equal((await t.load('record', { checkViews: true })).link, 'merge');
  }],
  ['link \'auto\' does not rewrite the code of a very large program', async (t) => {
    const small = await t.bytes('rewritten'), copied = await t.bytes('record');
    const large = (bytes) => {
      const filler = [0x00, 0x83, 0x80, 0x80, 0x08, 0x02, 0x6d, 0x65]; // a custom section of 16 MiB and 3 bytes
      const whole = new Uint8Array(bytes.length + filler.length + 0x1000000);
      whole.set(bytes);
      whole.set(filler, bytes.length);
      return whole;
    };
    const imports = { env: { print() {} } };
    const links = [];
    for (const bytes of [small, large(small), large(copied)]) {
      const { link, heap } = await t.api.load(bytes, { heap: t.heap, imports });
      assert.notEqual(heap.malloc(10), 0);
      links.push(link);
    }
    assert.deepEqual(links, ['merge', 'direct', 'merge']);
  }],
  ['link \'auto\' is direct when the merger refuses', async (t) => {
    const loaded = await t.load('unmergeable');
    assert.equal(loaded.link, 'direct');
    assert.notEqual(loaded.exports.allocate(100), 0);
    const trickled = await t.api.load(t.faulty('trickle', 'unmergeable'), { heap: t.heap });
    assert.equal(trickled.link, 'direct');
  }],
  fails('a connection that breaks off after the merger refused', 'FetchError', /the program broke off after \d+ bytes: .*Try again/, async (t) =>
    t.api.load(withoutItsEnd(await t.bytes('unmergeable'), (controller) => controller.error(new Error('gone'))), { heap: t.heap })),
  ['aborted after the merger refused', async (t) => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const program = withoutItsEnd(await t.bytes('unmergeable'), () => new Promise(() => setTimeout(() => abort.abort(reason), 50)));
    assert.strictEqual(await rejection(t.api.load(program, { heap: t.heap, signal: abort.signal })), reason);
  }],
  fails('what the merger refuses', 'MergeError', /unmergeable\.wasm: exports memory\.wasm\/malloc already.* Link 'direct'/, (t) =>
    t.load('unmergeable', { link: 'merge' })),
  fails('merge: a heap that is none', 'WrongHeapError', /no-malloc\.wasm does not export malloc, free, /, (t) =>
    t.load('record', { link: 'merge', heap: t.url('no-malloc') })),
  ['merge: the program\'s exports are its own', async (t) => {
    const { exports, instance } = await t.load('record', { link: 'merge' });
    assert.sameMembers(Object.keys(exports), ['memory', '__heap_base', 'createRecord', 'deleteRecord', 'sumOfBlock', 'dataIsIntact']);
    assert.isTrue(Object.isFrozen(exports));
    assert.strictEqual(exports.createRecord, instance.exports.createRecord);
  }],
  ['merge: functions of the caller go before those of the heap', async (t) => {
    const asked = [];
    const { exports } = await t.load('grows', { link: 'merge', imports: { env: { malloc: (bytes) => (asked.push(bytes), 4096) } } });
    assert.equal(exports.allocate(5), 4096);
    assert.deepEqual(asked, [5]);
  }],
  ...['merge', 'direct'].flatMap((link) => [
    [`${link}: a start function may allocate`, async (t) => {
      const { exports, heap } = await t.load('start-allocates', { link });
      assert.notEqual(exports.pointer.value, 0);
      heap.free(exports.pointer.value);
    }],
    [`${link}: a memory that is not exported`, async (t) => {
      const { exports, heap } = await t.load('hidden-memory', { link });
      const pointer = exports.allocate(100) >>> 0;
      heap.u8[pointer] = 1;
      assert.isAbove(heap.inUse, 0);
    }],
  ]),

  ['sources: a URL object', async (t) => useRecord(await t.api.load(new URL(t.url('record')), { heap: new URL(t.heap) }))],
  ['sources: a Response and a promise of one', async (t) =>
    useRecord(await t.api.load(fetch(t.url('record')), { heap: await fetch(t.heap) }))],
  ['sources: an ArrayBuffer, a view into the middle of one, and a promise', async (t) => {
    const bytes = await t.bytes('record');
    const padded = new Uint8Array(bytes.length + 20);
    padded.set(bytes, 10);
    useRecord(await t.api.load(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), { heap: t.heap }));
    useRecord(await t.api.load(Promise.resolve(padded.subarray(10, 10 + bytes.length)), { heap: t.heap }));
  }],
  ['sources: compiled modules, by JS trampolines', async (t) => {
    const module = await WebAssembly.compile(await t.bytes('record'));
    const heapModule = await WebAssembly.compile(await (await fetch(t.heap)).arrayBuffer());
    const loaded = await t.api.load(module, { heap: heapModule });
    assert.equal(loaded.link, 'trampoline');
    assert.strictEqual(loaded.module, module);
    useRecord(loaded);
  }],
  ['sources: a compiled module that imports its memory, with the memory', async (t) => {
    const module = await WebAssembly.compile(await t.bytes('record-imports-memory'));
    const memory = new WebAssembly.Memory({ initial: 2 });
    const loaded = await t.api.load(module, { heap: t.heap, imports: { env: { memory } } });
    assert.strictEqual(loaded.memory, memory);
    useRecord(loaded);
  }],
  ['one compiled module can be loaded many times', async (t) => {
    const first = await t.load('record');
    const second = await t.api.load(await t.bytes('record'), { heap: t.heap });
    const record = first.exports.createRecord(1, 2, 3) >>> 0;
    second.exports.createRecord(4, 5, 6);
    assert.equal(first.heap.i32[record >> 2], 1);
  }],
  ['a wrong MIME type does not matter', async (t) => useRecord(await t.api.load(t.faulty('wrong-mime', 'record'), { heap: t.heap }))],
  ['a file that trickles in', async (t) => {
    useRecord(await t.api.load(t.faulty('trickle', 'record'), { heap: t.heap }));
    useRecord(await t.api.load(t.faulty('trickle', 'record-imports-memory'), { heap: t.heap }));
  }],
  ['a large section before the imports, in many pieces', async (t) => {
    const section = new Uint8Array(0x1000005); // custom, of 16 MiB
    section.set([0x00, 0x80, 0x80, 0x80, 0x08, 0x02, 0x6d, 0x65]);
    const bytes = await t.bytes('record');
    const whole = new Uint8Array(await new Blob([bytes.slice(0, 8), section, bytes.slice(8)]).arrayBuffer());
    let at = 0;
    const pull = (controller) => (at < whole.length ? controller.enqueue(whole.slice(at, (at += 1024))) : controller.close());
    useRecord(await t.api.load(new Response(new ReadableStream({ pull })), { heap: t.heap }));
  }],
  ['onProgress tells of both files, to the last byte', async (t) => {
    const last = {};
    await t.load('record', { onProgress: (event) => (last[event.file] = event) });
    assert.sameMembers(Object.keys(last), [t.url('record'), t.heap]);
    for (const { loaded, total } of Object.values(last)) assert.equal(loaded, total);
    assert.equal(last[t.url('record')].total, (await t.bytes('record')).length);
  }],
  ['onProgress: no total where the server tells none', async (t) => {
    const events = [];
    const onProgress = (event) => events.push(event);
    await t.api.load(t.faulty('trickle', 'record'), { heap: t.heap, onProgress });
    assert.isUndefined(events.find(({ file }) => file.includes('trickle')).total);
    await t.api.load(t.faulty('compressed', 'record'), { heap: t.heap, onProgress });
    const last = events.findLast(({ file }) => file.includes('compressed'));
    assert.isUndefined(last.total, 'the length of a compressed body is not that of the file');
    assert.equal(last.loaded, (await t.bytes('record')).length);
  }],
  ['what onProgress throws reaches the caller as it is', async (t) => {
    const mine = new Error('mine');
    // At the first piece, and at one that the compiler waits for.
    for (const [program, most] of [['record', 0], [t.faulty('trickle', 'record'), 100]]) {
      const onProgress = ({ loaded }) => {
        if (loaded > most) throw mine;
      };
      const loading = program === 'record' ? t.load('record', { onProgress }) : t.api.load(program, { heap: t.heap, onProgress });
      assert.equal(await loading.catch((error) => error), mine);
    }
  }],

  fails('HTTP 404', 'HttpError', /nowhere\.wasm: the server answered 404/, (t) => t.load('nowhere')),
  fails('HTTP 403', 'HttpError', /answered 403 Forbidden. Is the file there/, (t) => t.api.load(t.faulty('denied', 'record'), { heap: t.heap })),
  fails('the heap is missing', 'HttpError', /memory-elsewhere\.wasm: the server answered 404/, (t) =>
    t.api.load(t.url('record'), { heap: t.heap.replace('memory.wasm', 'memory-elsewhere.wasm') })),
  fails('a server that is not there', 'FetchError', /^http:\/\/127\.0\.0\.1:9\/x\.wasm could not be fetched: .*CORS/s, (t) =>
    t.api.load('http://127.0.0.1:9/x.wasm', { heap: t.heap })),
  fails('a server that is not there, asked by the caller', 'FetchError', /^the program could not be fetched: .*CORS/s, (t) =>
    t.api.load(fetch('http://127.0.0.1:9/x.wasm'), { heap: t.heap })),
  fails('a promise that the caller rejects', 'AbortError', /changed my mind/, (t) =>
    t.api.load(Promise.reject(new DOMException('changed my mind', 'AbortError')), { heap: t.heap })),
  fails('an HTML page instead of wasm', 'NotWebAssemblyError', /page.*expected magic word 00 61 73 6d, found 0a 3c 21 64\. That is an HTML page/, (t) =>
    t.api.load(t.faulty('page', 'record'), { heap: t.heap })),
  fails('something else instead of wasm', 'NotWebAssemblyError', /the program is not WebAssembly: .* found 50 4b 03 04\.$/, (t) =>
    t.api.load(Uint8Array.of(0x50, 0x4b, 3, 4, 5), { heap: t.heap })),
  fails('an empty file', 'NotWebAssemblyError', /found an empty file/, (t) => t.api.load(t.faulty('empty', 'record'), { heap: t.heap })),
  fails('an empty heap', 'NotWebAssemblyError', /the heap is not WebAssembly/, (t) => t.api.load(t.url('record'), { heap: new ArrayBuffer(0) })),
  fails('a file cut short in its code', 'InvalidModuleError', /truncated\/.*record\.wasm is cut short: it ends after \d+ bytes, inside its \w+ section, of which \d+ bytes? (is|are) missing \(.*Take the file anew/, (t) =>
    t.api.load(t.faulty('truncated', 'record'), { heap: t.heap })),
  fails('a file cut short in its header', 'InvalidModuleError', /is cut short: it ends after 20 bytes, inside its \w+ section, of which \d+ bytes are missing/, (t) =>
    t.api.load(t.faulty('truncated-early', 'record'), { heap: t.heap })),
  fails('bytes cut short', 'InvalidModuleError', /the program is cut short: it ends after \d+ bytes, inside its /, async (t) => {
    const bytes = await t.bytes('record');
    return t.api.load(bytes.slice(0, bytes.length - 40), { heap: t.heap });
  }),
  fails('an import of an unknown kind', 'InvalidModuleError', /import e\.f is of the unknown kind 9/, (t) =>
    t.api.load(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 2, 7, 1, 1, 101, 1, 102, 9, 0), { heap: t.heap })),
  fails('a number without an end', 'InvalidModuleError', /offset 0x9: a number of more than 5 bytes: ff ff ff ff/, (t) =>
    t.api.load(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 2, 255, 255, 255, 255, 255, 1), { heap: t.heap })),
  fails('a connection that breaks off', 'FetchError', /broken-off.*broke off after \d+ bytes/, (t) =>
    t.api.load(t.faulty('broken-off', 'record'), { heap: t.heap })),
  fails('what is no source', 'TypeError', /the program must be a URL, a Response, .* found 42/, (t) => t.api.load(42, { heap: t.heap })),
  fails('what is no URL', 'TypeError', /'http:\/\/:' is not a URL/, (t) => t.api.load('http://:', { heap: t.heap })),
  fails('an unknown link mode', 'TypeError', /options\.link must be 'auto', 'merge', 'direct', .* found 'toString'/, (t) => t.load('record', { link: 'toString' })),
  fails('an option that does not exist', 'TypeError', /^load has no option 'integrety'; it has heap, imports, link, integrity/, (t) => t.load('record', { integrety: 'x' })),
  fails('an option\'s name from before 1.0', 'TypeError', /^load has no option 'memory': since 1\.0 it is 'heap'$/, (t) => t.load('record', { memory: t.heap })),
  fails('a heap that does not ship', 'TypeError', /^options\.heap must be 'release'.* or a file: .* found 'debugging'/, (t) => t.load('record', { heap: 'debugging' })),
  ...everyMode('imports can use the heap during _initialize', async (t, link) => {
    let heap, text;
    const log = (pointer) => (text = heap.readString(pointer));
    const loaded = await t.load('initialize-logs', { link, imports: { env: { log } }, onHeap: (made) => (heap = made) });
    assert.equal(text, 'hi');
    assert.strictEqual(loaded.heap, heap);
  }),
  ...kModes.map((link) =>
    fails(`imports that nobody provides, all named: link '${link}'`, 'MissingImportError',
      /missing-imports\.wasm imports what nobody provides: env\.print \(function\), host\.seed \(global\)\. Pass/, (t) => t.load('missing-imports', { link }))),
  ...['merge', 'direct'].map((link) =>
    fails(`malloc declared with another type: link '${link}'`, 'ImportMismatchError', /wrong-signature\.wasm declares an import with another type/, (t) =>
      t.load('wrong-signature', { link }))),
  ...kModes.map((link) => fails(`no memory at all: link '${link}'`, 'NoMemoryError', /no-memory\.wasm has no memory/, (t) => t.load('no-memory', { link }))),
  ...['table', 'trampoline'].map((link) =>
    fails(`a memory that is not exported: link '${link}'`, 'NoMemoryError', /hidden-memory\.wasm has no memory/, (t) => t.load('hidden-memory', { link }))),
  fails('a shared memory', 'MemoryKindError', /shared-memory\.wasm has a memory that is 32-bit, shared, but .*memory\.wasm serves one that is 32-bit, unshared\./, (t) => t.load('shared-memory')),
  ...['table', 'trampoline'].map((link) =>
    fails(`malloc called before the link is complete: link '${link}'`, 'MallocBeforeLinkError', /called malloc from its start function.*link 'direct'/, (t) =>
      t.load('start-allocates', { link }))),
  fails('a heap that is no heap', 'WrongHeapError', /does not export malloc, free, /, (t) => t.api.load(t.url('no-malloc'), { heap: t.url('no-malloc') })),
  ...['direct', 'table'].map((link) =>
    fails(`a compiled module where its bytes are needed: link '${link}'`, 'LinkModeError', /compiled WebAssembly\.Module.*'trampoline'/, async (t) =>
      t.api.load(await WebAssembly.compile(await t.bytes('record')), { heap: t.heap, link }))),
  ...['direct', 'table', 'trampoline'].map((link) =>
    fails(`a table that nobody provides: link '${link}'`, 'MissingImportError', /imports-table\.wasm imports what nobody provides: env\.__indirect_function_table \(table\)/, (t) =>
      t.load('imports-table', { link }))),
  fails('a compiled heap where its bytes are needed', 'LinkModeError', /the heap is a compiled WebAssembly\.Module, whose bytes nobody can read/, async (t) =>
    t.load('record', { link: 'merge', heap: await WebAssembly.compile(await (await fetch(t.heap)).arrayBuffer()) })),
  fails('a memory that the engine refuses', 'OutOfMemoryError', /the program wants a memory of 2 pages of 64 KiB, which this engine refuses: /, (t) =>
    t.api.load(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 2, 9, 1, 1, 101, 1, 109, 2, 1, 2, 1), { heap: t.heap, link: 'direct' })),
  fails('a compiled module without a memory', 'NoMemoryError', /the program has no memory/, async (t) =>
    t.api.load(await WebAssembly.compile(await t.bytes('no-memory')), { heap: t.heap })),
  ['integrity: the right file, by any of several hashes', async (t) => {
    const hash = await integrityOf(await t.bytes('record'), 256);
    useRecord(await t.load('record', { integrity: hash }));
    const heap = await integrityOf(new Uint8Array(await (await fetch(t.heap)).arrayBuffer()), 384);
    useRecord(await t.load('record', { integrity: { program: `${hash} sha256-AAAA`, heap } }));
  }],
  fails('integrity: another file', 'IntegrityError', /record\.wasm is not the file that was expected: expected sha256-AAAA, found sha256-.{44}\. Was it rebuilt/, (t) =>
    t.load('record', { integrity: 'sha256-AAAA' })),
  fails('integrity: another heap', 'IntegrityError', /memory\.wasm is not the file that was expected/, (t) => t.load('record', { integrity: { heap: 'sha384-AAAA' } })),
  fails('integrity: an unknown hash', 'IntegrityError', /integrity must be sha256-, .*; found 'md5-AAAA'/, (t) => t.load('record', { integrity: 'md5-AAAA' })),
  fails('aborted before it began', 'AbortError', /./, (t) => t.load('record', { signal: AbortSignal.abort() })),
  fails('aborted under way', 'AbortError', /./, (t) => {
    const abort = new AbortController();
    return t.api.load(t.faulty('stalled', 'record'), { heap: t.heap, signal: abort.signal, onProgress: ({ file }) => file.includes('stalled') && abort.abort() });
  }),
  fails('a Response aborted under way', 'AbortError', /./, async (t) => {
    const abort = new AbortController();
    const response = await fetch(t.faulty('stalled', 'record'));
    return t.api.load(response, { heap: t.heap, signal: abort.signal, onProgress: ({ file }) => file.includes('stalled') && abort.abort() });
  }),
  ['aborted with a reason of its own', async (t) => {
    const reason = { because: 'the test says so' };
    assert.strictEqual(await rejection(t.load('record', { signal: AbortSignal.abort(reason) })), reason);
  }],
  ['aborted with null for a reason, under way', async (t) => {
    const abort = new AbortController();
    const program = withoutItsEnd(await t.bytes('record'), () => new Promise(() => setTimeout(() => abort.abort(null), 50)));
    assert.isNull(await rejection(t.api.load(program, { heap: t.heap, link: 'direct', signal: abort.signal })));
  }],
  ['aborted while the caller\'s own promise is pending', async (t) => {
    const abort = new AbortController();
    const heap = await (await fetch(t.heap)).arrayBuffer(); // is there: nothing but the promise is waited for
    const loading = t.api.load(new Promise(() => {}), { heap, signal: abort.signal });
    setTimeout(() => abort.abort('enough'), 50);
    assert.equal(await rejection(loading), 'enough');
    assert.equal(await rejection(t.api.load(new Promise(() => {}), { heap, signal: abort.signal })), 'enough');
  }],
  ['one failing file stops the other', async (t) => {
    let stopped;
    const cancelled = new Promise((resolve) => (stopped = resolve));
    const endless = new Response(new ReadableStream({ start: (controller) => controller.enqueue(Uint8Array.of(0, 97, 115, 109)), cancel: stopped }));
    const error = await rejection(t.api.load(endless, { heap: t.heap.replace('memory.wasm', 'nowhere.wasm') }));
    assert.equal(error.name, 'HttpError');
    await cancelled;
  }],

  ['the wiring of 2017 works with memory.wasm as it is', async (t) => {
    // What an inline script did: the program first, malloc bound late, then memory.wasm over the program's memory.
    let wasmMalloc, wasmFree;
    const imports = { env: { malloc: (len) => wasmMalloc(len), free: (addr) => wasmFree(addr), calloc: () => 0, realloc: () => 0 } };
    const { instance: program } = await WebAssembly.instantiate(await t.bytes('record-no-heap-base'), imports);
    const { memory } = program.exports;
    const { instance: heap } = await WebAssembly.instantiate(await (await fetch(t.heap)).arrayBuffer(), { env: { memory } });
    ({ malloc: wasmMalloc, free: wasmFree } = heap.exports);
    const record = program.exports.createRecord(2, 1.1, 2.2);
    assert.equal(new Int32Array(memory.buffer)[record / 4], 2);
    assert.closeTo(new Float32Array(memory.buffer)[record / 4 + 2], 2.2, 1e-6);
    program.exports.deleteRecord(record);
    assert.equal(program.exports.dataIsIntact(), 1);
  }],
];
