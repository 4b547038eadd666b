// Exact, repeatable figures for a machine that is never quiet: the x86-64 instructions that a candidate's code executes
// on a fixed small set of work, counted by callgrind over the C that wasm2c makes of the module. They say nothing of
// cache misses, and are no substitute for time; they show a change of half a percent that no clock here can.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH, BUILD, run } from './build.js';
import { TABLES } from './instance.js';
import { readTrace } from './trace.js';
import { workloads } from './workloads.js';

const ALLOCATIONS = 20_000;  // of each workload
const OPERATIONS = 300_000;  // of each trace, at most
const WABT = '/usr/share/wabt/wasm2c';

/** @typedef {Record<string, number>} Counts instructions per allocation (workloads) or operation (traces) */

/**
 * @param {import('./candidates.js').Built} built linked statically
 * @param {import('./trace.js').TraceFile[]} traces
 * @returns {Counts}
 */
export function countInstructions({ name, program }, traces) {
  const directory = join(BUILD, `instructions.${name}`);
  mkdirSync(directory, { recursive: true });
  const file = (/** @type {string} */ base) => join(directory, base);

  run('wasm2c', [program, '-n', 'candidate', '-o', file('candidate.c')]);
  run('gcc', ['-O2', '-w', `-I${directory}`, `-I${WABT}`, `-DBENCH_TABLES=${TABLES}`, '-DWASM_RT_USE_STACK_DEPTH_COUNT=0', file('candidate.c'),
    join(BENCH, 'instructions/driver.c'), join(WABT, 'wasm-rt-impl.c'), '-lm', '-o', file('driver')]);

  const count = (/** @type {string[]} */ ...part) => {
    run('valgrind', ['--tool=callgrind', '--collect-atstart=no', '--quiet', `--callgrind-out-file=${file('callgrind')}`, file('driver'), ...part]);
    return Number(/^(?:totals|summary): (\d+)/m.exec(readFileSync(file('callgrind'), 'utf8'))?.[1]);
  };
  /** @type {Counts} */
  const counts = {};
  for (const workload of Object.keys(workloads)) counts[workload] = count('workload', workload, String(ALLOCATIONS)) / ALLOCATIONS;
  for (const trace of traces) {
    const { operations, count: all } = readTrace(trace);
    const used = Math.min(all, OPERATIONS);
    writeFileSync(file('operations'), operations.subarray(0, 2 * used));
    counts[trace.name] = count('trace', file('operations')) / used;
  }
  return counts;
}
