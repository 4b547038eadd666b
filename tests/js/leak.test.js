// Blocks that are forgotten: a garbage collection must tell of them, and only of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../../js/index.js';
import { kOut } from '../e2e/build-programs.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

test('a forgotten block is told of; freed and released ones are not', async () => {
  const { heap } = await load(readFileSync(join(kOut, 'no-malloc.wasm')), { heap: new URL('../../dist/memory.wasm', import.meta.url) });
  const leaks = [];
  heap.addEventListener('leak', (event) => (event.preventDefault(), leaks.push(event.byteLength)));
  (() => {
    heap.alloc(11);
    heap.alloc(22).free();
    heap.alloc(33).release();
  })();
  for (let round = 0; round < 50 && !leaks.length; round++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collectGarbage();
  }
  assert.deepEqual(leaks, [11]);
});
