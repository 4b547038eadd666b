// The rows of the demo's map: every byte of the heap is in one row, pieces are as long as they are large.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { byAddress, layOut } from '../../examples/record/heap-rows.js';

const overhead = { pointer: 1000, byteLength: 100, kind: 'overhead' };
const used = { pointer: 1100, byteLength: 50, kind: 'used' };
const top = { pointer: 1150, byteLength: 850, kind: 'top' };
const elsewhere = { pointer: 5000, byteLength: 130, kind: 'used' };

const lengths = ({ rows }) => rows.map(({ segments }) => segments.map(({ span, from, to }) => `${span.kind} ${to - from}`).join(', '));

test('a piece goes on in the next row', () => {
  const rows = layOut([overhead, used, top], { maxRows: 10, minBytesPerRow: 64 });
  assert.deepEqual(lengths(rows).slice(0, 4), ['overhead 64', 'overhead 36, used 28', 'used 22, top 42', 'top 64']);
});

test('rows get coarser until all but top fits; top fills the room that is left', () => {
  const rows = layOut([overhead, used, top], { maxRows: 2, minBytesPerRow: 16 });
  assert.equal(rows.bytesPerRow, 128);
  assert.deepEqual(lengths(rows), ['overhead 100, used 28', 'used 22, top 106']);
  assert.deepEqual([rows.shownBytes, rows.allBytes], [256, 1000]);
});

test('a piece that ends with its row does not open the next', () => {
  const exact = { pointer: 1100, byteLength: 28, kind: 'used' };
  const rows = layOut([overhead, exact, { pointer: 1128, byteLength: 128, kind: 'top' }], { maxRows: 2, minBytesPerRow: 128 });
  assert.deepEqual(lengths(rows), ['overhead 100, used 28', 'top 128']);
});

test('every region begins a row', () => {
  const rows = layOut(byAddress([elsewhere, top, overhead, used]), { maxRows: 12, minBytesPerRow: 128 });
  assert.deepEqual(rows.rows.filter(({ opensRegion }) => opensRegion).map(({ start }) => start), [1000, 5000]);
  assert.deepEqual(lengths(rows).slice(-2), ['used 128', 'used 2']);
  assert.equal(rows.shownBytes, rows.allBytes);
});

test('a heap with nothing in it has no rows', () => {
  assert.deepEqual(layOut([], { maxRows: 4, minBytesPerRow: 64 }).rows, []);
});

test('rows tile what they show, whatever the heap', () => {
  let seed = 1;
  const random = (limit) => (seed = (seed * 48271) % 2147483647) % limit;
  for (let round = 0; round < 300; round++) {
    const spans = [];
    let pointer = 16 * random(100);
    for (let count = 1 + random(60); count > 0; count--) {
      const byteLength = 16 * (1 + random(40));
      spans.push({ pointer, byteLength, kind: ['used', 'free', 'overhead'][random(3)] });
      pointer += byteLength + (random(10) === 0 ? 4096 : 0);
    }
    const { rows, shownBytes, allBytes, bytesPerRow } = layOut(spans, { maxRows: 1 + random(20), minBytesPerRow: 64 });
    if (bytesPerRow < 2 ** 32) assert.equal(shownBytes, allBytes, `round ${round}`);
    for (const { start, end, segments } of rows) {
      assert.equal(segments[0].from, start);
      assert.equal(segments.at(-1).to, end);
      for (let index = 1; index < segments.length; index++) assert.equal(segments[index].from, segments[index - 1].to);
    }
  }
});
