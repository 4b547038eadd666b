// Each mistake of tests/check/programs/misuse.c, compiled without and with optimization, and of misuse.cpp, misuse.rs, misuse.ts and misuse.zig, is found where it
// is: the right name, the block, the distance, and the lines of the access, of the allocation and of the free. What is right is not reported. Needs dist/.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { load } from '../../dist/memory.js';
import { hasSecondMemory } from '../../js/check/runtime.js';
import { buildIn } from './languages.js';
import { kLanguages, kMistakes } from './mistakes.js';

const source = fileURLToPath(new URL('./programs/misuse.c', import.meta.url));
const out = fileURLToPath(new URL('../../build/check', import.meta.url));
mkdirSync(out, { recursive: true });

/** @param {string} level of optimization @param {string} dwarf the version */
function build(level, dwarf) {
  const object = `${out}/misuse${level}-${dwarf}.o`, program = object.replace('.o', '.wasm');
  execFileSync('clang', ['--target=wasm32', level, '-g', `-gdwarf-${dwarf}`, '-nostdlib', '-ffreestanding', '-fno-builtin', '-mbulk-memory', '-c', source, '-o', object]);
  execFileSync('wasm-ld', ['--no-entry', '--allow-undefined', '--export=__heap_base', '-z', 'stack-size=8192', object, '-o', program]);
  return pathToFileURL(program);
}

/** The lines of each function that a comment names. @param {string} source @returns {(name: string, mark: string) => number | undefined} */
function marksOf(source) {
  let name;
  const marks = new Map();
  readFileSync(source, 'utf8').split('\n').forEach((line, i) => {
    name = /^(?:EXPORT\((\w+)\)|pub (?:unsafe )?extern "C" fn (\w+)|export fn (\w+)|export function (\w+))/.exec(line)?.slice(1).find(Boolean) ?? name;
    const mark = /\/\/ (ALLOCATED|FREED|WRONG)/.exec(line)?.[1];
    if (mark) marks.set(`${name} ${mark}`, i + 1);
  });
  return (name, mark) => marks.get(`${name} ${mark}`);
}
const lineOf = marksOf(source);

