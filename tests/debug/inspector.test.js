// The inspector in Chromium, under a strict Content-Security-Policy.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browsers } from '../e2e/browsers.js';
import { kStrictPolicy, startServer } from '../e2e/server.js';

test('<memory-heap> shows a heap, follows the keyboard and the pointer, records and replays', { timeout: 120_000 }, async () => {
  const server = await startServer({ headers: kStrictPolicy });
  const results = await browsers.chromium(`${server.address}tests/debug/inspector.html`, 'globalThis.results').finally(server.stop);
  assert.equal(results.error, undefined);
  assert.match(results.figures[0], /^4\.9 KiB$/);
  assert.deepEqual(results.sites[1].slice(0, 2), ['4,000', '40']);
  assert.match(results.sites[1][2], /^allocate < leak < /);
  assert.ok(results.flames.includes('leakElsewhere'), results.flames.join());
  assert.ok(results.sizes >= 2);
  assert.match(results.moved, /^0x[0-9a-f]+: /);
  assert.match(results.zoomed, /64 B a row/);
  assert.match(results.pointed, /in use, 100 bytes at 0x[0-9a-f]+, allocation 1allocated by\n  allocate /);
  assert.match(results.finding, /^OverrunError free found 0x/);
  assert.deepEqual(results.snapshot, ['format', 'version', 'memory', 'footprint', 'heapStart', 'spans', 'sites']);
  assert.equal(results.releaseCanRecord, false);
  // The goal, 16 ms, is measured on a quiet machine (tests/goals). On a busy one another process may take a part of a frame.
  assert.ok(results.million.median < 16 && results.million.p95 < 100, JSON.stringify(results.million));
  console.log(`a million blocks: ${JSON.stringify(results.million)}`);
});
