// examples/wasm-bindgen in a page: a package as others published it, beside our heap and on it.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { browsers } from '../e2e/browsers.js';
import { startServer } from '../e2e/server.js';

test('a program made by wasm-bindgen in Chromium, its JavaScript untouched', async () => {
  execFileSync(fileURLToPath(new URL('../../examples/wasm-bindgen/run', import.meta.url)), { stdio: ['ignore', 'ignore', 'inherit'] });
  const server = await startServer();
  try {
    const results = await browsers.chromium(`${server.address}examples/wasm-bindgen/index.html`, 'globalThis.results');
    const same = { keys: 1000, isUntouched: true, isSound: true, leftOver: 0 };
    assert.deepEqual(results, [{ ...same, seesTheProgramsBlocks: false }, { ...same, seesTheProgramsBlocks: true }]);
  } finally {
    server.stop();
  }
});
