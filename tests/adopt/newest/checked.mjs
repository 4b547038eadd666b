// Checked memory in a program that was adopted: each mistake of programs/misuse.c by its name, block and line, and nothing where there is none.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { kDist, kRoot } from '../../toolchain/llvm.js';
import { readModule } from '../../../js/adopt/module.js';
import { leb } from '../../../js/wasm/leb128.js';
import { A_FUNCTION, EXPORTS, START } from '../../../js/wasm/sections.js';
import { adopt } from '../../../js/adopt/index.js';
import { built, exported, heap, stripped, stubs } from '../build.js';

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
    const { exports, check, heap: debugHeap } = await loaded(program, options);
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
    assert.equal(debugHeap.check(), null);
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
  const { exports, check, heap: debugHeap } = await loaded(program, {});
  assert.deepEqual(check.findings, []);
  assert.throws(() => exports.of_start(), { name: 'OverrunError' });
  assert.equal(debugHeap.check(), null);
});

const folder = mkdtempSync(join(tmpdir(), 'memory-wasm-checked-'));
after(() => rmSync(folder, { recursive: true }));

/** It knows nothing of the watcher, and its imports are asked for nothing but what the program imports. */
const kApp = `
import { readFileSync } from 'node:fs';
const nothing = new Proxy({}, { ownKeys() { throw new Error('enumerated'); }, get: (_, name) => new Proxy({}, { get: () => () => 0 }) });
const { instance: { exports } } = await WebAssembly.instantiate(readFileSync(process.argv[2]), nothing);
for (const name of ['right', ...process.argv.slice(3)]) exports[name](${kSize});
for (const name of ['right', ...process.argv.slice(3)]) exports[name](${kSize});
`;

/** What the watcher prints for an application. @param {string[]} options of the command @param {string[]} mistakes @param {Uint8Array} [program] */
function watched(options, mistakes, program = built('misuse', 'watched', ['-O0', '-g', ...exported])) {
  writeFileSync(join(folder, 'app.mjs'), kApp);
  writeFileSync(join(folder, 'program.wasm'), program);
  const command = [join(kDist, 'cli.js'), 'watch', ...options, join(folder, 'app.mjs'), join(folder, 'program.wasm'), ...mistakes];
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stderr;
}

test('memory.wasm watch --check: each place once, and the application goes on', () => {
  const said = watched(['--check'], ['overrun', 'after_free']);
  for (const access of ['OverrunError: write', 'UseAfterFreeError: read']) assert.equal(said.split(`memory.wasm watch: ${access}`).length - 1, 1, said);
  assert.match(said, new RegExp(`at overrun \\(.*misuse\\.c:${lineOf('overrun')}:`));
  assert.match(said, /memory\.wasm is in the place of its dlmalloc/);
  assert.doesNotMatch(watched(['--check'], []), /Error/);
  assert.doesNotMatch(watched([], ['after_free']), /UseAfterFreeError: read/);
});

test('an inlined calloc clears, and its look in front of the block is not reported', async () => {
  const program = built('inlined_calloc', 'checked', ['-O2', '-fno-builtin', ...exported]);
  assert.equal(adopt(program, heap()).recipe.patches.length, 1);
  const { exports, check } = await loaded(program, {});
  assert.equal(exports.sum_of_cleared(kSize), 0);
  assert.deepEqual(check.findings, []);
});

test('a frame is at its place in the file of the application, with checks and without', () => {
  const file = stripped(built('misuse', 'watched', ['-O0', '-g', ...exported]), true);
  const { exports, bodies, imported } = readModule(file, 'program');
  const { index } = exports.find(({ name }) => name === 'overrun');
  const { start, end } = bodies[index - imported];
  for (const options of [['--check'], []]) {
    const frames = [...watched(options, ['overrun'], file).matchAll(/at overrun \(.*wasm-function\[(\d+)\]:0x([0-9a-f]+)\)/g)];
    assert.ok(frames.length > 0, options.join());
    for (const [, found, offset] of frames) {
      assert.equal(Number(found), index);
      assert.ok(parseInt(offset, 16) >= start && parseInt(offset, 16) < end, offset);
    }
  }
});
