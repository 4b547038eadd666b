// The random operations of tests/seeded in Chromium, over every heap: a history does there what it does here.

import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browsers } from '../e2e/browsers.js';
import { kStrictPolicy, startServer } from '../e2e/server.js';
import { buildPrograms, programsForPage } from './seeded-programs.js';
import { digests } from './seeded-world.js';

const kOperations = 60_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
const programs = programsForPage();
const seed = Math.floor(Math.random() * 1e9);

for (const entry of Object.values(programs)) entry.program = `/${relative(root, entry.program)}`;
const query = new URLSearchParams({ programs: JSON.stringify(programs), seed: String(seed), operations: String(kOperations) });
const server = await startServer({ headers: kStrictPolicy });
const results = await browsers.chromium(`${server.address}tests/wasm/seeded.html?${query}`, 'globalThis.results').finally(server.stop);
const here = buildPrograms();

for (const heap of Object.keys(programs)) {
  test(`${kOperations} random operations over ${programs[heap].heap} in Chromium, seeds from ${seed}`, () => {
    assert.ok(Array.isArray(results[heap]), results[heap]);
    for (const digest of results[heap]) assert.match(digest, /^[0-9a-f]{16}$/);
    const program = { memory: here.direct, small: here.small, shared: here.shared }[heap];
    if (program) assert.deepEqual(results[heap], [...digests(program, seed, kOperations)].map(({ digest }) => digest));
  });
}
