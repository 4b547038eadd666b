// The rewriter, byte by byte: what it must change, and that nothing else changes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kMagicAndVersion, section, text } from '../../js/wasm/encode.js';
import { leb } from '../../js/wasm/leb128.js';
import { FormatError } from '../../js/wasm/cursor.js';
import { readHeader } from '../../js/wasm/header.js';
import { importMemory } from '../../js/load/import-memory.js';
import { kOut } from '../e2e/build-programs.js';

const kWasmOpt = fileURLToPath(new URL('../../node_modules/.bin/wasm-opt', import.meta.url));

/** Each section as [id, its bytes in hex]. */
function sectionsOf(bytes) {
  const found = [];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at++];
    let size = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      size += (bytes[at] & 0x7f) * 2 ** shift;
      more = bytes[at++] >= 0x80;
    }
    found.push([id, Buffer.from(bytes.subarray(at, at + size)).toString('hex')]);
    at += size;
  }
  return found;
}

/** Debian's wasm-validate knows no 64-bit tables, which lld gives a program with a 64-bit memory: Binaryen does. */
const validate = (file, is64) => (is64 ? execFileSync(kWasmOpt, ['--all-features', file]) : execFileSync('wasm-validate', ['--enable-threads', file]));
const rewrite = (bytes) => importMemory(bytes, readHeader(bytes, true));
const untouched = (sections) => sections.filter(([id]) => id !== 2 && id !== 5);

for (const file of readdirSync(kOut).filter((name) => name.endsWith('.wasm'))) {
  const bytes = readFileSync(join(kOut, file));
  const header = readHeader(bytes, true);
  if (header.heapMemory === undefined || header.memories[0].import) continue;

  test(`${file}: only the import and memory sections change, and the result validates`, () => {
    const rewritten = rewrite(bytes);
    assert.deepEqual(untouched(sectionsOf(rewritten)), untouched(sectionsOf(bytes)));
    const after = readHeader(rewritten, true);
    assert.deepEqual(after.imports.slice(0, -1).map(({ module, name }) => [module, name]), header.imports.map(({ module, name }) => [module, name]));
    const entry = { module: 'env', name: 'memory', kind: 2 };
    assert.deepEqual(after.imports.at(-1), entry);
    assert.deepEqual({ ...after.memories[0], span: 0 }, { ...header.memories[0], span: 0, import: entry });
    const out = join(kOut, `${file}.rewritten`);
    writeFileSync(out, rewritten);
    validate(out, header.memories[0].is64);
  });
}

const kMemorySection = section(5, [[1, 2, 5]]);
const module = (...sections) => Uint8Array.from([...kMagicAndVersion, ...sections.flat()]);
const kNoTypes = section(1, [[0x60, 0, 0]]);
const kName = [0, 5, ...text('name')];

test('without an import section, one is made where the order wants it', () => {
  const rewritten = rewrite(module(kName, kNoTypes, section(3, [[0]]), kMemorySection, section(10, [[2, 0, 0x0b]])));
  assert.deepEqual(sectionsOf(rewritten).map(([id]) => id), [0, 1, 2, 3, 10]);
  assert.ok(WebAssembly.validate(rewritten));
});

test('a custom section right before the memory section stays where it is', () => {
  const rewritten = rewrite(module(kNoTypes, kName, kMemorySection));
  assert.deepEqual(sectionsOf(rewritten).map(([id]) => id), [1, 0, 2]);
  assert.ok(WebAssembly.validate(rewritten));
});

test('the count and the size of the import section may need more bytes than before', () => {
  const imports = Array.from({ length: 127 }, (_, i) => [...text('e'), ...text(`f${i}`), 0, 0]);
  const bytes = module(kNoTypes, section(2, imports), kMemorySection);
  const rewritten = rewrite(bytes);
  assert.ok(WebAssembly.validate(rewritten));
  assert.equal(readHeader(rewritten, true).imports.length, 128);
});

test('numbers that are longer than they need be are read as they are', () => {
  const bytes = module([5, 0x86, 0x80, 0x00, 0x81, 0x00, 1, 2, 0x85, 0x00]);
  const rewritten = rewrite(bytes);
  assert.ok(WebAssembly.validate(rewritten));
  assert.equal(readHeader(rewritten, true).memories[0].maximum, 5);
});

test('of several memories, the first is imported and the others stay', () => {
  const after = readHeader(rewrite(module(section(5, [[0, 1], [1, 3, 4]]))), true);
  assert.equal(after.memories[0].initial, 1);
  assert.deepEqual(after.sections.map(({ id }) => id), [2, 5]);
});

test('limits of every kind are read', () => {
  const limits = (...bytes) => {
    const { span, ...rest } = readHeader(module(section(5, [bytes])), true).memories[0];
    return rest;
  };
  assert.deepEqual(limits(0, 3), { initial: 3, maximum: undefined, shared: false, is64: false });
  assert.deepEqual(limits(3, 1, 0xff, 0x01), { initial: 1, maximum: 255, shared: true, is64: false });
  assert.deepEqual(limits(5, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20), { initial: 1, maximum: 2 ** 40, shared: false, is64: true });
  assert.deepEqual(limits(9, 1, 2, 0), { initial: 1, maximum: 2, shared: false, is64: false });
});

test('imports of every kind are read', () => {
  const entries = [[0, 0], [1, 0x70, 1, 2, 3], [1, 0x63, 0x70, 0, 2], [2, 1, 1, 2], [3, 0x64, 0x6f, 0], [3, 0x7f, 1], [4, 0, 0]];
  const header = readHeader(module(kNoTypes, section(2, entries.map((entry, i) => [...text('m'), ...text(`n${i}`), ...entry]))), true);
  assert.deepEqual(header.imports.map(({ name, kind }) => name + kind), ['n00', 'n11', 'n21', 'n32', 'n43', 'n53', 'n64']);
});

test('a header that has not arrived yet is undefined, at every possible end', () => {
  const bytes = readFileSync(join(kOut, 'wide.wasm'));
  const end = readHeader(bytes, true).sections.at(-1).whole.end;
  for (let length = 8; length < bytes.length; length++) {
    assert.equal(readHeader(bytes.subarray(0, length), false) !== undefined, length > end, `${length} bytes of a header of ${end}`);
  }
});

test('damaged headers are refused with FormatError, or read: never anything else', () => {
  const bytes = readFileSync(join(kOut, 'other-memory-names.wasm'));
  const seed = (Date.now() % 1e9) + 1;
  let state = seed;
  const random = (below) => ((state = (state * 48271) % 0x7fffffff), state % below);
  for (let round = 0; round < 20000; round++) {
    const damaged = Uint8Array.from(bytes);
    for (let i = 0; i < 1 + random(4); i++) damaged[8 + random(damaged.length - 8)] = random(256);
    const cut = damaged.subarray(0, 8 + random(damaged.length - 8));
    try {
      readHeader(cut, true);
    } catch (error) {
      assert.ok(error instanceof FormatError, `seed ${seed}, round ${round}: ${error.stack}`);
    }
  }
});
