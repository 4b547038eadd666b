// What public bug reports of other loaders are made of, as tests of this one: odd hosts, odd sources, odd programs. The programs are
// assembled here; nothing but Node is needed.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { Window } from 'happy-dom';
import * as undici from 'undici';
import { heapOf, load, loadSync } from '../../js/index.js';
import { kMagicAndVersion, section, text } from '../../js/wasm/encode.js';
import { leb } from '../../js/wasm/leb128.js';

const heap = new Uint8Array(readFileSync(new URL('../../dist/memory.wasm', import.meta.url)));
const kModes = ['merge', 'direct', 'table', 'trampoline'];

const kI32 = 0x7f;
const kMallocType = [0x60, 1, kI32, 1, kI32];
const module = (...sections) => Uint8Array.from([...kMagicAndVersion, ...sections.flat()]);
const imported = (from, name, type) => [...text(from), ...text(name), 0, type];
const body = (...code) => [...leb(code.length + 2), 0, ...code, 0x0b];
const tick = (milliseconds = 30) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Imports malloc and what else is given; exports memory, go(n) = malloc(n). */
const standard = ({ types = [kMallocType], more = [], sections = [], customs = [] } = {}) =>
  module(
    section(1, types),
    section(2, [imported('env', 'malloc', 0), ...more]),
    section(3, [[0]]),
    section(5, [[0, 1]]),
    ...sections,
    section(7, [[...text('memory'), 2, 0], [...text('go'), 0, ...leb(1 + more.length)]]),
    section(10, [body(0x20, 0, 0x10, 0)]),
    ...customs,
  );

/** With link 'merge' the loader may refuse what Node 20 can't compile. */
const works = async (program, options) => assert.notEqual((await load(program, { heap, ...options })).exports.go(100), 0);

