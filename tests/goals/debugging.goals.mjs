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

export default [
  {
    goal: 'the debug heap with 256 KiB of quarantine, over the release heap, on traces',
    wanted: '<= 3 x',
    long: true,
    last: { measured: '5.2 - 6.1 x (dot, ruby; Node 26, on a machine with eight times its load), by node bench/debug/cost.mjs', met: false },
    async measure() {
      const { median } = JSON.parse(node(join('bench', 'debug', 'cost.mjs')).trim().split('\n').at(-1));
      return { measured: `${median.toFixed(2)} x`, met: median <= 3 };
    },
  },
  {
    goal: '25 misuses at -O0 and -O2 under their names, with stacks; a clean program gives none',
    wanted: 'all, in Node and Chromium',
    long: true,
    last: { measured: 'all in Node 20, Node 26 and Chromium, by tests/run e2e-dist chromium', met: true },
    measure: passes('--test-name-pattern=debug: ', 'tests/e2e/node.test.js'),
  },
  { goal: 'leaks as .heapprofile and speedscope fit the schemas of those tools', wanted: 'yes', measure: passes('tests/debug/profiles.test.js') },
  { goal: 'the watcher reports applications that know nothing of it', wanted: 'with memory.js and by hand', measure: passes('tests/debug/watch.test.js') },
  {
    goal: 'a frame of the inspector with 1,000,000 blocks',
    wanted: '< 16 ms',
    long: true,
    last: { measured: 'median 0.3 ms, 95th percentile 19 ms, most 142 ms (on a machine with eight times its load), by node --test tests/debug/inspector.test.js', met: false },
    measure: async () => {
      const { p95 } = JSON.parse(/a million blocks: (\{.*\})/.exec(node('--test', 'tests/debug/inspector.test.js'))?.[1] ?? '{}');
      return { measured: `95th percentile ${p95?.toFixed(1)} ms`, met: p95 < 16 };
    },
  },
];
