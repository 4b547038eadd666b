// Hosts and a bundler that are too heavy for every checkout, installed once into build/hosts (package.json has their versions). Deno and Bun run the
// scenarios by tests/e2e/host.js; what Parcel builds is opened in Chromium.
//
//     npm run test:hosts:long
//     npm run test:hosts:long -- deno

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { browsers } from '../e2e/browsers.js';
import { buildPrograms, kOut } from '../e2e/build-programs.js';
import { kStrictPolicy, startServer } from '../e2e/server.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(repository, 'build/hosts');
const installed = (name) => join(folder, 'node_modules/.bin', name);
const run = promisify(execFile);
const chosen = process.argv.slice(2);
const isChosen = (name) => chosen.length === 0 || chosen.includes(name);

before(() => {
  buildPrograms();
  mkdirSync(folder, { recursive: true });
  const versions = readFileSync(new URL('package.json', import.meta.url), 'utf8');
  const there = join(folder, 'package.json');
  if (existsSync(join(folder, 'node_modules')) && existsSync(there) && readFileSync(there, 'utf8') === versions) return;
  writeFileSync(there, versions);
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
});

for (const [name, ...options] of [['deno', 'run', '-A'], ['bun']].filter(([name]) => isChosen(name))) {
  test(`${name} runs the scenarios`, async () => {
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    await run(process.execPath, ['--test-reporter=dot', join(repository, 'tests/e2e/host.js'), installed(name), ...options], { maxBuffer: 1e8, env });
  });
}

const kApp = `
  import { load } from 'memory.wasm';
  load(new URL('./record.wasm', import.meta.url)).then(
    ({ exports, heap, link }) => {
      const record = exports.createRecord(7, 1.5, 2.5) >>> 0;
      globalThis.results = { id: heap.i32[record >> 2], intact: exports.dataIsIntact(), link };
    },
    ({ name, message }) => (globalThis.results = name + ': ' + message),
  );`;

/** The strict policy, with the hash of the import map that Parcel writes into the page. @param {string} page */
function policyFor(page) {
  const [, map] = /<script type=importmap>(.*?)<\/script>/s.exec(page);
  const hash = createHash('sha256').update(map).digest('base64');
  return { ...kStrictPolicy, 'content-security-policy': `${kStrictPolicy['content-security-policy']} 'sha256-${hash}'` };
}

test('Parcel', { skip: !isChosen('parcel') }, async () => {
  const project = join(folder, 'parcel');
  rmSync(project, { recursive: true, force: true });
  mkdirSync(join(project, 'node_modules/memory.wasm'), { recursive: true });
  cpSync(join(repository, 'dist'), join(project, 'node_modules/memory.wasm/dist'), { recursive: true });
  copyFileSync(join(repository, 'package.json'), join(project, 'node_modules/memory.wasm/package.json'));
  copyFileSync(join(kOut, 'record.wasm'), join(project, 'record.wasm'));
  writeFileSync(join(project, 'package.json'), '{ "private": true, "browserslist": "last 2 chrome versions" }');
  writeFileSync(join(project, 'main.js'), kApp);
  writeFileSync(join(project, 'index.html'), '<!doctype html><meta charset="utf-8"><title>test</title><script type="module" src="./main.js"></script>');
  await run(installed('parcel'), ['build', 'index.html', '--dist-dir', 'out', '--no-cache', '--no-source-maps'], { cwd: project });
  const server = await startServer({ root: join(project, 'out'), headers: policyFor(readFileSync(join(project, 'out/index.html'), 'utf8')) });
  after(server.stop);
  assert.deepEqual(await browsers.chromium(server.address, 'globalThis.results'), { id: 7, intact: 1, link: 'merge' });
});
