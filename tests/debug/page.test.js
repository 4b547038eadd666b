// dist/inspector.html, the ready page, in Chromium under a strict Content-Security-Policy.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browsers } from '../e2e/browsers.js';
import { kStrictPolicy, startServer } from '../e2e/server.js';

test('a program, a snapshot and a trace that are dropped on the page are shown; anything else is refused', { timeout: 120_000 }, async () => {
  const server = await startServer({ headers: kStrictPolicy });
  const results = await browsers.chromium(`${server.address}tests/debug/page.html`, 'globalThis.results').finally(server.stop);
  assert.equal(results.error, undefined);
  assert.match(results.program, /^misuse\.wasm: call its functions/);
  assert.ok(results.functions.includes('doubleFree'));
  assert.equal(results.called, 'leak returned nothing');
  assert.match(results.finding, /^DoubleFreeError free\(0x/);
  assert.match(results.checked, /^UseAfterFreeError read of 4 bytes/);
  assert.equal(results.snapshot, 'heap.json: a snapshot.');
  assert.match(results.detail, /^0x[0-9a-f]+: /);
  assert.match(results.trace, /^heap\.wmt: a trace/);
  assert.match(results.neither, /text\.br is no program, no trace and no snapshot\. It is compressed/);
  assert.match(results.brokenProgram, /Error/);
  assert.equal(results.unlabelled, 0);
  assert.equal(results.overflows, false);
});