for (const link of kModes) {
  test(`two memories, the second exported as "memory": that is the heap's, link '${link}'`, async (t) => {
    const program = module(section(1, [kMallocType]), section(5, [[0, 1], [0, 1]]), section(7, [[...text('memory'), 2, 1]]));
    if (!WebAssembly.validate(program)) return t.diagnostic('this engine has no multi-memory');
    const loading = load(program, { heap, link });
    if (link === 'direct') return assert.rejects(loading, { name: 'LinkModeError', message: /as number 1, and link 'direct' can only make the first/ });
    const loaded = await loading;
    assert.equal(loaded.heap.memory, loaded.exports.memory);
  });

  test(`two memories of which no name says which is the heap's, link '${link}'`, async () => {
    const program = module(section(1, [kMallocType]), section(5, [[0, 1], [0, 1]]), section(7, [[...text('other'), 2, 1]]));
    if (!WebAssembly.validate(program)) return;
    await assert.rejects(load(program, { heap, link }), { name: 'NoMemoryError', message: /has 2 memories, and none/ });
  });

  test(`a memory of the caller's that is larger than declared: the rest stays the caller's, link '${link}'`, async () => {
    const program = module(
      section(1, [kMallocType]),
      section(2, [imported('env', 'malloc', 0), [...text('env'), ...text('memory'), 2, 0, 2]]),
      section(3, [[0]]),
      section(6, [[kI32, 0, 0x41, 0xf0, 0xa2, 0x04, 0x0b]]), // 70000
      section(7, [[...text('go'), 0, 1], [...text('__heap_base'), 3, 0]]),
      section(10, [body(0x20, 0, 0x10, 0)]),
    );
    const memory = new WebAssembly.Memory({ initial: 10, maximum: 10 });
    const { heap: made } = await load(program, { heap, link, imports: { env: { memory } } });
    assert.ok(made.footprint > 50000 && made.footprint <= 2 * 65536 - 70000, String(made.footprint));
  });

  test(`a malloc of the program's own is not given a second owner's bytes, link '${link}'`, async () => {
    const program = module(
      section(1, [kMallocType]),
      section(3, [[0]]),
      section(5, [[0, 2]]),
      section(6, [[kI32, 1, 0x41, 0x80, 0x20, 0x0b], [kI32, 0, 0x41, 0x80, 0x20, 0x0b]]), // 4096
      section(7, [[...text('memory'), 2, 0], [...text('malloc'), 0, 0], [...text('__heap_base'), 3, 1]]),
      section(10, [body(0x23, 0, 0x23, 0, 0x20, 0, 0x6a, 0x24, 0)]),
    );
    const loaded = await load(program, { heap, link });
    const ours = loaded.heap.malloc(64);
    const theirs = loaded.exports.malloc(30000);
    assert.ok(ours + 64 <= theirs || theirs + 30000 <= ours, `${ours}, ${theirs}`);
  });

  test(`malloc's type in a group of its own, with padded counts, or final, link '${link}'`, async () => {
    await works(standard({ types: [[0x60, 0x81, 0x00, kI32, 0x81, 0x80, 0x00, kI32]] }), { link });
    for (const type of [[0x4e, 1, ...kMallocType], [0x4f, 0, ...kMallocType], [0x4e, 1, 0x4f, 0, ...kMallocType]]) {
      if (WebAssembly.validate(standard({ types: [type] }))) await works(standard({ types: [type] }), { link });
    }
  });

  test(`malloc declared with another type is refused by name, link '${link}'`, async () => {
    const program = standard({ types: [[0x60, 1, 0x7e, 1, kI32]] });
    const message = /env\.malloc is \(i64\) -> i32 in the program and \(i32\) -> i32 in the heap/;
    const valid = module(section(1, [[0x60, 1, 0x7e, 1, kI32]]), section(2, [imported('env', 'malloc', 0)]), section(5, [[0, 1]]), section(7, [[...text('memory'), 2, 0]]));
    assert.ok(program);
    await assert.rejects(load(valid, { heap, link }), { name: 'ImportMismatchError', message });
  });

  test(`imports that are instances of a class, link '${link}'`, async () => {
    class Env {
      wait() {
        return 5;
      }
    }
    await works(standard({ more: [imported('env', 'wait', 0)] }), { link, imports: { env: new Env() } });
    await works(standard({ more: [imported('env', 'wait', 0)] }), { link, imports: { env: new Proxy({}, { get: (_, name) => (name === 'wait' ? () => 5 : undefined) }) } });
  });

  test(`the heap has a key, and its snapshot carries it, link '${link}'`, async () => {
    const first = await load(standard(), { heap, link });
    const copy = first.heap.snapshot();
    assert.notEqual(copy.key, 0);
    const second = await load(standard(), { heap, link });
    assert.notEqual(second.heap.snapshot().key, copy.key);
    second.heap.restore(copy);
    assert.equal(second.heap.snapshot().key, copy.key);
    assert.equal(second.heap.check(), null);
  });
}

test('70,000 imports', async () => {
  const names = Array.from({ length: 70000 }, (_, i) => `f${i}`);
  const imports = { o: Object.fromEntries(names.map((name) => [name, () => 0])) };
  await works(standard({ more: names.map((name) => imported('o', name, 0)) }), { imports });
});

test('a start function of a merged program runs once, with the heap at hand', async () => {
  let seen;
  let made;
  const program = module(
    section(1, [kMallocType, [0x60, 0, 0]]),
    section(2, [imported('env', 'malloc', 0), imported('env', 'log', 1)]),
    section(3, [[1]]),
    section(5, [[0, 1]]),
    section(7, [[...text('memory'), 2, 0]]),
    [8, 1, 2],
    section(10, [body(0x41, 8, 0x10, 0, 0x1a, 0x10, 1)]),
  );
  const runs = [];
  const { link } = await load(program, { heap, imports: { env: { log: () => runs.push((seen = made?.inUse)) } }, onHeap: (heap) => (made = heap) });
  assert.equal(link, 'merge');
  assert.equal(runs.length, 1);
  assert.ok(seen > 0);
});

