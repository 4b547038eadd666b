// No option is ignored: each function refuses, by name, an option that it doesn't have and a value of another kind, also in options that are objects.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { adopt, flags, inspect, link } from '../../js/cli/index.js';
import { heapOf, load, loadSync } from '../../js/index.js';
import { merge } from '../../js/merge/index.js';
import { kOut } from '../e2e/build-programs.js';

const heapFile = (name) => fileURLToPath(new URL(`../../dist/${name}.wasm`, import.meta.url));
const program = readFileSync(join(kOut, 'record.wasm'));
const heapBytes = readFileSync(heapFile('memory'));
const heap = new URL('../../dist/memory.wasm', import.meta.url);
const debugHeap = new URL('../../dist/memory.debug.wasm', import.meta.url);

const loaded = {};
before(async () => Object.assign(loaded, await load(program, { heap })));

/** What no option of any kind may be, and what is no number of bytes. */
const kNothing = [null, 7, 'x', []];
const kNoObject = [null, 7, 'x', true, []];
const kNoFlag = [null, 0, 1, 'x', {}];
const kNoFunction = [null, 7, 'x', true, {}];
const kNoCount = [null, -1, 1.5, NaN, 2 ** 32, '5', true, {}];
const kNoWord = [null, 7, 'x', true, {}];
const kAbort = [null, 7, 'x', true, {}];
const kNoImports = [...kNoObject.filter((value) => !Array.isArray(value)), { env: 5 }, { env: null }];
const kNoSignature = { parameters: [null, 7, 'x', {}, ['text']], result: [null, 7, 'text'] };

/** Each function: how it is called with options, how its errors name it, and its options with values that they must not have. */
const kFunctions = {
  load: {
    call: (options) => load(program, { heap, ...options }),
    without: { heap: [null, false, 'debugging', 7, true, {}], imports: kNoImports, link: kNoWord, integrity: [null, 7, true, [], {}, { program: 5 }, { wasm: 'sha256-AAAA' }], checkViews: kNoFlag, onHeap: kNoFunction, onProgress: kNoFunction, onWarning: kNoFunction, signal: kAbort, check: kNothing.slice(0, 3), debug: kNoObject.slice(0, 4), join: [...kNoObject.slice(0, 4), {}], makeShared: kNoFlag, adopt: kNothing.slice(0, 3) },
  },
  'the stack of a thread': { call: (options) => load(program, { join: { version: 1, memory: {}, heap: {}, state: 1 }, ...options }), has: /^TypeError: load has no option/, without: { stack: kNoCount } },
  'options.debug': { call: (debug) => load(program, { heap: debugHeap, debug }), without: { quarantine: kNoCount, stacks: [null, -1, 1.5, 'x', {}], onError: [null, 7, 'thrw', true, {}] } },
  'options.check': { call: (check) => load(program, { heap: debugHeap, check }), without: { mode: kNoWord, uninitialized: kNoFlag, onError: [null, 7, 'thrw', true, {}] } },
  'options.adopt': { call: (adopt) => load(program, { heap, adopt }), without: { malloc: kNoWord.filter((value) => typeof value !== 'string'), realloc: [''], recipe: [null, 7, 'x', true] } },
  loadSync: { call: (options) => loadSync(program, { heap: heapBytes, ...options }), without: { heap: ['memory.wasm', 'release', 7, null, false], imports: kNoImports, link: [...kNoWord, 'merge', 'auto', 'table'], checkViews: kNoFlag, onHeap: kNoFunction, onWarning: kNoFunction } },
  heapOf: { call: (options) => heapOf({ ...loaded.heap.exports }, options), without: { memory: kNoObject, program: [7, 'x', true] } },
  alloc: { call: (options) => loaded.heap.alloc(8, options), without: { align: [null, 0, -1, 3, NaN, 2 ** 32, 'x'] } },
  'alloc of a scope': { call: (options) => loaded.heap.scope((scope) => scope.alloc(8, options)), has: /^TypeError: alloc has no option/, without: { align: [3] } },
  'alloc of an arena': { call: (options) => loaded.heap.arena(64).alloc(8, options), has: /^TypeError: alloc has no option/, without: { align: [3] } },
  'heap.attach': { call: (options) => loaded.heap.attach(program, options), without: { imports: kNoImports, onProgress: kNoFunction, signal: kAbort } },
  'heap.addEventListener': { call: (options) => loaded.heap.addEventListener('grow', () => {}, options), without: { once: kNoFlag, signal: kAbort } },
  'the signature of a wrapped function': { call: (signature) => loaded.heap.wrap(loaded.exports.createRecord, signature), has: /^TypeError: the signature of \d+ has no option/, without: { ...kNoSignature, async: kNoFlag } },
  'the signature in a table': { call: (createRecord) => loaded.heap.bind(loaded.exports, { createRecord }), has: /^TypeError: the signature of createRecord has no option/, without: { ...kNoSignature, async: kNoFlag } },
  'the signature of a callback': { call: (signature) => loaded.heap.callback(() => {}, signature), without: kNoSignature },
  merge: { call: (options) => merge(program, heapBytes, options), without: { leave: [7], exportAs: [7] } },
  link: { call: (options) => link(program, { heap: heapBytes, ...options }), without: { heap: [7, null, {}], file: kNoWord.filter((value) => value !== 'x'), exports: ['malloc', 7, null], exportHeap: kNoFlag, check: kNoFlag, optimize: kNoFlag } },
  adopt: { call: (options) => adopt(program, { heap: heapBytes, ...options }), without: { heap: [7, null, {}], roles: kNoObject.slice(0, 4), recipe: [7, 'x'], exportHeap: kNoFlag } },
  inspect: { call: (options) => inspect(program, { heap: heapBytes, ...options }), without: { heap: [7, null, {}], file: [7, null] } },
  flags: { call: (options) => flags('/usr', options), without: { dynamic: kNoFlag, heap: [7, null, 'bogus'] } },
};

