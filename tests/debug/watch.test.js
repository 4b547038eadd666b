// The watcher: applications that know nothing of it, and what it says of them.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { kDist } from '../wasm/toolchain.js';

const app = (name) => fileURLToPath(new URL(`apps/${name}.mjs`, import.meta.url));
const watcher = pathToFileURL(join(kDist, 'memory.watch.js')).href;
const run = (...options) => {
  const { stderr, status } = spawnSync(process.execPath, options, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stderr;
};

test('a program that memory.js loads gets the debug heap', () => {
  const report = run('--import', watcher, app('with-loader'));
  assert.match(report, /memory\.wasm watch: file:.*misuse-O0\.wasm: 300 bytes in 4 blocks are in use after [\d,]+ allocations/);
  assert.match(report, /300 bytes in 3 blocks, .*\n +at allocate \(.*\n +at leak \(.*\n +at .*with-loader\.mjs:5/);
});

test('a program that was linked by hand: its calls of malloc are counted', () => {
  const report = run('--import', watcher, app('by-hand'));
  assert.match(report, /program 1: 1,200 bytes in 4 blocks are in use/);
  assert.match(report, /1,000 bytes in 1 block, .*\n +at allocate .*\n +at other .*\n +at leakElsewhere /);
});

test('memory.wasm watch', () => {
  assert.match(run(join(kDist, 'cli.js'), 'watch', app('by-hand')), /1,200 bytes in 4 blocks/);
});

test('a report on SIGUSR2, while the application runs', async () => {
  const child = spawn(process.execPath, ['--import', watcher, app('with-loader'), 'wait']);
  let said = '';
  child.stderr.on('data', (data) => (said += data));
  const until = (stream) => new Promise((resolve) => stream.once('data', resolve));
  await until(child.stdout);
  child.kill('SIGUSR2');
  await until(child.stderr);
  child.kill('SIGKILL');
  assert.match(said, /300 bytes in 4 blocks/);
});

test('without a program there is nothing to report', () => {
  assert.match(run('--import', watcher, '-e', '0'), /no program with a malloc was loaded/);
});
