// Heaps of 64-bit memories for engines that have none: the functions that turn addresses into BigInt and back, over functions that do as such a heap's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, inWords, isWide, unsigned, withNumbers } from '../../js/toolkit/wide.js';

const asAddress = (value) => BigInt.asUintN(64, value);
const wide = { free: (pointer) => void asAddress(pointer), malloc: (size) => asAddress(size) + 2n ** 33n, heap_protect: (key) => key, __heap_base: 5 };

test('a heap is wide if its free takes a BigInt', () => {
  assert.equal(isWide(wide), true);
  assert.equal(isWide({ free: () => {} }), false);
  assert.throws(() => isWide({ free: () => { throw new RangeError('another'); } }), /another/, 'what else is wrong is not hidden');
});

test('its functions as functions of numbers, but for the key, which is no address', () => {
  const functions = withNumbers(wide);
  assert.equal(functions.malloc(100), 2 ** 33 + 100);
  assert.equal(functions.free(8), 0);
  assert.equal(functions.heap_protect(7), 7);
  assert.equal(functions.__heap_base, 5);
  assert.deepEqual(inWords({ isWide: true }, 1, 2), [1n, 2n]);
  assert.deepEqual(inWords({ isWide: false }, 1, 2), [1, 2]);
  assert.deepEqual([counted(true, 3), counted(false, 3), unsigned(-1), unsigned(5)], [3n, 3, 2 ** 32 - 1, 5]);
});