const isPlain = (error) => ['TypeError', 'RangeError'].includes(error.name) || /^There is no heap/.test(error.message);
const textOf = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

for (const [name, { call, has = new RegExp(`^TypeError: ${name.replaceAll('.', '\\.')} has no option`), without }] of Object.entries(kFunctions)) {
  test(`${name}: an option that it does not have`, async () => {
    await assert.rejects(async () => call({ optoin: true }), (error) => has.test(String(error)) && /'optoin'; it has \w+/.test(error.message));
    await assert.rejects(async () => call({ toString: () => '' }), has);
  });
  for (const [option, values] of Object.entries(without)) {
    test(`${name}: ${option} of another kind`, async () => {
      for (const value of values) {
        const message = `${name}: ${option}: ${textOf(value)}`;
        await assert.rejects(async () => call({ [option]: value }), (error) => isPlain(error) || assert.fail(`${message}: ${error.name}: ${error.message}`), message);
      }
    });
  }
}

test('what is no options object at all', async () => {
  for (const value of [null, 7, 'x', true, []]) {
    await assert.rejects(load(program, value), /^TypeError: the options of load must be an object; found/);
    assert.throws(() => loadSync(program, value), /^TypeError: the options of loadSync must be an object/);
    assert.throws(() => heapOf({}, value), /^TypeError: the options of heapOf must be an object/);
    assert.throws(() => loaded.heap.alloc(8, value), /^TypeError: the options of alloc must be an object/);
    assert.throws(() => loaded.heap.wrap(loaded.exports.createRecord, value), /^TypeError: the signature of \d+ must be an object; found/);
    assert.throws(() => loaded.heap.bind(loaded.exports, { createRecord: value }), /^TypeError: the signature of createRecord must be an object/);
    assert.throws(() => loaded.heap.callback(() => {}, value), /^TypeError: the signature of a callback must be an object/);
    await assert.rejects(loaded.heap.attach(program, value), /^TypeError: the options of heap\.attach must be an object/);
    await assert.rejects(link(program, value), /^TypeError: the options of link must be an object/);
  }
  assert.throws(() => loaded.heap.bind(loaded.exports, { createRecord: undefined }), /^TypeError: the signature of createRecord must be an object; found null/);
});

test('a heap for loadSync is bytes: a word or an address is answered with what to do', () => {
  for (const word of ['release', './memory.wasm', heap]) {
    assert.throws(() => loadSync(program, { heap: word }), /^TypeError: the heap must be bytes or a WebAssembly\.Module, since loadSync can't wait for a file: read or fetch it before, or use load; found/);
  }
  assert.throws(() => loadSync('program.wasm'), /^TypeError: the program must be bytes or a WebAssembly\.Module, since loadSync can't wait/);
});

test('null is no value of any option', async () => {
  await assert.rejects(load(program, { heap: null }), /^TypeError: options\.heap must be 'release', .* or a file: .*; found null$/);
});

test('options that are undefined are not given', async () => {
  const none = Object.fromEntries(['imports', 'link', 'integrity', 'checkViews', 'onHeap', 'check', 'debug', 'join', 'stack', 'makeShared', 'adopt', 'memory', 'anything'].map((name) => [name, undefined]));
  assert.equal((await load(program, { heap, ...none })).link, 'merge');
  assert.equal((await load(program, { heap, imports: { wasi: undefined } })).link, 'merge');
});

test('options that are switched off do not stand in the way of others', async () => {
  const off = { check: false, debug: false, adopt: false, makeShared: false, checkViews: false };
  assert.equal((await load(program, { heap, link: 'direct', ...off })).link, 'direct');
  assert.ok((await load(program, { heap: debugHeap, ...off, debug: {} })).heap);
});

test('events that a heap does not have, and listeners that are none', () => {
  const { heap } = loaded;
  for (const method of ['addEventListener', 'removeEventListener']) {
    assert.throws(() => heap[method]('grwo', () => {}), /^TypeError: a heap has the events 'grow' and 'leak'; found 'grwo'/);
    assert.throws(() => heap[method]('grow'), /^TypeError: a listener must be a function; found undefined/);
  }
});

test('what memory.d.ts and the checks name are the same options', () => {
  const named = (file, type) => [...(new RegExp(`@typedef \\{object\\} ${type}\\b([^]*?)\\n \\*(?:/|\\n)`).exec(readFileSync(new URL(`../../js/${file}`, import.meta.url), 'utf8'))?.[1] ?? '').matchAll(/@property \{.*?\} \[(\w+)\]/gs)].map(([, option]) => option);
  const checked = { load: ['load/load.js', 'LoadOptions'], 'options.debug': ['debug/debug-heap.js', 'DebugOptions'], 'options.check': ['check/index.js', 'CheckOptions'], loadSync: ['load/load-sync.js', 'LoadSyncOptions'], 'heap.attach': ['load/attach.js', 'AttachOptions'], heapOf: ['toolkit/heap-of.js', 'HeapOfOptions'], 'the signature of a wrapped function': ['toolkit/call.js', 'CFunction'] };
  for (const [name, [file, type]] of Object.entries(checked)) {
    const options = named(file, type).filter((option) => option !== 'stack');
    assert.ok(options.length > 1, `${type} of js/${file} has no options`);
    assert.deepEqual(Object.keys(kFunctions[name].without).sort(), options.sort(), `js/${file}: ${type} has options that this test does not try`);
  }
});
