// Which lines of js/ the tests that run in Node have run. Fails where fewer than kLeast are.
//
//     npm run coverage              runs those tests, with V8 counting, and prints the files that have lines without a test
//     npm run coverage -- --reuse   takes what V8 counted in the steps of tests/run before this one; if they did not run, runs the tests
//
// Not in it: js/inspector, which runs in browsers alone (tests/debug opens its pages there), and js/watch, whose tests run the bundle in dist/.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const counted = `${root}build/coverage`;

/** Percent of the lines: the goal (tests/goals/loader.goals.mjs). */
const kLeast = 97;

/** Those folders of tests/ whose tests import js/, as tests/run names their steps. */
const kSteps = ['merge', 'e2e', 'js', 'adopt', 'check', 'debug'];

function runTests() {
  rmSync(counted, { recursive: true, force: true });
  const files = kSteps.flatMap((step) =>
    readdirSync(`${root}tests/${step}`)
      .filter((name) => /\.test\.m?js$/.test(name))
      .map((name) => `tests/${step}/${name}`),
  );
  const { status } = spawnSync(process.execPath, ['--test', ...files], { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_V8_COVERAGE: counted } });
  if (status) throw new Error('a test failed: the coverage would say little');
}

if (process.argv.includes('--steps')) console.log(kSteps.join(' '));
else {
  if (!process.argv.includes('--reuse') || !existsSync(counted)) runTests();
  const report = [
    'report',
    '--temp-directory',
    counted,
    '--all',
    '--src',
    'js',
    '--include',
    'js/**/*.js',
    '--exclude',
    'js/inspector/**',
    '--exclude',
    'js/watch/**',
    '--skip-full',
  ];
  const check = ['--check-coverage', '--lines', `${kLeast}`, '--functions', '0', '--branches', '0', '--statements', '0'];
  execFileSync(`${root}node_modules/.bin/c8`, [...report, ...check], { cwd: root, stdio: 'inherit' });
}
