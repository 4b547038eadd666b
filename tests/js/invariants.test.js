// The tables that the code and the docs share are up to date, and heap.check() speaks by them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenInvariant } from '../../js/toolkit/invariants.js';
import { invariants, outdated } from '../../tools/tables.mjs';

test('no table is out of date', () => assert.deepEqual(outdated(), [], 'run: node tools/tables.mjs'));

test('every invariant of src/check.h has a name and a text of its own', () => {
  const all = invariants();
  assert.ok(all.length > 15);
  assert.equal(new Set(all.map(([code]) => code)).size, all.length);
  assert.equal(new Set(all.map(([, name]) => name)).size, all.length);
  for (const [code, name, text] of all) {
    const broken = brokenInvariant(code);
    assert.deepEqual([broken.code, broken.name], [code, name]);
    assert.ok(broken.message.includes(text), broken.message);
  }
  assert.equal(brokenInvariant(0), null);
});

test('a heap newer than memory.js: the code is still told', () => {
  assert.deepEqual(brokenInvariant(999).name, 'unknown');
  assert.match(brokenInvariant(999).message, /invariant 999/);
});
