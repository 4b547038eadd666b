// The trampolines' module, where it is large.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kMagicAndVersion, section, text } from '../../js/wasm/encode.js';
import { load } from '../../js/index.js';

test('more trampolines than one byte can count', async () => {
  // The same import seventy times, and an export that calls the last of them.
  const imports = Array.from({ length: 70 }, () => [...text('env'), ...text('malloc'), 0, 0]);
  const program = Uint8Array.from([
    ...kMagicAndVersion,
    ...section(1, [[0x60, 1, 0x7f, 1, 0x7f]]),
    ...section(2, imports),
    ...section(3, [[0]]),
    ...section(5, [[0, 1]]),
    ...section(7, [[...text('memory'), 2, 0], [...text('allocate'), 0, 70]]),
    ...section(10, [[6, 0, 0x20, 0, 0x10, 69, 0x0b]]),
  ]);
  const { exports, heap } = await load(program, { heap: new URL('../../dist/memory.wasm', import.meta.url), link: 'table' });
  const pointer = exports.allocate(1000) >>> 0;
  assert.ok([...heap.spans()].some((span) => span.pointer === pointer && span.kind === 'used'));
});