test('a request that was aborted before: no unhandled rejection', async () => {
  let unhandled = 0;
  const count = () => unhandled++;
  process.on('unhandledRejection', count);
  const signal = AbortSignal.abort();
  await assert.rejects(load(fetch('http://127.0.0.1:9/', { signal }), { heap, signal }));
  await assert.rejects(load(Promise.reject(new Error('gone')), { heap, integrety: 'x' }), { name: 'TypeError' });
  await assert.rejects(load(standard(), { heap: Promise.reject(new Error('gone')), link: 'fast' }), { name: 'TypeError' });
  await tick();
  process.off('unhandledRejection', count);
  assert.equal(unhandled, 0);
});

test('something else has taken the place of Response', async () => {
  const Native = globalThis.Response;
  globalThis.Response = class Response {
    constructor(...given) {
      this.native = new Native(...given);
    }
  };
  const stream = new Blob([standard()]).stream();
  try {
    await works(standard());
    await works({ ok: true, url: '', headers: new Headers(), body: stream });
  } finally {
    globalThis.Response = Native;
  }
});

test('a Response that is not of the host\'s class', async () => {
  class Response2 {
    ok = true;
    url = 'x';
    headers = new Headers();
    body = new Blob([standard()]).stream();
    get [Symbol.toStringTag]() {
      return 'Response';
    }
  }
  await works(new Response2());
  await works(new Blob([standard()]));
});

/** Runs `run` with other things in the place of globals. */
async function withGlobals(others, run) {
  const before = Object.keys(others).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const [name, value] of Object.entries(others)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  try {
    return await run();
  } finally {
    for (const [name, descriptor] of before) descriptor ? Object.defineProperty(globalThis, name, descriptor) : delete globalThis[name];
  }
}

test('undici: its Response, and all that its install() replaces', async () => {
  const { fetch, Headers, Request, Response } = undici;
  await works(new Response(standard()));
  await withGlobals({ fetch, Headers, Request, Response }, async () => {
    await works(standard());
    await works(fetch(`data:application/wasm;base64,${Buffer.from(standard()).toString('base64')}`));
  });
});

test('happy-dom: its Response and Blob, and its globals as a test environment has them', async () => {
  const window = new Window({ url: 'http://localhost:3000/app/' });
  const { Blob, document, Headers, location, Response, URL } = window;
  await works(new Response(standard()));
  await works(new Blob([standard()]));
  await withGlobals({ Blob, document, Headers, location, Response, URL, window }, async () => {
    await works(standard());
    await works(new Response(standard()));
    await assert.rejects(load('p.wasm', { heap }), { name: 'FetchError', message: /^http:\/\/localhost:3000\/app\/p\.wasm could not be fetched/ });
  });
  await window.happyDOM.close();
});

test('bytes and modules of another realm', async () => {
  await works(runInNewContext('Uint8Array.from(bytes).buffer', { bytes: [...standard()] }));
  await works(runInNewContext('Uint8Array.from(bytes)', { bytes: [...standard()] }));
  await works(runInNewContext('new WebAssembly.Module(Uint8Array.from(bytes))', { bytes: [...standard()] }));
  await works(runInNewContext('Promise.resolve(new URL(address))', { URL, address: `data:application/wasm;base64,${Buffer.from(standard()).toString('base64')}` }));
});

test('a memory of another realm', () => {
  const memory = runInNewContext('new WebAssembly.Memory({ initial: 2 })');
  assert.equal(memory instanceof WebAssembly.Memory, false);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(heap), { env: { memory } });
  const blocks = heapOf(exports, { memory });
  assert.equal(blocks.alloc(10).byteLength, 10);
  assert.equal(blocks.check(), null);
  assert.equal(heapOf({ ...exports, memory }).memory, memory);
});

const sri = (bytes, bits) => `sha${bits}-${createHash(`sha${bits}`).update(bytes).digest('base64')}`;