/** @param {() => unknown} run @returns {any} */
function errorOf(run) {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The line that a stack has of a function. @param {import('../../js/debug/stacks.js').Frame[]} frames @param {string} [name] default: of the innermost */
const lineIn = (frames, name) => Number(/misuse\.(?:c|cpp|rs|zig|ts):(\d+)/.exec(frames.find((frame) => !name || frame.name.endsWith(name))?.source ?? '')?.[1]);

for (const [level, dwarf] of [['-O0', '4'], ['-O2', '5'], ['-O1', '2'], ['-Os', '3']]) {
  describe(`misuse.c ${level}, DWARF ${dwarf}`, async () => {
    const file = build(level, dwarf);
    for (const [name, args, error, { operation, size, distance, byteLength }] of kMistakes) {
      test(name, async () => {
        const { exports, check } = await load(file, { check: { uninitialized: name === 'never_written' } });
        const thrown = errorOf(() => exports[name](...args));
        assert.equal(thrown?.name, error, String(thrown));
        const { finding } = thrown;
        assert.equal(finding.operation, operation);
        assert.equal(finding.size, size);
        assert.equal(finding.distance, distance);
        assert.equal(finding.block?.byteLength, byteLength);
        assert.equal(finding.stack[0].name, name);
        assert.equal(lineIn(finding.stack), lineOf(name, 'WRONG'), thrown.message);
        if (lineOf(name, 'ALLOCATED')) assert.equal(lineIn(finding.block.allocated), lineOf(name, 'ALLOCATED'), thrown.message);
        if (lineOf(name, 'FREED')) assert.equal(lineIn(finding.block.released), lineOf(name, 'FREED'), thrown.message);
        assert.deepEqual(check?.findings, [thrown]);
        assert.match(thrown.message, new RegExp(`^${operation} of ${size} byte`));
      });
    }

    test('overflow', async () => {
      const { exports } = await load(file, { check: true });
      assert.equal(errorOf(() => exports.overflow(6, 0)), undefined);
      const thrown = errorOf(() => exports.overflow(80, 0));
      assert.equal(thrown?.name, 'StackOverflowError', String(thrown));
      assert.equal(lineIn(thrown.finding.stack), lineOf('overflow', 'WRONG'), thrown.message);
    });

    test('clean', async () => {
      const plain = await load(file), { exports, check } = await load(file, { check: { uninitialized: true } });
      assert.equal(exports.clean(), plain.exports.clean());
      assert.deepEqual(check?.findings, []);
    });
  });
}

test('onError: a function gets each place once, and the program goes on', async () => {
  /** @type {any[]} */
  const found = [];
  const { exports, check, heap } = await load(build('-O0', '4'), { check: { onError: (error) => void found.push(error) } });
  for (let i = 0; i < 3; i++) assert.equal(typeof exports.read_past(), 'number');
  assert.equal(found.length, 1);
  assert.deepEqual(check?.findings, found);
  exports.write_past();
  assert.equal(found.length, 2);
  heap.free(heap.malloc(8));
});

test('a stack is taken once for each calling context, of a realloc too', async () => {
  const { exports, heap } = await load(build('-O0', '4'), { check: true });
  let taken = 0;
  const { take } = heap.stacks;
  heap.stacks.take = () => (taken++, take.call(heap.stacks));
  exports.clean();
  assert.ok(taken > 0);
  taken = 0;
  exports.clean();
  assert.equal(taken, 0);
});

test('what goes with check, and what does not', async () => {
  const file = build('-O0', '4');
  await assert.rejects(load(file, /** @type {any} */ ({ check: true, join: {} })), TypeError);
});

test('a release heap: what is right is not reported, and what no heap knows is', async () => {
  const { exports, check, heap } = await load(build('-O2', '5'), { check: true, heap: 'release' });
  assert.ok(check.checked > 0 && check.checked < check.accesses);
  for (let i = 0; i < 2; i++) {
    exports.clean();
    heap.reset();
  }
  assert.deepEqual(check.findings, []);
  assert.equal(errorOf(() => exports.wild(0x7fff0000))?.name, 'WildPointerError');
  assert.equal(errorOf(() => exports.null_field(0))?.name, 'NullPointerError');
  assert.equal(errorOf(() => exports.overflow(80, 0))?.name, 'StackOverflowError');
});

test('an address far from any block is in none, whatever was allocated', async () => {
  const { exports } = await load(build('-O2', '5'), { check: true });
  exports.clean();
  const thrown = errorOf(() => exports.wild(0x7fff0000));
  assert.equal(thrown?.name, 'WildPointerError', String(thrown));
  assert.equal(thrown.finding.block, undefined);
  assert.match(thrown.message, /beyond the memory/);
});

test('merged with its heap: by the mode that the engine has', async () => {
  const file = build('-O2', '5'), two = hasSecondMemory(), heaps = /** @type {const} */ (two ? ['debug', 'release'] : ['release']);
  for (const heap of heaps) {
    const { exports, check, link } = await load(file, { check: true, link: 'merge', heap });
    assert.deepEqual([link, check.mode], ['merge', two ? 'call' : 'import']);
    exports.clean();
    assert.deepEqual(check.findings, []);
    const thrown = errorOf(() => exports.null_field(0));
    assert.equal(thrown?.name, 'NullPointerError');
    assert.equal(lineIn(thrown.finding.stack), lineOf('null_field', 'WRONG'), thrown.message);
    if (heap === 'debug') assert.equal(errorOf(() => exports.write_past())?.name, 'OverrunError');
  }
  if (!two) await assert.rejects(load(file, { check: true, link: 'merge' }), { name: 'LinkModeError' });
});

for (const [extension, { clean, mistakes }] of Object.entries(kLanguages)) {
  test(`misuse.${extension}`, async (t) => {
    const source = fileURLToPath(new URL(`./programs/misuse.${extension}`, import.meta.url)), program = `${out}/misuse-${extension}.wasm`, lineOf = marksOf(source);
    buildIn(extension, program);
    const file = pathToFileURL(program);
    for (const [name, error, known] of mistakes) {
      await t.test(name, async () => {
        const { exports, heap } = await load(file, { check: true });
        const thrown = errorOf(() => exports[name]());
        assert.equal(thrown?.name, error, String(thrown));
        const { finding } = thrown;
        for (const [key, value] of Object.entries(known)) assert.equal(finding[key], value, thrown.message);
        assert.equal(heap.findings.at(-1), thrown);
        assert.equal(lineIn(finding.stack, name), lineOf(name, 'WRONG'), thrown.message);
        if (lineOf(name, 'ALLOCATED')) assert.equal(lineIn(finding.block.allocated, name), lineOf(name, 'ALLOCATED'), thrown.message);
        if (lineOf(name, 'FREED')) assert.equal(lineIn(finding.block.released, name), lineOf(name, 'FREED'), thrown.message);
      });
    }
    await t.test(clean, async () => {
      const { exports, check, heap } = await load(file, { check: true }), plain = await load(file);
      assert.equal(exports[clean](), plain.exports[clean]());
      assert.deepEqual([...check.findings, ...heap.findings], []);
    });
  });
}
