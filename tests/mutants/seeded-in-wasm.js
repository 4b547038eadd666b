// The random operations of tests/seeded on dist/memory.wasm: a history that any fault of the heap's bookkeeping changes or breaks.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildPrograms } from '../wasm/seeded-programs.js';
import { digests } from '../wasm/seeded-world.js';

const programs = buildPrograms();

test('random operations on memory.wasm', () => {
  for (const { digest } of digests(programs.direct, 1, 50_000)) assert.match(digest, /^[0-9a-f]{16}$/);
});