test('integrity: what is not understood is refused', async () => {
  const refused = (integrity, error) => assert.rejects(load(standard(), { heap, integrity }), error);
  const right = sri(standard(), 384);
  for (const shape of [[right], 42, null, {}, { program: [right] }, { program: '' }, ' ', true]) await refused(shape, { name: 'TypeError' });
  await refused({ memory: right }, { name: 'TypeError', message: /'program' and 'heap'; found 'memory'/ });
  for (const hash of ['md5-AAAA', `${right} sha1-AAAA`, 'sha384', 'sha384-', 'sha384-%%%%']) await refused(hash, { name: 'IntegrityError' });
  await refused(`${sri(standard(), 256)} sha512-AAAA`, { name: 'IntegrityError', message: /expected .*sha512-AAAA, found sha512-/ });
  await assert.rejects(load(new WebAssembly.Module(standard()), { heap, integrity: right }), { name: 'IntegrityError', message: /is a compiled WebAssembly.Module/ });
});

test('integrity: URL-safe letters, options, capital letters, and weaker hashes beside the strongest', async () => {
  const right = sri(standard(), 512);
  for (const hash of [right.replaceAll('+', '-').replaceAll('/', '_').replace(/^sha512./, 'sha512-'), `${right}?foo=bar`, right.replace('sha', 'SHA'), `sha256-AAAA ${right}`, right.replace(/=+$/, '')]) {
    await works(standard(), { integrity: hash });
  }
  await works(standard(), { integrity: { program: right, heap: sri(heap, 256) } });
});

test('names that reach a prototype', async () => {
  const { heap: made } = await load(standard(), { heap });
  const plugin = (from, name) =>
    module(section(1, [[0x60, 0, 1, kI32]]), section(2, [[...text('env'), ...text('memory'), 2, 0, 1], imported(from, name, 0)]), section(3, [[0]]), section(7, [[...text('two'), 0, 1]]), section(10, [body(0x41, 2)]));
  const { assign } = Object;
  for (const [from, name] of [['__proto__', 'polluted'], ['constructor', 'assign'], ['GOT.mem', '__proto__']]) await made.attach(plugin(from, name)).catch(() => {});
  assert.equal('polluted' in {}, false);
  assert.equal(Object.assign, assign);
});

test('a plug-in for a program that exports globals of every type', async () => {
  const globals = { i32: [kI32, 0, 0x41, 5], i64: [0x7e, 0, 0x42, 5], f32: [0x7d, 0, 0x43, 0, 0, 0, 0], f64: [0x7c, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0], changing: [kI32, 1, 0x41, 5], wide: [0x7e, 1, 0x42, 5], foreign: [0x6f, 0, 0xd0, 0x6f] };
  const program = module(
    section(1, [kMallocType]),
    section(2, [imported('env', 'malloc', 0)]),
    section(5, [[0, 1]]),
    section(6, Object.values(globals).map((global) => [...global, 0x0b])),
    section(7, [[...text('memory'), 2, 0], ...Object.keys(globals).map((name, index) => [...text(name), 3, index])]),
  );
  const { heap: made } = await load(program, { heap });
  const plugin = module(section(1, [[0x60, 0, 1, kI32]]), section(2, [[...text('env'), ...text('memory'), 2, 0, 1]]), section(3, [[0]]), section(7, [[...text('two'), 0, 0]]), section(10, [body(0x41, 2)]));
  assert.equal((await made.attach(plugin)).exports.two(), 2);
});

test('working directories and paths with # ? %', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memory-wasm-paths-'));
  const before = process.cwd();
  try {
    for (const name of ['a#b', 'c%41', 'e?f', 'g%zz']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'p.wasm'), standard());
      process.chdir(join(folder, name));
      await works('p.wasm');
      process.chdir(folder);
      await works(`${name}/p.wasm`);
    }
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
});

