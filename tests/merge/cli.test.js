// The command memory.wasm: link and inspect. CLI names the file to test, relative to the repository; dist/cli.js finds its heap itself.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assemble } from './assemble.js';
import { customSections } from './custom-sections.js';
import { heap } from './programs.js';

const command = fileURLToPath(new URL(`../../${process.env.CLI ?? 'js/cli/main.js'}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'merge-cli-'));
after(() => rmSync(folder, { recursive: true }));
const path = name => join(folder, name);
writeFileSync(path('memory.wasm'), heap);

/** @param {string[]} options */
function run(...options) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...options], { encoding: 'utf8', cwd: folder });
  return { status, stdout, stderr };
}
const file = (name, contents) => (writeFileSync(path(name), typeof contents === 'string' ? assemble(contents, '--debug-names') : contents), name);
const exportsOf = name => new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path(name)))).exports;

const MALLOC = '(import "env" "malloc" (func $malloc (param i32) (result i32)))';
const FREE = '(import "env" "free" (func $free (param i32)))';
const PROGRAM = `(module ${MALLOC} ${FREE} (memory (export "memory") 1) (global (export "__heap_base") i32 (i32.const 1024))
  (func (export "run") (result i32) (local $p i32) (local.set $p (call $malloc (i32.const 9))) (call $free (local.get $p)) (local.get $p)))`;
file('program.wasm', PROGRAM);

test('link: one module that needs nothing', () => {
  const { status, stdout, stderr } = run('link', 'program.wasm', '-o', 'out.wasm', '--heap', 'memory.wasm');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^out\.wasm: [\d,]+ bytes; from the heap: malloc, free\n$/);
  assert.deepEqual(Object.keys(exportsOf('out.wasm')), ['memory', '__heap_base', 'run']);
  assert.equal(exportsOf('out.wasm').run(), 65552);
});

test('link --export, --export-heap', () => {
  run('link', 'program.wasm', '-o', 'out.wasm', '--heap', 'memory.wasm', '--export', 'malloc,free', '--export-heap');
  const exports = exportsOf('out.wasm');
  assert.equal(exports.malloc(1), 65552);
  assert.equal(exports['memory.wasm/heap_in_use'](), 1);
  const { status, stderr } = run('link', 'program.wasm', '-o', 'out.wasm', '--heap', 'memory.wasm', '--export', 'mallok');
  assert.equal(status, 1);
  assert.match(stderr, /memory\.wasm has no mallok to export\. It has .*malloc/);
});

test('link --optimize: smaller, and the same', () => {
  run('link', 'program.wasm', '-o', 'plain.wasm', '--heap', 'memory.wasm');
  const { status, stderr } = run('link', 'program.wasm', '-o', 'out.wasm', '--heap', 'memory.wasm', '--optimize');
  assert.equal(status, 0, stderr);
  assert.ok(readFileSync(path('out.wasm')).length < readFileSync(path('plain.wasm')).length);
  assert.deepEqual(Object.keys(exportsOf('out.wasm')), ['memory', '__heap_base', 'run']);
  assert.equal(exportsOf('out.wasm').run(), 65552);
});

test('link: producers and target_features speak of both files', () => {
  const vector = (...items) => [items.length, ...items.flat()], text = name => [name.length, ...Buffer.from(name)];
  const section = (name, contents) => [0, text(name).length + contents.length, ...text(name), ...contents];
  const producers = (...languages) => section('producers', vector([...text('language'), ...vector(...languages.map(name => [...text(name), ...text('1')]))]));
  const features = (...names) => section('target_features', vector(...names.map(name => [0x2b, ...text(name)])));
  file('with.wasm', Uint8Array.from([...assemble(PROGRAM), ...producers('C11'), ...features('simd')]));
  file('heap.wasm', Uint8Array.from([...heap, ...producers('C11', 'C++20'), ...features('sign-ext', 'simd')]));
  run('link', 'with.wasm', '-o', 'out.wasm', '--heap', 'heap.wasm');
  const { sections } = customSections(readFileSync(path('out.wasm')));
  assert.deepEqual(sections.producers, [...vector([...text('language'), ...vector([...text('C11'), ...text('1')], [...text('C++20'), ...text('1')])])]);
  assert.deepEqual(sections.target_features, vector([0x2b, ...text('simd')], [0x2b, ...text('sign-ext')]));
});

test('link: errors name the file and the cure', () => {
  for (const [options, message] of [
    [['missing.wasm'], /missing\.wasm can't be read/],
    [['program.wasm', '--heap', 'none.wasm'], /none\.wasm can't be read/],
    [['program.wasm', '--heap', 'program.wasm'], /program\.wasm|memory\.wasm, .*not a heap, which imports a memory/],
    [[file('page.wasm', Buffer.from('<!doctype html>'))], /page\.wasm, offset 0x0: not a WebAssembly module: 3c 21/],
  ]) {
    const { status, stderr } = run('link', ...options, '-o', 'out.wasm', ...(options.includes('--heap') ? [] : ['--heap', 'memory.wasm']));
    assert.equal(status, 1);
    assert.match(stderr, message);
  }
  assert.match(run('link', 'program.wasm').stderr, /required option '-o, --output <file>'/);
});

/** @param {string} name */
function inspected(name) {
  const { status, stdout, stderr } = run('inspect', name, '--heap', 'memory.wasm', '--json');
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test('inspect: what the program is', () => {
  const { imports, exports, memories, data, stack, heapBase, modes, findings } = inspected(file('whole.wasm', `(module ${MALLOC} (import "env" "print" (func (param f32 i64)))
    (memory (export "memory") 2 9) (global $__stack_pointer (mut i32) (i32.const 512)) (global (export "__heap_base") i32 (i32.const 4096))
    (data (i32.const 1024) "abcd") (data (i32.const 2048) "ef") (func (export "run")))`));
  assert.deepEqual(imports.map(({ name, type, satisfied }) => [name, type, satisfied]), [['malloc', '(i32) -> i32', true], ['print', '(f32, i64) -> nothing', false]]);
  assert.deepEqual(exports.map(({ name }) => name), ['memory', '__heap_base', 'run']);
  assert.deepEqual(memories, [{ least: 2, most: 9, shared: false, bits: 32 }]);
  assert.deepEqual({ data, stack, heapBase, modes }, { data: { start: 1024, end: 2050 }, stack: 512, heapBase: 4096, modes: ['merge', 'direct', 'wasm', 'js'] });
  assert.deepEqual(findings.map(({ id }) => id), ['other-imports']);
});

const BASE = '(global (export "__heap_base") i32 (i32.const 1024))', RUN = '(func (export "run"))', MEMORY = '(memory (export "memory") 1)';
const object = Uint8Array.from([...assemble(`(module ${MALLOC} ${MEMORY} ${BASE} ${RUN})`), 0, 9, 7, ...Buffer.from('linking'), 2]);
const programs = {
  'object-file': object,
  'no-memory': `(module ${MALLOC} ${RUN})`,
  'hidden-memory': `(module ${MALLOC} (memory 1) ${BASE} ${RUN})`,
  'own-malloc': `(module ${MEMORY} ${BASE} (func (export "malloc") (param i32) (result i32) (i32.const 0)))`,
  'wrong-type': `(module (import "env" "malloc" (func (param i64) (result i32))) ${MEMORY} ${BASE} ${RUN})`,
  'other-imports': `(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))) ${MEMORY} ${BASE} ${RUN})`,
  'wrapped-exports': `(module ${MALLOC} ${MEMORY} ${BASE} (func $ctors) (func (export "a") (call $ctors)) (func (export "b") (call $ctors)))`,
  'stack-into-data': `(module ${MALLOC} ${MEMORY} ${BASE} (global $__stack_pointer (mut i32) (i32.const 66560)) (data (i32.const 1024) "data") ${RUN})`,
  'no-heap-base': `(module ${MALLOC} ${MEMORY} ${RUN})`,
  'memory-cannot-grow': `(module ${MALLOC} (memory (export "memory") 2 2) ${BASE} ${RUN})`,
  'shared-memory': `(module ${MALLOC} (memory (export "memory") 2 3 shared) ${BASE} ${RUN})`,
  memory64: `(module (memory (export "memory") i64 2) ${BASE} ${RUN})`,
  'no-exports': `(module ${MALLOC} ${MEMORY} ${BASE})`,
  'start-function': `(module ${MALLOC} ${MEMORY} ${BASE} (func $s) (start $s) ${RUN})`,
};
for (const [id, contents] of Object.entries(programs)) {
  test(`inspect: ${id}, and its cure`, () => {
    const { findings } = inspected(file(`${id}.wasm`, contents)), words = run('inspect', `${id}.wasm`, '--heap', 'memory.wasm').stdout;
    assert.deepEqual(findings.map(finding => finding.id), [id]);
    assert.ok(words.includes(`${id}.wasm ${findings[0].problem}\n      ${findings[0].cure}\n`), words);
  });
}

test('inspect: a program with nothing wrong', () => {
  assert.deepEqual(inspected('program.wasm').findings, []);
  assert.match(run('inspect', 'program.wasm', '--heap', 'memory.wasm').stdout, /nothing is wrong with it/);
});
