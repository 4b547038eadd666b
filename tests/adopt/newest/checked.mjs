// Checked memory in a program that was adopted: each mistake of programs/misuse.c by its name, block and line, and nothing where there is none.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { kDist, kRoot } from '../../toolchain/llvm.js';
import { readModule } from '../../../js/adopt/module.js';
import { leb } from '../../../js/wasm/leb128.js';
import { A_FUNCTION, EXPORTS, START } from '../../../js/wasm/sections.js';
import { built, exported, stubs } from '../build.js';

const { load } = await import(pathToFileURL(join(kDist, 'memory.js')).href);
const source = readFileSync(join(kRoot, 'tests/adopt/programs/misuse.c'), 'utf8').split('\n');
/** The line of misuse.c that has a mistake. @param {string} mistake */
const lineOf = (mistake) => 1 + source.findIndex((line) => line.endsWith(`// ${mistake}`));

const kSize = 24;
const kMistakes = [
  ['overrun', 'OverrunError', 'write of 1 byte'],
  ['after_free', 'UseAfterFreeError', 'read of 1 byte'],
  ['past_copy', 'OverrunError', 'write of 1 byte'],
];

/** @param {Uint8Array} program @param {object} options */
const loaded = (program, options) => load(program, { adopt: true, check: true, imports: stubs(new WebAssembly.Module(program)), ...options });

test('with the debug heap each mistake is named, with its block and its line', async () => {
  const program = built('misuse', 'lines', ['-O0', '-g', ...exported]);
  for (const options of [{}, { check: { mode: 'inline' } }, { check: { uninitialized: true } }]) {
    const { exports, check, heap } = await loaded(program, options);
    assert.equal(exports.right(kSize), 2);
    assert.deepEqual(check.findings, []);
    for (const [mistake, name, words] of kMistakes) {
      assert.throws(
        () => exports[mistake](kSize),
        (error) => {
          const { block, stack } = error.finding;
          assert.equal(error.name, name);
          assert.ok(error.message.startsWith(words), error.message);
          assert.equal(block.byteLength, kSize);
          // A range is checked in the function of the C library that was called.
          const frame = stack.find(({ name }) => name === mistake);
          assert.match(frame.source, new RegExp(`misuse\\.c:${lineOf(mistake)}:`), error.message);
          assert.doesNotMatch(stack[0].source ?? '', /memset/, 'the function behind memcpy');
          assert.match(block.allocated[0].source, /misuse\.c:/, error.message);
          return true;
        },
      );
    }
    assert.equal(check.findings.length, kMistakes.length);
    assert.equal(heap.check(), null);
  }
});

/** The program with one of its exported functions as its start function. @param {Uint8Array} program @param {string} name */
function startingWith(program, name) {
  const { sections, exports } = readModule(program, 'program');
  const index = leb(exports.find((entry) => entry.kind === A_FUNCTION && entry.name === name).index);
  const { end } = sections.find(({ id }) => id === EXPORTS);
  return new Uint8Array(Buffer.concat([program.subarray(0, end), Uint8Array.of(START, index.length, ...index), program.subarray(end)]));
}

test('what a start function touches is checked, and right', async () => {
  const program = startingWith(built('misuse', 'start', ['-O2', ...exported]), 'begin');
  const { exports, check, heap } = await loaded(program, {});
  assert.deepEqual(check.findings, []);
  assert.throws(() => exports.of_start(), { name: 'OverrunError' });
  assert.equal(heap.check(), null);
});