test('messages: short, and each thing by its name', async () => {
  const message = async (program, options) => (await load(program, { heap, ...options }).then(() => assert.fail('loaded'), (error) => error)).message;
  const data = `data:application/wasm;base64,${Buffer.from([...standard().subarray(0, 8), ...new Uint8Array(1e6)]).toString('base64')}`;
  assert.ok((await message(data)).length < 2000);
  assert.match(await message(Uint8Array.from([0, 97, 115, 109, 13, 0, 1, 0, 1, 0])), /is a component, .*wasm-tools component unbundle/);
  assert.match(await message('C:\\programs\\p.wasm'), /is a path of Windows/);
  assert.match(await message(Buffer.from(new TextDecoder().decode(standard({ customs: [[0, 20, ...text('x'), ...Array(18).fill(0xff)]] })))), /U\+FFFD in it: something read it as text/);
  const feeds = standard({ customs: [[0, 10, ...text('x'), ...Array(8).fill(0x0a)]] });
  assert.match(await message(Uint8Array.from([...feeds].flatMap((byte) => (byte === 0x0a ? [0x0d, 0x0a] : [byte])))), /converted its line ends/);
  const opaque = { ok: false, type: 'opaque', status: 0, url: '', headers: new Headers(), body: null, [Symbol.toStringTag]: 'Response' };
  assert.match(await message(opaque), /is an opaque response.*no-cors/);
  const used = new Response(standard());
  await used.arrayBuffer();
  assert.match(await message(used), /body was read before/);
  const many = Array.from({ length: 500 }, (_, i) => imported('o', 'x'.repeat(300) + i, 0));
  const missing = await message(standard({ more: many }));
  assert.ok(missing.length < 2000 && /and 490 more/.test(missing), missing);
});

test('a file that is cut short says where: at every length, in pieces of every size', async () => {
  const whole = standard({ customs: [[0, ...leb(300 + 2), ...text('x'), ...Array(300).fill(7)]] });
  /** Where each section ends: there a file may end. */
  const ends = new Set();
  for (let at = 8; at < whole.length; ends.add(at)) {
    const wide = whole[at + 1] >> 7;
    at += 2 + wide + (wide ? (whole[at + 1] & 0x7f) + whole[at + 2] * 128 : whole[at + 1]);
  }
  for (let length = 9; length < whole.length; length += length < 100 ? 1 : 50) {
    if (ends.has(length)) continue;
    for (const size of [1, 7, 1000]) {
      const pieces = Array.from({ length: Math.ceil(length / size) }, (_, index) => whole.slice(index * size, Math.min(length, (index + 1) * size)));
      const body = new ReadableStream({ pull: (controller) => (pieces.length ? controller.enqueue(pieces.shift()) : controller.close()) });
      const error = await load(new Response(body), { heap, link: 'direct' }).then(() => undefined, (error) => error);
      assert.match(error.message, new RegExp(`^the program is cut short: it ends after ${length} bytes, inside its `), `${length}, ${size}`);
    }
  }
  assert.throws(() => loadSync(whole.subarray(0, 60), { heap }), { name: 'InvalidModuleError', message: /is cut short: it ends after 60 bytes, inside its \w+ section, of which \d+ bytes? (is|are) missing/ });
});

test('options of the wrong type are refused', async () => {
  for (const options of [{ imports: 5 }, { checkViews: 'yes' }, { onHeap: {} }, { onProgress: 1 }, { signal: {} }, { link: 'wasm' }, { heap: 'fast' }]) {
    await assert.rejects(load(standard(), { heap, ...options }), { name: 'TypeError', message: /^options\.\w+ must be/ });
  }
  await assert.rejects(load(standard(), null), { name: 'TypeError' });
});

