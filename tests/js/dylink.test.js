// Position-independent modules made by hand, for what lld's don't show: they carry their zeros with them, and want small alignments.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kMagicAndVersion, section, text } from '../../js/wasm/encode.js';
import { leb } from '../../js/wasm/leb128.js';
import { load } from '../../js/index.js';
import { kOut } from '../e2e/build-programs.js';

const custom = (name, body) => [0, ...leb(text(name).length + body.length), ...text(name), ...body];
const memory = new URL('../../dist/memory.wasm', import.meta.url);

/** A module that wants `bytes` bytes aligned to 2^align, and tells where they are. Before its needs stands a part that nobody knows. */
const module = (bytes, align) => {
  const needs = [...leb(bytes), align, 0, 0];
  return Uint8Array.from([
    ...kMagicAndVersion,
    ...custom('dylink.0', [9, 2, 7, 7, 1, needs.length, ...needs]),
    ...section(1, [[0x60, 0, 1, 0x7f]]),
    ...section(2, [[...text('env'), ...text('memory'), 2, 0, 1], [...text('env'), ...text('__memory_base'), 3, 0x7f, 0]]),
    ...section(3, [[0]]),
    ...section(7, [[...text('base'), 0, 0]]),
    ...section(10, [[4, 0, 0x23, 0, 0x0b]]),
  ]);
};

for (const [bytes, align] of [[5000, 0], [5000, 4], [100000, 12]]) {
  test(`${bytes} bytes at 2^${align} are zero, aligned and the module's own`, async () => {
    const { heap } = await load(readFileSync(join(kOut, 'no-malloc.wasm')), { heap: memory });
    const dirty = Array.from({ length: 40 }, (_, i) => heap.allocBytes(new Uint8Array(1000 * (i + 1)).fill(0xee)));
    for (const block of dirty) block.free();
    const base = (await heap.attach(module(bytes, align))).exports.base() >>> 0;
    assert.equal(base % 2 ** align, 0);
    assert.ok(heap.subarray(base, bytes).every((byte) => byte === 0));
    const owner = [...heap.spans()].find((span) => span.pointer <= base && base + bytes <= span.pointer + span.byteLength);
    assert.equal(owner?.kind, 'used');
    assert.equal(heap.check(), null);
  });
}
