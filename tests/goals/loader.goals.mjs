// The loader's goals: sizes of what a page loads, the form of js/, and that the tests of each kind of case pass.
// `npm run build -- --modules` prints what each module takes in memory.js.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const path = (file) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

/** @param {string} file @param {number} most */
const size = (file, most) => ({
  goal: `dist/${file}, brotli`,
  wanted: `<= ${most.toLocaleString('en')} bytes`,
  measure: async () => {
    const { length } = brotliCompressSync(readFileSync(path(`dist/${file}`)));
    return { measured: `${length.toLocaleString('en')} bytes`, met: length <= most };
  },
});

/** @param {string} goal @param {string[]} files */
const passes = (goal, ...files) => ({
  goal,
  wanted: 'every test passes',
  measure: async () => {
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: '' };
    const { stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', ...files.map(path)], { encoding: 'utf8', env });
    const [passed, failed] = ['pass', 'fail'].map((word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(stdout)?.[1]));
    return { measured: `${passed} pass, ${failed} fail`, met: passed > 0 && failed === 0 };
  },
});

/** The longest function of a folder, by lines of code, as eslint counts them. @param {string} folder @param {number} most */
const longestFunction = (folder, most) => ({
  goal: `the longest function of ${folder}`,
  wanted: `<= ${most} lines`,
  measure: async () => {
    const rule = { 'max-lines-per-function': ['error', { max: most, skipBlankLines: true, skipComments: true }] };
    const { stdout } = spawnSync(process.execPath, [path('node_modules/eslint/bin/eslint.js'), '--rule', JSON.stringify(rule), '--format', 'json', folder], { cwd: path('.'), encoding: 'utf8' });
    const longer = JSON.parse(stdout).flatMap(({ messages }) => messages.map(({ message }) => Number(/too many lines \((\d+)\)/.exec(message)?.[1] ?? 0)));
    return { measured: longer.length ? `${Math.max(...longer)} lines` : `<= ${most} lines`, met: longer.length === 0 };
  },
});

/** What the toolkit costs beside the same by hand. @param {string} goal @param {string} row of bench/js/toolkit.mjs @param {number} most @param {string} last */
const toolkitCost = (goal, row, most, last) => ({
  goal: `${goal}, beside the same by hand, Node 26 (node bench/js/toolkit.mjs)`,
  wanted: `<= ${most} times`,
  long: true,
  last: { measured: `${last} times`, met: Number(last) <= most },
  measure: async () => {
    const { stdout } = spawnSync(process.execPath, [path('bench/js/toolkit.mjs')], { encoding: 'utf8' });
    const ratio = Number(new RegExp(`^${row.replace(/[[\]]/g, '\\$&')} .*ratio ([\\d.]+)`, 'm').exec(stdout)?.[1]);
    return { measured: `${ratio} times (Node ${process.version})`, met: ratio <= most };
  },
});

export default [
  size('memory.js', 11000),
  size('memory.merge.js', 6000),
  passes('every option of every function: what it does not have, and values of other kinds, are refused', 'tests/js/options.test.js'),
  passes('the rooms of js/: who imports whom, and where types, link modes and features are named', 'tests/js/rooms.test.js'),
  ...['js/load', 'js/toolkit', 'js/wasm', 'js/cli', 'js/merge', 'js/check'].map((folder) => longestFunction(folder, 80)),
  toolkitCost('reading heap.f64[i]', 'read heap.f64[i]', 1.3, '0.99'),
  toolkitCost('writing heap.u8[i]', 'write heap.u8[i]', 1.3, '1.06'),
  toolkitCost('reading view.array[i]', 'read view.array[i]', 1.3, '0.96'),
  toolkitCost('a scope with 10 allocations', 'scope with 10 allocations', 1.5, '1.19'),
  {
    goal: 'line coverage of js/ without js/inspector and js/watch, by tests that run in Node (npm run coverage)',
    wanted: '>= 97 %',
    long: true,
    last: { measured: '97.4 % (Node 20, without the steps adopt and check)', met: true },
    measure: async () => {
      const { stdout } = spawnSync('npm', ['run', '--silent', 'coverage'], { cwd: path('.'), encoding: 'utf8' });
      const lines = Number(/^All files *\|[^|]*\|[^|]*\|[^|]*\| *([\d.]+)/m.exec(stdout)?.[1]);
      return { measured: `${lines} %`, met: lines >= 97 };
    },
  },
  {
    goal: 'a Parcel build opened in Chromium (npm run test:hosts:long -- parcel)',
    wanted: 'the program runs, merged',
    long: true,
    last: { measured: 'it runs, link merge, under a policy with the hash of the import map', met: true },
    measure: async () => {
      const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: '' };
      const { status } = spawnSync(process.execPath, [path('tests/hosts/run.mjs'), 'parcel'], { cwd: path('.'), env });
      return { measured: status === 0 ? 'it runs' : 'it does not', met: status === 0 };
    },
  },
  passes('odd hosts, sources and programs of public bug reports', 'tests/js/hosts.test.js'),
  { ...passes('hostile programs: linear time, bounded memory', 'tests/hostile/hostile.test.js'), long: true, last: { measured: '77 pass, 0 fail, by --long', met: true } },
  {
    goal: 'the longest line of a shipped script that an uncaught error can show',
    wanted: '<= 1,000 characters',
    measure: async () => {
      const lines = readFileSync(path('dist/memory.js'), 'utf8').split('\n').map(({ length }) => length);
      return { measured: `${Math.max(...lines)} characters`, met: Math.max(...lines) <= 1000 };
    },
  },
];
