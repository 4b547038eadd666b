// Time and memory are bounded by a stated multiple of a program's size, whatever it is made of; what lies is refused at once; and nobody
// reaches through the merger what is the heap's.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describe } from '../../js/cli/describe.js';
import { load } from '../../js/index.js';
import { merge } from '../../js/merge/index.js';
import { readHeader, readTypes } from '../../js/wasm/header.js';
import { assemble } from '../merge/assemble.js';
import { growing, lying, reaching } from './programs.js';

const heap = new Uint8Array(readFileSync(new URL('../../dist/memory.wasm', import.meta.url)));

/** A program ten times as large may take so many times as long: linear would be ten, and a busy machine is not even. */
const kTenTimes = 40;
/** What a merge may take at least before a ratio says anything, in milliseconds. */
const kLeast = 30;
/** Bytes of a merged module over those of program and heap. */
const kGrowth = 2;

const timeOf = (work) => {
  const start = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(start);
  return { time: (user + system) / 1000, result };
};

/** What each reader makes of a program: a result, or an error in words. */
const readers = {
  merge: (bytes) => merge(bytes, heap).bytes.length,
  header: (bytes) => readTypes(bytes, readHeader(bytes, true)).length,
  inspect: (bytes) => describe(bytes, 'program.wasm').bytes,
};

for (const [reader, read] of Object.entries(readers)) {
  for (const [name, make] of Object.entries(growing)) {
    test(`${reader}, ${name}: ten times as large takes about ten times as long`, () => {
      const [small, large] = [make(10000), make(100000)];
      read(small);
      const before = Math.min(...[1, 2, 3].map(() => timeOf(() => read(small)).time));
      const { time, result } = timeOf(() => read(large));
      assert.ok(time < Math.max(before, kLeast) * kTenTimes, `${before} ms, then ${time} ms`);
      if (reader === 'merge') assert.ok(result < kGrowth * (large.length + heap.length), `${result} bytes of ${large.length}`);
    });
  }
  for (const [name, bytes] of Object.entries(lying)) {
    test(`${reader}, ${name}: read or refused at once, with little memory`, () => {
      const before = process.memoryUsage().arrayBuffers;
      const { time } = timeOf(() => {
        try {
          read(bytes);
        } catch (error) {
          assert.match(error.message, /offset 0x[\da-f]+: /);
        }
      });
      assert.ok(time < 2000, `${time} ms`);
      assert.ok(process.memoryUsage().arrayBuffers - before < 10 * bytes.length + 1e6);
    });
  }
}

for (const [name, bytes] of Object.entries(reaching)) {
  test(`${name} is out of bounds for a program`, () => {
    assert.equal(WebAssembly.validate(bytes), false);
    assert.throws(() => merge(bytes, heap), { name: 'MergeError', message: /index \d+ of \d+/ });
  });
}

test('what every object inherits is no import', async () => {
  for (const [module, name] of [['env', 'valueOf'], ['env', 'toString'], ['constructor', 'getPrototypeOf'], ['__proto__', 'toString']]) {
    const program = assemble(`(module (import "${module}" "${name}" (func)) (memory (export "memory") 1))`);
    for (const link of ['merge', 'direct', 'table', 'trampoline']) {
      await assert.rejects(load(program, { heap, link, imports: { env: {} } }), { name: 'MissingImportError' }, `${module}.${name}, ${link}`);
    }
  }
});

test('an import called like a property of objects may be given', async () => {
  const program = assemble('(module (import "env" "valueOf" (func $f (result i32))) (memory (export "memory") 1) (func (export "run") (result i32) (call $f)))');
  const { exports } = await load(program, { heap, imports: { env: { valueOf: () => 7 } } });
  assert.equal(exports.run(), 7);
});

test('a heap\'s function that is imported often is there once', () => {
  const { bytes, code } = merge(growing['imports of the same function'](1000), heap);
  assert.ok(WebAssembly.validate(bytes));
  assert.equal(code, 'rewritten');
  assert.ok(bytes.length < 2 * heap.length);
});
