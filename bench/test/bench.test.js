// The benchmark's own tests: a harness that can't see a broken allocator, or a decoder that misreads a trace, would
// make all figures worthless. node --test bench/test/
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BENCH } from '../lib/build.js';
import { candidate } from '../lib/candidates.js';
import { goals } from '../lib/goals.js';
import { footprint, instantiate } from '../lib/instance.js';
import { replay } from '../lib/measure/traces.js';
import { measureWorkload } from '../lib/measure/workloads.js';
import { ratio } from '../lib/statistics.js';
import { decodeTrace, readTrace, tracesIn } from '../lib/trace.js';
import { workloads } from '../lib/workloads.js';

const host = { clock: () => 0, wall: () => 0, warm: 0, browser: false, collect: async () => {}, progress: () => {} };

/** @param {string} name @param {string} file */
function load(name, file) {
  const [built] = candidate(name, join(BENCH, file), []);
  return { name, link: built.link, program: new WebAssembly.Module(readFileSync(built.program)) };
}
const sound = load('lists', 'bounds/lists.c');
const broken = load('overlapping', 'test/overlapping.c');

/** malloc(100), malloc(5), realloc(first, 200), free(second), malloc(300), aligned_alloc(64, 128): two are alive at the end. */
const TRACE = Uint8Array.from([...Buffer.from('WMT1'), 1, 6, 3, 5, 0, 6, 8, 2, 1,
  0, 0, 3, 1, 0, 4, 100, 5, 0xc8, 1, 0xac, 2, 0x80, 1, 1, 1, 6]);

test('a trace is decoded: slots are taken again, realloc keeps its slot, what is alive is freed', () => {
  const { operations, count, slots, peakLive, maxAlignment } = decodeTrace('made', TRACE);
  const read = Array.from({ length: count }, (_, i) => [operations[2 * i] >>> 8, operations[2 * i] >> 3 & 31, operations[2 * i] & 7, operations[2 * i + 1]]);
  assert.deepEqual(read, [
    [0, 0, 0, 100], [1, 0, 0, 5], [0, 1, 3, 200], [1, 0, 1, 5], [1, 0, 0, 300], [2, 6, 4, 128],
    [0, 0, 1, 200], [1, 0, 1, 300], [2, 0, 1, 128],
  ]);
  assert.deepEqual({ slots, peakLive, maxAlignment }, { slots: 3, peakLive: 628, maxAlignment: 64 });
});

test('what is no trace is refused by what was found', () => {
  assert.throws(() => decodeTrace('page', Buffer.from('<!doctype html>')), /expected it to begin with WMT1, found "<!do"/);
});

test('every short trace replays without an error on a sound allocator, twice', () => {
  for (const file of tracesIn(join(BENCH, 'traces'))) {
    const { name } = file, [trace, instance] = [readTrace(file), instantiate(sound)];
    assert.equal(replay(instance, trace, host.clock).result, 0, name);
    const after = footprint(instance);
    assert.equal(replay(instance, trace, host.clock).result, 0, name);
    assert.equal(footprint(instance), after, `${name}: the heap was empty after the first replay`);
    assert.ok(after >= trace.peakLive, name);
  }
});

test('a replay sees blocks that overlap, are not zero, or not aligned', () => {
  assert.ok(replay(instantiate(broken), decodeTrace('made', TRACE), host.clock).result >= 1);
});

test('every workload sees blocks that overlap, and none on a sound allocator', async () => {
  for (const name of Object.keys(workloads)) {
    const results = await measureWorkload([sound, broken], name, 2000, 1, host);
    assert.equal(results.lists.errors, 0, name);
    // It may also run out of its memory and trap. A pair has one block alive at a time: nothing to overlap with.
    if (name !== 'pair') assert.ok(results.overlapping.failed || results.overlapping.errors > 0, name);
  }
});

test('a ratio is taken round by round', () => {
  assert.deepEqual(ratio([2, 30, 4], [1, 10, 4]), { median: 2, low: 1.5, high: 2.5, minimum: 2 });
});

test('phases see blocks that overlap, and none on a sound allocator', () => {
  const run = (/** @type {any} */ candidate) => {
    const { program, tables } = instantiate(candidate);
    return program.phases(tables, 0, 256);
  };
  assert.equal(run(sound), 0);
  let errors;
  try {
    errors = run(broken);
  } catch {
    errors = 1;  // it ran out of its memory
  }
  assert.ok(errors > 0);
});

test('a goal is met or not by what was measured, against the fastest real peer of each part', () => {
  const part = (/** @type {number} */ own, /** @type {number} */ slow, /** @type {number} */ fast) => Object.fromEntries(
    Object.entries({ 'memory.wasm': own, 'wasi-dlmalloc': slow, zig: fast, lists: 1 }).map(([name, time]) => [name, { steady: [time], fresh: [time], bytes: 3e6, bytesRepeated: 3e6 }]));
  const results = {
    engine: 'Node 20.0.0', baseline: 'wasi-dlmalloc', candidates: ['memory.wasm', 'wasi-dlmalloc', 'zig', 'lists'].map((name) => ({ name })),
    traces: { gm: part(9, 20, 10), lua: part(8, 10, 20) }, peakLive: { gm: 2e6, lua: 2e6 }, workloads: { pair: part(21, 30, 10) },
  };
  const found = goals([results]).map(({ goal, measured, met }) => [goal.replace(/.*: /, ''), measured, met]);
  assert.deepEqual(found.slice(0, 5), [
    ['traces over the best real peer of each, geomean', '0.8485 (of 2, by least 0.849)', true],
    ['traces over wasi-dlmalloc, steady', '0.6 (by least 0.6)', true],
    ['traces over wasi-dlmalloc, fresh', '0.6 (by least 0.6)', true],
    ['workloads over the best real peer of each, geomean', '2.1 (of 1, by least 2.1)', false],
    ['workloads over the best real peer of each, the worst', '2.1 (pair over zig)', false],
  ]);
});

test('the command measures, and prints tables or goals', () => {
  const bench = (/** @type {string[]} */ ...args) => execFileSync(process.execPath, [join(BENCH, 'run.js'), '--peers', 'lists', '--baseline', 'lists', '--rounds', '1', ...args], { encoding: 'utf8' });
  const tables = bench('--only', 'traces,workloads,size', '--trace', 'gm', '--workload', 'pair', '--links', 'direct,merged');
  const rows = tables.split('\n').map((line) => line.split('|')[1]?.trim());
  for (const name of ['memory.wasm', 'memory.wasm direct', 'memory.wasm merged'])
    assert.equal(rows.filter((each) => each === name).length, 6, `${name}: four tables of traces, one of workloads, one of sizes`);
  assert.doesNotMatch(tables, /FAILED|NaN|undefined/);
  assert.match(bench('--only', 'size', '--links', 'direct', '--goals'), /^\| the whole memory\.wasm, brotli +\| +at most \d+ bytes \| +\d+ bytes \|/m);
});

test('a name that is not there is refused with those that are', () => {
  const refused = (/** @type {string[]} */ ...args) => spawnSync(process.execPath, [join(BENCH, 'run.js'), '--peers', 'none', ...args], { encoding: 'utf8' }).stderr;
  assert.match(refused('--only', 'speed'), /--only speed: expected some of traces, workloads/);
  assert.match(refused('--only', 'traces', '--trace', 'nothing'), /--trace nothing: there is none of that name; there are bc, bison/);
});
