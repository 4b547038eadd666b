// The goals of the debug heap, leaks, the watcher and the inspector (issue 13, sections 2 to 4).

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = (...options) => execFileSync(process.execPath, options, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** Whether a file of tests passes. */
const passes = (...options) => async () => {
  try {
    node('--test', ...options);
    return { measured: 'passed', met: true };
  } catch {
    return { measured: 'failed', met: false };
  }
};

/** @param {'median' | 'contexts'} figure of bench/debug/cost.mjs @param {number} most */
const ratioOf = (figure, most) => {
  const ratio = JSON.parse(node(join('bench', 'debug', 'cost.mjs')).trim().split('\n').at(-1))[figure];
  return { measured: `${ratio.toFixed(2)} x`, met: ratio <= most };
};

export default [
  {
    goal: 'the debug heap with 256 KiB of quarantine, over the release heap, on traces',
    wanted: '<= 3 x',
    long: true,
    last: { measured: '3.9 x (bc 3.9, dot 3.7, ruby 4.0, z3 3.6; Node 26, on a quiet machine), by node bench/debug/cost.mjs; before the records were at places of their own 4.7 x (bc 4.0, dot 5.0, ruby 3.9, z3 4.7)', met: false },
    measure: () => ratioOf('median', 3),
  },
  {
    goal: 'the debug heap with calling contexts, over the debug heap without stacks, on traces',
    wanted: '<= 1.25 x',
    long: true,
    last: { measured: '1.07 x (bc, dot, ruby, z3; Node 26), by node bench/debug/cost.mjs', met: true },
    measure: () => ratioOf('contexts', 1.25),
  },
  {
    goal: '25 misuses at -O0 and -O2 under their names, with stacks; a clean program gives none',
    wanted: 'all, in Node, Chromium, Firefox and WebKit',
    long: true,
    last: { measured: 'all in Node 20, Node 26, Chromium, Firefox and WebKit, by tests/run e2e-dist and npm run test:browser -- firefox', met: true },
    measure: passes('--test-name-pattern=debug: ', 'tests/e2e/node.test.js'),
  },
  { goal: 'leaks as .heapprofile and speedscope fit the schemas of those tools', wanted: 'yes', measure: passes('tests/debug/profiles.test.js') },
  { goal: 'the watcher reports applications that know nothing of it', wanted: 'with memory.js and by hand', measure: passes('tests/debug/watch.test.js') },
  {
    goal: 'a frame of the inspector with 1,000,000 blocks',
    wanted: '< 16 ms',
    long: true,
    last: { measured: 'median 0.2 ms, 95th percentile 1.0 ms, most 56 ms (on a machine with nine times its load), by node --test tests/debug/inspector.test.js', met: true },
    measure: async () => {
      const { p95 } = JSON.parse(/a million blocks: (\{.*\})/.exec(node('--test', 'tests/debug/inspector.test.js'))?.[1] ?? '{}');
      return { measured: `95th percentile ${p95?.toFixed(1)} ms`, met: p95 < 16 };
    },
  },
];
