// The command examples/record/run: what it prints, how it serves, what it says of wrong options.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = 'examples/record/run';

/** Runs the command until it prints the page's address, calls `use` with that and with all it printed, and stops it. */
async function whileServing(options, use) {
  const demo = spawn(command, options, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let printed = '';
    for await (const chunk of demo.stdout) {
      printed += chunk;
      if (/\(stop with Ctrl-C\)/.test(printed)) break;
    }
    await use(/http:\S+/.exec(printed)?.[0], printed);
  } finally {
    demo.kill();
  }
}

/** The status of a GET whose path is sent as it stands; fetch would tidy it up. */
const statusOf = (address, path) =>
  new Promise((done, fail) => request(address, { path }, (response) => done(response.resume().statusCode)).on('error', fail).end());

test('it runs the demo in the terminal, then serves the page', () =>
  whileServing(['--port', '0'], async (address, printed) => {
    assert.match(printed, /createRecord\(1, 1\.1, 2\.2\) +0x[\da-f]{8} {2}01 00 00 00 cd cc 8c 3f cd cc 0c 40 {2}id 1, x 1\.1, y 2\.2\n/);
    const inUse = [...printed.matchAll(/The heap: ([\d,]+) bytes in use, footprint [\d,]+ bytes/g)].map(([, bytes]) => Number(bytes));
    assert.equal(inUse.length, 2);
    assert.ok(inUse[0] >= 8 * 12 && inUse[1] < inUse[0] && inUse[1] > 0, `in use: ${inUse}`);
    const page = await fetch(address);
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal(page.headers.get('cache-control'), 'no-cache'); // no-store makes Chromium's panel show the wasm files as failed
    assert.match(await page.text(), /<h1>Records on a heap<\/h1>/);
    const types = await Promise.all(['program.wasm', 'memory.wasm', 'memory.js'].map(async (file) => (await fetch(address + file)).headers.get('content-type')));
    assert.deepEqual(types, ['application/wasm', 'application/wasm', 'text/javascript']);

    writeFileSync(`${root}build/record-secret`, 'begins like the folder that is served');
    for (const path of ['/nothing', '/../run', '/..%2f..%2fpackage.json', '/..%2frecord-secret', '/%2e%2e/%2e%2e/package.json', '/%zz', '//']) {
      assert.notEqual(await statusOf(address, path), 200, path);
    }
    assert.equal((await fetch(address)).status, 200, 'one of the wrong requests stopped the server');
  }));

test('the page is served to this machine alone', () =>
  whileServing(['--port', '0'], async (address) => {
    const others = Object.values(networkInterfaces()).flat().filter(({ family, internal }) => family === 'IPv4' && !internal);
    for (const other of others) await assert.rejects(fetch(address.replace('127.0.0.1', other.address)));
  }));

test('a port that is taken is no reason to fail', async () => {
  const other = createServer();
  await new Promise((done) => other.listen(0, '127.0.0.1', done));
  const { port } = other.address();
  try {
    await whileServing(['--port', String(port)], async (address) => {
      assert.notEqual(Number(new URL(address).port), port);
      assert.equal((await fetch(address)).status, 200);
    });
  } finally {
    other.close();
  }
});

test('the other way to start it is by name, from anywhere', () => {
  const printed = execFileSync(`${root}${command}`, ['--help'], { cwd: '/', encoding: 'utf8' });
  assert.match(printed, /^usage: examples\/record\/run /);
});

for (const [options, message] of [
  [['--chek'], /unknown option '--chek'\nusage: /],
  [['--port'], /--port wants a number; found ''/],
  [['--port', 'http'], /--port wants a number; found 'http'/],
]) {
  test(`wrong options are named: ${options.join(' ')}`, () => {
    const { status, stderr } = spawnSync(command, options, { cwd: root, encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, message);
  });
}
