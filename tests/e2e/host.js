// `npm run test:host -- deno run -A`: the scenarios in another host than Node, with the summary of Node's test runner. What follows is the
// command that runs a script there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildPrograms } from './build-programs.js';
import { startServer } from './server.js';

const [command, ...options] = process.argv.slice(2);
if (!command) throw new Error('say how to run a script there: npm run test:host -- deno run -A');

buildPrograms();
const server = await startServer();
after(server.stop);

const script = fileURLToPath(new URL('./run-scenarios.js', import.meta.url));
const { stdout } = await promisify(execFile)(command, [...options, script, server.address], { maxBuffer: 1e8 });
const results = JSON.parse(stdout.trim().split('\n').at(-1));
test(`${command} ran the scenarios`, () => assert.ok(results.length > 0));
for (const result of results) test(`${command}: ${result.name}`, () => assert.equal(result.error, null));
