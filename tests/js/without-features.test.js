// memory.js without the files that it loads later: what needs them says so, errors keep their names, and the rest works.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { kOut } from '../e2e/build-programs.js';

const folder = mkdtempSync(join(tmpdir(), 'memory-wasm-alone-'));
after(() => rmSync(folder, { recursive: true }));
for (const file of ['memory.js', 'memory.wasm']) copyFileSync(fileURLToPath(new URL(`../../dist/${file}`, import.meta.url)), join(folder, file));
const { load, MemoryWasmError, struct } = await import(pathToFileURL(join(folder, 'memory.js')).href);
const record = pathToFileURL(join(kOut, 'record.wasm'));

test('a program has its heap: linked directly, as there is no merger', async () => {
  const { exports, heap, link } = await load(record);
  assert.equal(link, 'direct');
  assert.notEqual(exports.createRecord(1, 2, 3), 0);
  heap.scope((scope) => {
    assert.equal(heap.readString(scope.allocString('text')), 'text');
    const point = struct({ x: 'i32' });
    assert.deepEqual(heap.read(point, scope.allocStruct(point, { x: 3 })), { x: 3 });
  });
});

test('an error of loading is whole: what happened, to which file, what to do', async () => {
  await assert.rejects(load('./nowhere.wasm'), (error) => {
    assert.ok(error instanceof MemoryWasmError);
    assert.equal(error.name, 'FetchError');
    assert.match(error.message, /^file:.*nowhere\.wasm can't be read: ENOENT.* Is the path right\? Relative paths start in the working directory\./);
    return true;
  });
});

test('a program that was badly linked is loaded; the warning has its name', async () => {
  // (module (memory (export "memory") 1) (global (export "__heap_base") i32 (i32.const 1024)))
  const program = Buffer.from('0061736d0100000005030100010607017f004180080b07180206' + '6d656d6f727902000b5f5f686561705f626173650300', 'hex');
  const warnings = [];
  const { heap } = await load(program, { onWarning: (warning) => warnings.push(warning) });
  assert.notEqual(heap.alloc(10).pointer, 0);
  assert.deepEqual(warnings.map(({ id }) => id), ['no-exports']);
  assert.match(warnings[0].problem + warnings[0].cure, /goes wrong later: no-exports.*memory\.wasm inspect/);
});

test("link 'trampoline' needs no file", async () => {
  assert.equal((await load(record, { link: 'trampoline' })).link, 'trampoline');
});

for (const link of ['table', 'merge']) {
  test(`link '${link}' says which file it needs`, async () => {
    const message = new RegExp(`^memory\\.${link}\\.js could not be loaded: .*Put it beside memory\\.js, or use memory\\.inline\\.js`, 's');
    await assert.rejects(load(record, { link }), { name: 'FetchError', message });
  });
}

test('a merger that is empty or cut short is none', async () => {
  const damaged = join(folder, 'damaged');
  mkdirSync(damaged);
  for (const file of ['memory.js', 'memory.wasm']) copyFileSync(join(folder, file), join(damaged, file));
  writeFileSync(join(damaged, 'memory.merge.js'), '');
  const { load } = await import(pathToFileURL(join(damaged, 'memory.js')).href);
  assert.equal((await load(record)).link, 'direct');
  await assert.rejects(load(record, { link: 'merge' }), { name: 'FetchError', message: /^memory\.merge\.js could not be loaded: it has no merger\. Put it beside/ });
});

test('attach and integrity say which file they need', async () => {
  const { heap } = await load(record);
  await assert.rejects(heap.attach(record), { name: 'FetchError', message: /^memory\.attach\.js could not be loaded/ });
  await assert.rejects(load(record, { integrity: 'sha256-AAAA' }), { name: 'FetchError', message: /^memory\.integrity\.js could not be loaded/ });
});
