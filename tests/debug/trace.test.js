// Traces: written by the inspector's recorder, read by the benchmark and by `memory.wasm inspect`; and the pictures it draws.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { decodeTrace } from '../../bench/lib/trace.js';
import { record } from '../../js/inspector/recorder.js';
import { survey } from '../../js/inspector/survey.js';
import { readTrace } from '../../js/inspector/trace.js';
import { load } from '../../js/index.js';
import { kOut } from '../e2e/build-programs.js';
import { kDist } from '../wasm/toolchain.js';

const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-trace-'));
after(() => rmSync(scratch, { recursive: true }));
const traces = fileURLToPath(new URL('../../bench/traces/', import.meta.url));
const cli = (...options) => execFileSync(process.execPath, [fileURLToPath(new URL('../../js/cli/main.js', import.meta.url)), 'inspect', ...options], { encoding: 'utf8' });

test('a recorded program, as the benchmark reads it', async () => {
  const { exports, heap } = await load(readFileSync(join(kOut, 'misuse-O2.wasm')), { heap: readFileSync(join(kDist, 'memory.debug.wasm')), debug: { stacks: false } });
  const { trace, stop } = record(heap);
  exports.leak(3);
  exports.clean();
  heap.exports.aligned_alloc(256, 40);
  stop();
  exports.leak(1);
  const decoded = decodeTrace('recorded', trace.bytes());
  const { maxAlignment, count } = decoded;
  assert.equal(maxAlignment, 4096);
  const operations = [...readTrace(trace.bytes())];
  const frees = operations.filter(({ kind }) => kind === 'free').length;
  assert.equal(operations.length - 2 * frees, 5, 'three leaks, the result of clean() and the aligned block are in use');
  assert.equal(count, operations.length + 5, 'the benchmark frees what is left');
});

test('memory that is checked goes on being checked while and after it is recorded', async () => {
  const options = { heap: readFileSync(join(kDist, 'memory.debug.wasm')), debug: { stacks: false }, check: true };
  const { exports, heap, check } = await load(readFileSync(join(kOut, 'checked-O2.wasm')), options);
  const { trace, stop } = record(heap);
  exports.clean();
  assert.throws(exports.write_past, { name: 'OverrunError' });
  stop();
  exports.clean();
  assert.throws(exports.read_freed, { name: 'UseAfterFreeError' });
  assert.equal(check.findings.length, 2);
  assert.ok([...readTrace(trace.bytes())].length > 2);
});

test('a pass over a heap counts the blocks in use, and paints those that were freed and are kept', async () => {
  const { heap } = await load(readFileSync(join(kOut, 'misuse-O2.wasm')), { heap: readFileSync(join(kDist, 'memory.debug.wasm')), debug: { stacks: false } });
  const blocks = Array.from({ length: 3000 }, () => heap.malloc(100));
  for (const block of blocks.slice(0, 1000)) heap.free(block);
  const pass = survey(heap, { start: 0, bytesPerRow: 1, columns: 1, rows: heap.u8.length });
  pass.next(0);
  const { value } = pass.next(1e9);
  assert.deepEqual([value.blocks, value.bytes], [2000, 200000]);
  const sum = (/** @type {Float32Array} */ cells) => cells.reduce((all, cell) => all + cell, 0);
  assert.deepEqual([sum(value.used), sum(value.freed)], [200000, 100000]);
});

for (const name of ['bc', 'ruby']) {
  test(`${name}: the same operations as the benchmark reads`, () => {
    const bytes = brotliDecompressSync(readFileSync(join(traces, `${name}.wmt.br`)));
    const { operations, peakLive } = decodeTrace(name, bytes);
    let i = 0, live = 0, peak = 0;
    const sizes = [];
    for (const { kind, slot, byteLength } of readTrace(bytes)) {
      assert.equal(operations[2 * i] >>> 8, slot);
      live += kind === 'free' ? -sizes[slot] : kind === 'resize' ? byteLength - sizes[slot] : byteLength;
      sizes[slot] = byteLength;
      peak = Math.max(peak, live);
      i++;
    }
    assert.ok(Math.abs(peak - peakLive) <= 16, 'but for realloc to 0, which the benchmark makes 1');
  });
}

test('memory.wasm inspect: a trace as tables and as a picture', () => {
  const picture = join(scratch, 'bc.svg');
  const text = cli(join(traces, 'bc.wmt.br'), '--svg', picture);
  assert.match(text, /^bc\.wmt\.br: a trace of [\d,]+ operations\n  allocations +[\d,]+\n/);
  assert.match(readFileSync(picture, 'utf8'), /^<svg [^]*<\/svg>\n$/);
  assert.ok(JSON.parse(cli(join(traces, 'bc.wmt.br'), '--json')).peakBytes > 1000);
});

test('memory.wasm inspect: a snapshot of a heap', () => {
  const file = join(scratch, 'heap.json');
  const spans = [[1024, 100, 'used'], [1124, 900, 'free'], [2024, 24, 'overhead'], [2048, 2048, 'top']];
  const sites = [{ byteLength: 100, count: 1, stack: [{ name: 'make', place: 'x' }] }];
  writeFileSync(file, JSON.stringify({ format: 'memory.wasm heap', version: 1, memory: 65536, footprint: 3072, heapStart: 1024, spans, sites }));
  const text = cli(file, '--svg', join(scratch, 'heap.svg'));
  assert.match(text, /a heap of 3\.0 KiB in a memory of 64\.0 KiB/);
  assert.match(text, /fragmentation 31 %: the largest free piece has 2,048 of 2,948 free bytes/);
  assert.match(text, /make +1 +100/);
  assert.match(readFileSync(join(scratch, 'heap.svg'), 'utf8'), /^<svg /);
});

test('memory.wasm inspect: what is neither', () => {
  const file = join(scratch, 'other.json');
  writeFileSync(file, '{}');
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('../../js/cli/main.js', import.meta.url)), 'inspect', file], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /other\.json is JSON, but not a snapshot of a heap/);
});
