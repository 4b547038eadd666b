// The watcher: applications that know nothing of it, and what it says of them.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { importedAllocators, patch } from '../../js/watch/patch.js';
import { assemble } from '../merge/assemble.js';
import { browsers } from '../e2e/browsers.js';
import { kStrictPolicy, startServer } from '../e2e/server.js';
import { kDist } from '../wasm/toolchain.js';

const app = (name) => fileURLToPath(new URL(`apps/${name}.mjs`, import.meta.url));
const watcher = pathToFileURL(join(kDist, 'memory.watch.js')).href;
const run = (...options) => {
  const { stderr, status } = spawnSync(process.execPath, options, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stderr;
};

test('a program that memory.js loads gets the debug heap', () => {
  const report = run('--import', watcher, app('with-loader'));
  assert.match(report, /memory\.wasm watch: file:.*misuse-O0\.wasm: 300 bytes in 4 blocks are in use after [\d,]+ allocations/);
  assert.match(report, /300 bytes in 3 blocks, .*\n +at allocate \(.*\n +at leak \(.*\n +at .*with-loader\.mjs:5/);
});

test('a program that was linked by hand: its calls of malloc are counted', () => {
  const report = run('--import', watcher, app('by-hand'));
  assert.match(report, /program 1: 1,200 bytes in 4 blocks are in use/);
  assert.match(report, /1,000 bytes in 1 block, .*\n +at allocate .*\n +at other .*\n +at leakElsewhere /);
});

test('memory.wasm watch', () => {
  assert.match(run(join(kDist, 'cli.js'), 'watch', app('by-hand')), /1,200 bytes in 4 blocks/);
});

test('a report on SIGUSR2, while the application runs', async () => {
  const child = spawn(process.execPath, ['--import', watcher, app('with-loader'), 'wait']);
  let said = '';
  child.stderr.on('data', (data) => (said += data));
  const until = (stream) => new Promise((resolve) => stream.once('data', resolve));
  await until(child.stdout);
  child.kill('SIGUSR2');
  await until(child.stderr);
  child.kill('SIGKILL');
  assert.match(said, /300 bytes in 4 blocks/);
});

test('without a program there is nothing to report', () => {
  assert.match(run('--import', watcher, '-e', '0'), /no program with a malloc was loaded/);
});

test('a source of programs sees their bytes, replaces them, and gets the instance first, whichever way they come', async () => {
  const [one, two] = [1, 2].map((number) => assemble(`(module (import "env" "f" (func)) (func (export "number") (result i32) (i32.const ${number})))`));
  const imports = { env: { f() {} } };
  const streaming = () => Promise.resolve(new Response(one, { headers: { 'content-type': 'application/wasm' } }));
  /** @type {Record<string, () => any>} */
  const ways = {
    'instantiate, bytes': async () => (await WebAssembly.instantiate(one, imports)).instance,
    'instantiate, a buffer': async () => (await WebAssembly.instantiate(one.slice().buffer, imports)).instance,
    'compile': async () => WebAssembly.instantiate(await WebAssembly.compile(one), imports),
    'new Module': () => new WebAssembly.Instance(new WebAssembly.Module(one), imports),
    'instantiateStreaming': async () => (await WebAssembly.instantiateStreaming(streaming(), imports)).instance,
    'compileStreaming': async () => new WebAssembly.Instance(await WebAssembly.compileStreaming(streaming()), imports),
  };
  const everything = () => Object.fromEntries(Reflect.ownKeys(WebAssembly).map((key) => [key, Reflect.get(WebAssembly, key)]));
  const before = everything();
  const seen = [];
  const undo = patch([
    ({ bytes }) => (bytes?.join() === one.join() ? { bytes: two } : undefined), // Node has programs of its own
    ({ bytes }) => (bytes === two ? { instantiated: (instance) => void seen.push(instance) } : undefined),
  ], () => {});
  try {
    for (const [way, make] of Object.entries(ways)) {
      const instance = await make();
      assert.equal(instance.exports.number(), 2, way);
      assert.equal(seen.pop(), instance, way);
      assert.ok(instance instanceof WebAssembly.Instance, way);
    }
    await assert.rejects(WebAssembly.compile(/** @type {any} */ (null)), TypeError);
    await assert.rejects(WebAssembly.compileStreaming(/** @type {any} */ (1)), TypeError);
    assert.throws(() => new WebAssembly.Module(/** @type {any} */ ({})), TypeError);
  } finally {
    undo();
  }
  assert.deepEqual(everything(), before);
});

test('posix_memalign of a program that imports it: the pointer is read from the memory', () => {
  const program = assemble(`(module (import "env" "malloc" (func (param i32) (result i32)))
    (import "env" "posix_memalign" (func $align (param i32 i32 i32) (result i32))) (memory (export "memory") 1)
    (func (export "leak") (param i32) (drop (call $align (i32.const 16) (i32.const 64) (local.get 0)))))`);
  const watched = [];
  const undo = patch([importedAllocators], (one) => watched.push(one));
  try {
    let memory;
    const posix_memalign = (out) => (new DataView(memory.buffer).setUint32(out, 0x400, true), 0);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(program), { env: { malloc: () => 0, posix_memalign } });
    ({ memory } = exports);
    exports.leak(40);
  } finally {
    undo();
  }
  assert.match(String(watched[0].leaks()), /^40 bytes in 1 block are in use after 1 allocation/);
});

test('a page: the script before its own, in Chromium', { timeout: 120_000 }, async () => {
  const server = await startServer({ headers: kStrictPolicy });
  const report = await browsers.chromium(`${server.address}tests/debug/watched.html`, 'globalThis.results').finally(server.stop);
  assert.match(report, /misuse-O0\.wasm: 300 bytes in 3 blocks are in use after 3 allocations/);
  assert.match(report, /program 1: 1,000 bytes in 1 block/);
  assert.match(report, / +at .*watched\.html/);
});
