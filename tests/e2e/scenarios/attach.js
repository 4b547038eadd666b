// Several modules on one heap.

import { assert, rejection } from '../assert.js';

/** What the plugin must do on either kind of host. */
async function usePlugin({ exports: host, heap }, plugin) {
  assert.equal(plugin.constructions(), 20);
  assert.equal(plugin.pluginSum(), 10 + 20 + 40);
  assert.equal(plugin.pluginCall(13), 42);
  assert.strictEqual(host.__indirect_function_table.get(plugin.pluginPointer()), host.hostAdd);
  assert.equal(plugin.zerosAreZero(), 1);
  assert.equal(plugin.isAligned(), 1);
  assert.equal(plugin.useStack(5), (1999 * 2000) / 2);
  assert.equal(plugin.pluginSum(), 10 + 20 + 40, 'the stack does not run into the data');
  const block = plugin.pluginAllocate(1000) >>> 0;
  assert.isTrue([...heap.spans()].some(({ pointer, kind }) => pointer === block && kind === 'used'));
  plugin.pluginFree(block);
  assert.isNull(heap.check());
}

/** A module that is attached is linked for a memory that has 32 bits and is not shared. The others refuse it by name. */
const kOther = { memory64: 'its programs have no modules that can be attached: memory64.js', shared: 'its programs have no modules that can be attached: tests/shared' };

export default [
  ['a position-independent module', async (t) => {
    const loaded = await t.load('host');
    const { exports, instance, module } = await loaded.heap.attach(t.url('plugin'));
    await usePlugin(loaded, exports);
    assert.strictEqual(instance.exports, exports);
    assert.instanceOf(module, WebAssembly.Module);
  }, kOther],
  ['the data and stack of two of them do not meet', async (t) => {
    const loaded = await t.load('host');
    loaded.heap.allocBytes(new Uint8Array(100000).fill(0xee)).free(); // so that zeros are not zero by luck
    const first = (await loaded.heap.attach(t.url('plugin'))).exports;
    const second = (await loaded.heap.attach(t.url('plugin'))).exports;
    first.useStack(1);
    await usePlugin(loaded, second);
    assert.equal(first.pluginSum(), 70);
  }, kOther],
  ['a program that exports its stack pointer lends its stack', async (t) => {
    const loaded = await t.load('host-with-stack');
    const before = loaded.heap.inUse;
    await usePlugin(loaded, (await loaded.heap.attach(t.url('plugin'))).exports);
    assert.isBelow(loaded.heap.inUse - before, 20000, 'no second stack');
  }, kOther],
  ['a module that uses one attached before', async (t) => {
    const { heap } = await t.load('host');
    await heap.attach(t.url('plugin'));
    const { exports } = await heap.attach(t.url('second-plugin'));
    assert.equal(exports.secondSum(), 90);
  }, kOther],
  ['a module that imports its memory and is not position-independent', async (t) => {
    const { heap } = await t.load('host', { link: 'trampoline' });
    const { exports } = await heap.attach(await t.bytes('plain-module'));
    const pointer = exports.allocate(99);
    assert.isAtLeast([...heap.spans()].find((span) => span.pointer === pointer).byteLength, 100);
  }, kOther],
  ['a module with a memory of its own is refused', async (t) => {
    const { heap } = await t.load('host');
    for (const source of [t.url('record'), await WebAssembly.compile(await t.bytes('record'))]) {
      const refused = await rejection(heap.attach(source));
      assert.equal(refused.name, 'MemoryKindError');
      assert.match(refused.message, /can't be attached: it has a memory of its own, .* --import-memory/);
    }
  }, kOther],
  ['what is missing is named, and what was taken is freed', async (t) => {
    const { heap } = await t.load('host');
    heap.free(heap.malloc(1));
    const before = heap.inUse;
    const address = await rejection(heap.attach(t.url('needy-plugin')));
    assert.equal(address.name, 'MissingImportError');
    assert.match(address.message, /needy-plugin\.wasm needs the address of nobodysData \(GOT\.mem\), which nobody defines/);
    const import_ = await rejection(heap.attach(t.url('second-plugin')));
    assert.equal(import_.name, 'MissingImportError');
    assert.match(import_.message, /second-plugin\.wasm imports what nobody provides: env\.pluginSum \(function\)/);
    assert.equal(heap.inUse, before);
  }, kOther],
  ['what the caller brings goes first', async (t) => {
    const { heap } = await t.load('host');
    const hostAdd = (a, b) => 1000 * (a + b);
    const { exports } = await heap.attach(t.url('plain-module'), { imports: { env: { hostAdd } } });
    const pointer = exports.allocate(9);
    assert.isAtLeast([...heap.spans()].find((span) => span.pointer === pointer).byteLength, 10000);
  }, kOther],
  ['aborting', async (t) => {
    const { heap } = await t.load('host');
    assert.equal((await rejection(heap.attach(t.url('plugin'), { signal: AbortSignal.abort() }))).name, 'AbortError');
  }, kOther],
];
