// The list of faults fits src/, faults are put in as they should be, and the tests see a sample of them. `node tests/mutants/run.js` builds them and runs the
// tests on each.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mutants } from './list.js';
import { mutate, placeOf } from './mutate.js';

const source = fileURLToPath(new URL('../../src', import.meta.url));

test('at least 120 faults, each at a place that there is in src/', () => {
  assert.ok(mutants.length >= 120);
  for (const mutant of mutants) placeOf(readFileSync(join(source, mutant.file), 'utf8'), mutant);
});

test('each fault is in the sources that are built', () => {
  const text = [...mutate(source, mutants).values()].join('\n');
  mutants.forEach(({ fault }, i) => assert.ok(text.includes(`memory_wasm_mutant(${i + 1})`), fault));
});

/** The text of a file with these faults. */
function mutated(text, ...faults) {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  writeFileSync(join(folder, 'a.h'), text);
  return mutate(folder, faults.map((fault) => ({ file: 'a.h', fault: 'a fault', ...fault }))).get('a.h');
}

test('an expression, a statement, several faults at one place, one inside another', () => {
  assert.equal(mutated('if (a < b) c();', { was: 'a < b', is: 'true' }), 'if ((memory_wasm_mutant(1) ? (true) : (a < b))) c();');
  assert.equal(mutated('if (a < b) c();', { was: 'c();', is: ';' }), 'if (a < b) { if (memory_wasm_mutant(1)) { ; } else { c(); } }');
  assert.equal(mutated('x = a;', { was: 'a', is: '1' }, { was: 'a', is: '2' }), 'x = (memory_wasm_mutant(2) ? (2) : ((memory_wasm_mutant(1) ? (1) : (a))));');
  assert.equal(mutated('f(a + b);', { was: 'f(a + b);', is: ';' }, { was: 'a + b', is: 'a' }), '{ if (memory_wasm_mutant(1)) { ; } else { f((memory_wasm_mutant(2) ? (a) : (a + b))); } }');
});

test('a text that is not there, or twice, is an error that says which', () => {
  assert.throws(() => mutated('a', { was: 'b', is: '' }), /a\.h: "a fault": there is no 'b'/);
  assert.throws(() => mutated('a a', { was: 'a', is: '' }), /'a' is there twice/);
  assert.equal(mutated('f a; g a;', { was: 'a', is: 'b', after: 'g' }), 'f a; g (memory_wasm_mutant(1) ? (b) : (a));');
  assert.throws(() => mutated('abc', { was: 'ab', is: '1' }, { was: 'bc', is: '2' }), /overlaps/);
});

test('every fortieth fault is seen by a test', () => {
  const run = fileURLToPath(new URL('run.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [run, '--sample', '40', '--host'], { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /^[1-9]\d* killed, \d+ equivalent, 0 survived$/m);
});
