// The heap's goals. The benchmark measures them (bench/README.md). What it measured last, and of which commit, is in bench/results.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goals, timeGoals } from '../../bench/lib/goals.js';

const path = (file) => fileURLToPath(new URL(`../../bench/${file}`, import.meta.url));
/** Each engine's goals are measured in that engine. */
const nodes = { 'Node 20': process.execPath, 'Node 26': 'newest' };
/** These parts take seconds, and only wasi-libc's dlmalloc to compare with. */
const quick = ['phases', 'size'];

const runs = {};
/** Runs a part of the benchmark, once for all goals of that part and engine. */
function run(part, engine) {
  return (runs[`${part} ${engine}`] ??= (() => {
    const directory = mkdtempSync(join(tmpdir(), 'memory-wasm-goals-'));
    const file = join(directory, 'results.json');
    const few = quick.includes(part) ? ['--peers', 'wasi-dlmalloc', '--links', 'direct', '--rounds', '1'] : [];
    execFileSync(process.execPath, [path('run.js'), '--only', part, '--node', nodes[engine], '--json', file, ...few], { stdio: 'ignore' });
    const results = JSON.parse(readFileSync(file, 'utf8'));
    rmSync(directory, { recursive: true });
    return goals([results]);
  })());
}

const kept = JSON.parse(readFileSync(path('results/node-26.json'), 'utf8'));

/** No results of Node 20 are kept of this edition of the heap: its goals, by part. */
const ofNode20 = Object.values(timeGoals({ engine: 'Node 20' })).map(({ part, goal, limit }) => ({
  part, goal, wanted: `at most ${limit}`, measured: 'not measured of this edition: run with --long', met: false,
}));

export default [...ofNode20, ...goals([kept])].map(({ part, goal, wanted, measured, met }) => ({
  goal,
  wanted,
  long: !quick.includes(part),
  last: { measured, met },
  measure: async () => {
    const engine = Object.keys(nodes).find((name) => goal.startsWith(name)) ?? 'Node 26';
    return run(part, engine).find((each) => each.goal === goal) ?? { measured: `bench/run --only ${part} says nothing of it`, met: false };
  },
}));
