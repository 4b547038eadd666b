// A merge of a program that arrives in pieces comes to the same bytes as one of the whole.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge, merger } from '../../js/merge/index.js';
import { behaviour, heap, programs } from './programs.js';

/** @param {Uint8Array} program @param {number} size of the pieces */
function inPieces(program, size) {
  const { push, report } = merger(heap), merged = [];
  for (let at = 0; at < program.length; at += size) merged.push(push(program.slice(at, at + size), false));
  merged.push(push(new Uint8Array(0), true));
  return { bytes: new Uint8Array(Buffer.concat(merged)), report };
}

for (const [name, program] of Object.entries(programs)) {
  test(`${name}: pieces of any size`, () => {
    const { bytes, ...report } = merge(program, heap);
    for (const size of [1, 2, 3, 5, 7, 11, 16, 50, 64, 100, program.length - 1, program.length]) {
      const pieces = inPieces(program, size);
      assert.deepEqual(pieces, { bytes, report }, `pieces of ${size} bytes`);
    }
  });
}

test('copied and rewritten programs do the same', () => {
  const [copied, rewritten] = ['copied', 'rewritten'].map(name => merge(programs[name], heap));
  assert.equal(copied.code, 'copied');
  assert.equal(rewritten.code, 'rewritten');
  assert.deepEqual(behaviour(copied.bytes), behaviour(rewritten.bytes));
  assert.deepEqual(behaviour(copied.bytes).slice(0, 6), [5050, 0x6c, 3, 3, 9, 65552]);
});

test('what has arrived is passed on before the rest is there', () => {
  for (const program of [programs.copied, programs.rewritten]) {
    const { push } = merger(heap);
    let merged = 0;
    for (let at = 0; at < program.length - 150; at++) merged += push(program.slice(at, at + 1), false).length;
    assert.ok(merged > program.length / 2, `${merged} of ${program.length} bytes`);
  }
});

test('an error comes as soon as it is met', () => {
  const { push } = merger(heap), web = Buffer.from('<!doctype html>');
  assert.throws(() => push(web, false), { name: 'MergeError' });
});
