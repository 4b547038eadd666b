// The heap's goals. The benchmark measures them (bench/README.md). What is kept in bench/results is of the first edition of the heap: it gives
// the goals and dlmalloc's figures, but says nothing of this edition. What was measured of this one is in `measured` below.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goals } from '../../bench/lib/goals.js';

const path = (file) => fileURLToPath(new URL(`../../bench/${file}`, import.meta.url));
/** Each engine's goals are measured in that engine. */
const engines = { 'Node 20': { kept: 'results/node-20.json', node: process.execPath }, 'Node 26': { kept: 'results/node-26.json', node: 'newest' } };
/** These parts take seconds, and only wasi-libc's dlmalloc to compare with. */
const quick = ['phases', 'size'];

const runs = {};
/** Runs a part of the benchmark, once for all goals of that part and engine. */
function run(part, engine) {
  return (runs[`${part} ${engine}`] ??= (() => {
    const directory = mkdtempSync(join(tmpdir(), 'memory-wasm-goals-'));
    const file = join(directory, 'results.json');
    const few = quick.includes(part) ? ['--peers', 'wasi-dlmalloc', '--links', 'direct', '--rounds', '1'] : [];
    execFileSync(process.execPath, [path('run.js'), '--only', part, '--node', engines[engine].node, '--json', file, ...few], { stdio: 'ignore' });
    const results = JSON.parse(readFileSync(file, 'utf8'));
    rmSync(directory, { recursive: true });
    return goals([results]);
  })());
}

const kept = Object.values(engines).map(({ kept }) => JSON.parse(readFileSync(path(kept), 'utf8')));

/** Of the ten traces of more than 1 MB in bench/traces/long. */
const long = 'ten long traces, by bench/run --only traces --traces bench/traces/long --peers wasi-dlmalloc --goals';
const newest = '22 traces, linked statically, by bench/run --only traces --node newest --rounds 3';
/** By goal, as far as its text begins with this. */
const measured = [
  ['footprint over live, geomean', { measured: `1.107, ${long}`, met: false }],
  ['footprint over live, without gm', { measured: `1.088, ${long}`, met: true }],
  ['footprint over live after 6 runs, geomean', { measured: `1.107, ${long}`, met: false }],
  ['Node 26: traces over wasi-dlmalloc, steady', { measured: `0.92, ${newest}`, met: false }],
  ['Node 26: traces over wasi-dlmalloc, fresh', { measured: `1.07, ${newest}`, met: false }],
];
const unmeasured = { measured: 'not measured of this edition: run with --long', met: false };

export default goals(kept).map(({ part, goal, wanted }) => ({
  goal,
  wanted,
  long: !quick.includes(part),
  last: measured.find(([begin]) => goal.startsWith(String(begin)))?.[1] ?? unmeasured,
  measure: async () => {
    const engine = Object.keys(engines).find((name) => goal.startsWith(name)) ?? 'Node 20';
    return run(part, engine).find((each) => each.goal === goal) ?? { measured: `bench/run --only ${part} says nothing of it`, met: false };
  },
}));
