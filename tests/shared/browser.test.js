// In Chromium, or the browser that BROWSER names: two Workers and an AudioWorklet on one heap (examples/threads), and the same page from a server without
// the headers.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browsers } from '../e2e/browsers.js';
import { kStrictPolicy, startServer } from '../e2e/server.js';

const kRecords = 10_000;
/** 1 + 2 + 3 + 4 times the number of each record. */
const kSum = (10 * (kRecords * (kRecords - 1))) / 2;
const { 'cross-origin-opener-policy': opener, 'cross-origin-embedder-policy': embedder } = kStrictPolicy;

const run = fileURLToPath(new URL('../../examples/threads/run', import.meta.url));
execFileSync(run, { stdio: ['ignore', 'ignore', 'inherit'] });

async function resultsWith(headers) {
  const server = await startServer({ headers });
  try {
    return await browsers[process.env.BROWSER ?? 'chromium'](`${server.address}examples/threads/index.html`, 'globalThis.results');
  } finally {
    server.stop();
  }
}

test('two Workers hand records to each other and notes to an AudioWorklet; one is ended, and nobody waits for it', async () => {
  assert.deepEqual(await resultsWith({ 'cross-origin-opener-policy': opener, 'cross-origin-embedder-policy': embedder }), {
    sums: [kSum, kSum],
    threads: [1, 2],
    notes: 6,
    heard: true,
    quietAtTheEnd: true,
    isSound: true,
  });
});

test('without the headers the error names them', async () => {
  const { error } = await resultsWith({});
  assert.match(error, /^MemoryKindError: .*Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp/);
});
