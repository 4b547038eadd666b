// `using` declarations, as a compiler for older engines makes them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { transform } from 'esbuild';
import { load } from '../../js/index.js';
import { kOut } from '../e2e/build-programs.js';

test('blocks, scopes and arenas end with their block of code', async () => {
  const { heap } = await load(readFileSync(join(kOut, 'no-malloc.wasm')), { heap: new URL('../../dist/memory.wasm', import.meta.url) });
  heap.free(heap.malloc(1));
  const before = heap.inUse;
  const { code } = await transform(
    'export default (heap) => { using block = heap.alloc(100); using scope = heap.scope(); using arena = heap.arena(50); scope.alloc(10); arena.alloc(10); return heap.inUse; };',
    { target: 'es2022' },
  );
  const { default: use } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  assert.ok(use(heap) > before + 150);
  assert.equal(heap.inUse, before);
});
