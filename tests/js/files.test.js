// Files on disk, which only Node reads: by URL and by a path relative to the working directory.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { load } from '../../js/index.js';
import { kOut } from '../e2e/build-programs.js';

const record = join(kOut, 'record.wasm');
const memory = new URL('../../dist/memory.wasm', import.meta.url);

test('a file: URL', async () => {
  const { exports } = await load(pathToFileURL(record), { heap: memory });
  assert.notEqual(exports.createRecord(1, 2, 3), 0);
});

test('a path relative to the working directory', async () => {
  const { exports } = await load(relative(process.cwd(), record), { heap: memory.href });
  assert.notEqual(exports.createRecord(1, 2, 3), 0);
});

test('progress of a file', async () => {
  const events = [];
  await load(pathToFileURL(record), { heap: memory, onProgress: (event) => events.push(event) });
  assert.deepEqual(new Set(events.map(({ file }) => file)), new Set([pathToFileURL(record).href, memory.href]));
  for (const { loaded, total } of events) assert.equal(loaded, total);
});

test('a file that is not there', async () => {
  await assert.rejects(load('./nowhere.wasm', { heap: memory }), { name: 'FetchError', message: /^file:.*nowhere\.wasm can't be read: ENOENT/ });
});

test('a heap that is cut short goes by its name, also in what the merger says', async () => {
  const cut = join(kOut, 'cut-heap.wasm');
  writeFileSync(cut, readFileSync(memory).subarray(0, -2000));
  await assert.rejects(load(pathToFileURL(record), { heap: pathToFileURL(cut), link: 'merge' }), { name: 'MergeError', message: /^file:.*\/cut-heap\.wasm, offset 0x[0-9a-f]+: \d+ bytes should follow/ });
});

test('aborted before reading', async () => {
  await assert.rejects(load(pathToFileURL(record), { heap: memory, signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('the heap is looked for beside memory.js', async () => {
  await assert.rejects(load(pathToFileURL(record)), (error) => {
    assert.equal(error.name, 'FetchError');
    assert.ok(error.message.startsWith(new URL('../../js/memory.wasm', import.meta.url).href));
    return true;
  });
});

test('dist/memory.js finds dist/memory.wasm by itself', async () => {
  const shipped = await import(new URL('../../dist/memory.js', import.meta.url).href);
  const { exports } = await shipped.load(fileURLToPath(pathToFileURL(record)));
  assert.notEqual(exports.createRecord(1, 2, 3), 0);
});
