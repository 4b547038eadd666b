// Intrinsics that are frozen (node --frozen-intrinsics, SES): what inherits from them can't be changed by assignment. The scenarios of heaps, structs,
// calls and misuse run there: not those of sources and networks.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServer } from '../e2e/server.js';

const script = fileURLToPath(new URL('../e2e/run-scenarios.js', import.meta.url));
const server = await startServer();
after(server.stop);

test('everything works where intrinsics are frozen', async () => {
  const options = ['--frozen-intrinsics', '--no-warnings', script, server.address, 'js/index.js', 'toolkit', 'structs', 'calls', 'heapOf', 'attach', 'debug'];
  const { stdout } = await promisify(execFile)(process.execPath, options, { maxBuffer: 1e8, env: { ...process.env, NODE_OPTIONS: '' } });
  const results = JSON.parse(stdout.trim().split('\n').at(-1));
  assert.ok(results.length > 100, `${results.length} scenarios`);
  assert.deepEqual(results.filter(({ error }) => error), []);
});
