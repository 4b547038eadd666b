// The trampolines' module, where no engine of today gets: types that are no functions over values.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kMagicAndVersion, section, text } from '../../js/wasm/encode.js';
import { readHeader } from '../../js/wasm/header.js';
import { open } from '../../js/load/input.js';
import { load } from '../../js/index.js';
import { core } from '../../js/extras/core.js';
import { linkTable } from '../../js/load/link-table.js';
import { kOut } from '../e2e/build-programs.js';

test('types that the trampolines can\'t take', async () => {
  // A struct type, which Node 20 would not compile: so only the header is of this program.
  const head = Uint8Array.from([...kMagicAndVersion, ...section(1, [[0x5f, 0], [0x60, 1, 0x7f, 1, 0x7f]]), ...section(2, [[...text('env'), ...text('malloc'), 0, 0]]), 5, 3, 1, 0, 1]);
  const module = await WebAssembly.compile(readFileSync(join(kOut, 'grows.wasm')));
  const program = { name: 'gc.wasm', head, header: readHeader(head, true), compile: async () => module, bytes: async () => head };
  const heap = await open(readFileSync(new URL('../../dist/memory.wasm', import.meta.url)), { label: 'the heap' });
  await assert.rejects(linkTable(core, { program, heap, imports: {} }), {
    name: 'LinkModeError',
    message: "gc.wasm has types that the trampolines can't take (that of env.malloc). Or choose link 'direct' or 'trampoline'.",
  });
});

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
