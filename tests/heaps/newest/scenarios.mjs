// The scenarios over each heap that ships but memory.wasm, and random operations over the shared one: this Node knows all that they need. Run by ../newest.test.js.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { contextOver } from '../../e2e/context.js';
import { kVariants, overOtherHeaps } from '../../e2e/heaps.js';
import { scenarios } from '../../e2e/scenarios/index.js';
import { startServer } from '../../e2e/server.js';
import { buildPrograms } from '../../wasm/seeded-programs.js';
import { digests } from '../../wasm/seeded-world.js';

const api = await import('../../../js/index.js');
const server = await startServer();
after(server.stop);
const all = overOtherHeaps(scenarios);

test('every heap is here', () => assert.deepEqual(new Set(all.map(([, heap]) => heap)), new Set(Object.keys(kVariants).filter((heap) => heap !== 'release'))));
for (const [name, heap, run] of all) test(name, { timeout: 30_000 }, () => run(contextOver(api, server.address, heap)));

test('random operations over memory.shared.wasm', () => {
  const seed = Math.floor(Math.random() * 1e9);
  for (const { seed: at, digest } of digests(buildPrograms().shared, seed, 100_000)) assert.match(digest, /^[0-9a-f]{16}$/, `seed ${at}`);
});