test('a heap of another version is refused, with both versions', async () => {
  const old = Uint8Array.from([...Buffer.from(heap)]);
  const { instance } = await WebAssembly.instantiate(heap, { env: { memory: new WebAssembly.Memory({ initial: 1 }) } });
  assert.equal(instance.exports.heap_version() >>> 16, 1);
  // The same number, in the code of heap_version, of another major version.
  const at = Buffer.from(old).indexOf(Buffer.from([0x00, 0x41, 0x80, 0x80, 0x04, 0x0b]));
  assert.ok(at > 0);
  old[at + 4] = 0x08;
  for (const link of kModes) {
    await assert.rejects(load(standard(), { heap: old, link }), { name: 'WrongHeapError', message: /is version 2\.0 of the heap's interface, and this memory\.js needs 1\.0/ });
  }
});

test('a file that is no heap is said to be none, whatever it imports', async () => {
  const message = /^the heap does not export malloc, free, .*: it is not memory\.wasm/;
  for (const link of kModes) await assert.rejects(load(standard(), { heap: standard(), link }), { name: 'WrongHeapError', message });
  for (const file of [standard(), new WebAssembly.Module(standard())]) {
    await assert.rejects(load(standard(), { heap: file, link: 'trampoline' }), { name: 'WrongHeapError', message });
    for (const link of ['direct', 'trampoline']) assert.throws(() => loadSync(standard(), { heap: file, link }), { name: 'WrongHeapError', message });
  }
  const shared = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 2, 16, 1, 3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2, 3, 1, 2);
  assert.ok(WebAssembly.validate(shared));
  await assert.rejects(load(standard(), { heap: shared }), { name: 'WrongHeapError', message });
});

test('loadSync: bytes and compiled modules, without waiting', () => {
  for (const [program, link] of [[standard(), 'direct'], [new WebAssembly.Module(standard()), 'trampoline']]) {
    for (const file of [heap, new WebAssembly.Module(heap)]) {
      const loaded = loadSync(program, { heap: file });
      assert.equal(loaded.link, link);
      assert.notEqual(loaded.exports.go(10), 0);
    }
  }
  assert.throws(() => loadSync(standard(), { heap, link: 'merge' }), { name: 'TypeError', message: /must be 'direct', 'trampoline'/ });
  assert.throws(() => loadSync(standard(), { heap, integrity: 'sha256-AAAA' }), { name: 'TypeError', message: /^loadSync has no option 'integrity'/ });
  assert.throws(() => loadSync('p.wasm', { heap }), { name: 'TypeError', message: "the program must be bytes or a WebAssembly.Module, since loadSync can't wait for a file: read or fetch it before, or use load; found p.wasm" });
  assert.throws(() => loadSync(standard(), { heap: 'release' }), { name: 'TypeError', message: "the heap must be bytes or a WebAssembly.Module, since loadSync can't wait for a file: read or fetch it before, or use load; found release" });
  assert.throws(() => loadSync(standard()), { name: 'TypeError', message: /^the program brings no heap: pass memory\.wasm, .* in options\.heap/ });
  assert.throws(() => loadSync(Uint8Array.of(1, 2, 3, 4), { heap }), { name: 'NotWebAssemblyError' });
  assert.throws(() => loadSync(standard().subarray(0, 30), { heap }), { name: 'InvalidModuleError' });
  assert.throws(() => loadSync(standard({ more: [imported('o', 'f', 0)] }), { heap }), { name: 'MissingImportError' });
});

test('a module that is not position-independent has its range, or is refused with both ranges', async () => {
  const at = (address) => module(
    section(2, [[...text('env'), ...text('memory'), 2, 0, 1]]),
    section(11, [[0, 0x41, ...address, 0x0b, 3, 1, 2, 3]]),
  );
  const { heap: made } = await load(standard(), { heap });
  made.malloc(10);
  await assert.rejects(made.attach(at([0x80, 0x08])), { name: 'MemoryKindError', message: /data and stack are at 0x400 - 0x403, and program and heap have 0x0 - 0x\d+\. Link it/ });
  const end = made.memory.buffer.byteLength;
  await made.attach(at([0x80, 0x80, 0x80, 0x01])); // 2 MiB
  assert.ok(made.memory.buffer.byteLength > 2 ** 21);
  assert.deepEqual([...made.u8.subarray(2 ** 21, 2 ** 21 + 3)], [1, 2, 3]);
  const block = made.malloc(3e6);
  assert.ok(block > 2 ** 21 || block + 3e6 <= 2 ** 21, String(block));
  assert.deepEqual([...made.u8.subarray(2 ** 21, 2 ** 21 + 3)], [1, 2, 3]);
  assert.equal(made.check(), null);
  assert.ok(end < 2 ** 21);
});
