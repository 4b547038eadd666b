// The short form of run.js: the same server, two million operations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kFirstFitBound, robson, serve } from './run.js';
import { kMostAlive, serveTraces } from './traces.js';
import { worlds } from './worlds.js';

// Always the same, since the footprint still rises a little while the server fills: run.js takes any seed and runs for long.
const seed = 20261126;
const checksums = new Set();

for (const name of ['memory.wasm', 'libmemory.a'])
  test(`${name}: a server's work, seed ${seed}: no damage, and a footprint that stays`, async () => {
    const { footprints, peak, damage, broken } = serve(await worlds[name](), 2_000_000, seed);
    assert.equal(damage, 0);
    assert.equal(broken, 0);
    const half = footprints[49], end = footprints.at(-1);
    assert.ok(end <= half * 1.1, `the footprint went from ${half} to ${end}`);
    assert.ok(end < 1.6 * peak, `${end} bytes for ${peak} alive`);
  });

test('memory.wasm: the recorded programs all at once: no damage, and no more than each has at its most', async () => {
  const { footprints, damage, broken, rounds } = await serveTraces(1_000_000, seed);
  assert.equal(damage, 0);
  assert.equal(broken, false);
  assert.ok(rounds > 10, `${rounds} runs`);
  assert.ok(footprints.at(-1) < kMostAlive, `${footprints.at(-1)} bytes`);
});

for (const [name, make] of Object.entries(worlds)) {
  test(`${name}: Robson's adversary`, async () => {
    const { ratio } = robson(await make());
    assert.ok(ratio > 1 && ratio < kFirstFitBound, `${ratio}`);
  });

  test(`${name}: the same seed gives the same contents as on every other heap`, async () => {
    const { checksum, damage, broken } = serve(await make(), 30_000, seed);
    assert.equal(damage + broken, 0);
    checksums.add(checksum);
    assert.equal(checksums.size, 1);
  });
}
