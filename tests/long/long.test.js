// The short form of run.js: the same server, two million operations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kFirstFitBound, robson, serve } from './run.js';
import { worlds } from './worlds.js';

// Always the same, since the footprint still rises a little while the server fills: run.js takes any seed and runs for long.
const seed = 20261126;
const checksums = new Map();

for (const [name, make] of Object.entries(worlds)) {
  test(`${name}: a server's work, seed ${seed}: no damage, and a footprint that stays`, () => {
    const { footprints, checksum, peak, damage, broken } = serve(make(), 2_000_000, seed);
    checksums.set(name, checksum);
    assert.equal(damage, 0);
    assert.equal(broken, 0);
    if (name === 'wasi-libc') return; // it is here for its checksum
    const half = footprints[49], end = footprints.at(-1);
    assert.ok(end <= half * 1.1, `the footprint went from ${half} to ${end}`);
    assert.ok(end < 1.6 * peak, `${end} bytes for ${peak} alive`);
  });

  test(`${name}: Robson's adversary`, () => {
    const { ratio } = robson(make());
    assert.ok(ratio > 1 && ratio < kFirstFitBound, `${ratio}`);
  });
}

test('the same seed gives the same contents on every heap', () => assert.equal(new Set(checksums.values()).size, 1));
