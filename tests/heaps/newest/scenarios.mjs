// The scenarios over each heap that ships but memory.wasm: this Node knows all that they need. Run by ../newest.test.js.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { contextOver } from '../../e2e/context.js';
import { kVariants, overOtherHeaps } from '../../e2e/heaps.js';
import { scenarios } from '../../e2e/scenarios/index.js';
import { startServer } from '../../e2e/server.js';

const api = await import('../../../js/index.js');
const server = await startServer();
after(server.stop);
const all = overOtherHeaps(scenarios);

test('every heap is here', () => assert.deepEqual(new Set(all.map(([, heap]) => heap)), new Set(Object.keys(kVariants).filter((heap) => heap !== 'release'))));
for (const [name, heap, run] of all) test(name, { timeout: 30_000 }, () => run(contextOver(api, server.address, heap)));
