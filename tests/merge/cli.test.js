// The command memory.wasm: link and inspect. CLI names the file to test, relative to the repository; dist/cli.js finds its heap itself.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { kNeeded } from '../../js/load/interface.js';
import { compile, link } from '../e2e/build-programs.js';
import { assemble } from './assemble.js';
import { customSections } from './custom-sections.js';
import { heap } from './programs.js';

const inRepository = name => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const command = inRepository(process.env.CLI ?? 'js/cli/main.js');
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
const custom = (...bytes) => Uint8Array.from([...assemble(`(module ${MALLOC} (import "env" "__stack_pointer" (global (mut i32))) (memory 1) (func (export "run")))`), 0, ...bytes]);
const object = custom(9, 7, ...Buffer.from('linking'), 2);

/** A heap that exports these functions. Its version is a constant, or what only running it would show. */
const heapWith = (names, version) => `(module (import "env" "memory" (memory 0)) ${names.map((name) => `(func (export "${name}") (result i32) ${name === 'heap_version' && version === undefined ? 'memory.size' : `(i32.const ${version ?? 0})`})`).join(' ')})`;

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
});

test('link --export: spaces, and more than once', () => {
  for (const options of [['--export', 'malloc, free,'], ['--export', 'malloc', '--export', 'free']]) {
    const { status, stderr } = run('link', 'program.wasm', '-o', 'out.wasm', '--heap', 'memory.wasm', ...options);
    assert.equal(status, 0, stderr);
    assert.deepEqual(Object.keys(exportsOf('out.wasm')), ['memory', '__heap_base', 'run', 'malloc', 'free']);
  }
});

test('link --optimize: smaller, and the same', () => {
  run('link', 'program.wasm', '-o', 'plain.wasm', '--heap', 'memory.wasm');
  const { status, stderr } = run('link', 'program.wasm', '-o', 'out.wasm', '--heap', 'memory.wasm', '--optimize');
  assert.equal(status, 0, stderr);
  assert.ok(readFileSync(path('out.wasm')).length < readFileSync(path('plain.wasm')).length);
  assert.deepEqual(Object.keys(exportsOf('out.wasm')), ['memory', '__heap_base', 'run']);
  assert.equal(exportsOf('out.wasm').run(), 65552);
});

test('link --optimize finds Binaryen where it is run, if not beside the command', () => {
  mkdirSync(path('elsewhere'));
  if (process.env.CLI) copyFileSync(command, path('elsewhere/cli.mjs'));
  else {
    const banner = { js: "import { createRequire } from 'node:module';const require=createRequire(import.meta.url);" };
    buildSync({ entryPoints: [command], bundle: true, platform: 'node', format: 'esm', external: ['binaryen'], outfile: path('elsewhere/cli.mjs'), banner });
  }
  const linked = () => spawnSync(process.execPath, [path('elsewhere/cli.mjs'), 'link', 'program.wasm', '-o', 'found.wasm', '--heap', 'memory.wasm', '--optimize'], { encoding: 'utf8', cwd: folder });
  assert.match(linked().stderr, /^memory\.wasm: --optimize needs Binaryen, which is installed neither with this command nor in .*: npm install binaryen\n$/);
  assert.ok(!existsSync(path('found.wasm')));
  mkdirSync(path('node_modules'));
  symlinkSync(inRepository('node_modules/binaryen'), path('node_modules/binaryen'));
  assert.equal(linked().stderr, '');
  assert.equal(exportsOf('found.wasm').run(), 65552);
});

test('link: wasm-opt takes the result, whether the program tells its features or not', () => {
  const telling = Uint8Array.from([...assemble(PROGRAM), 0, 21, 15, ...Buffer.from('target_features'), 1, 0x2b, 2, ...Buffer.from('gc')]);
  for (const program of ['program.wasm', file('telling.wasm', telling)]) {
    run('link', program, '-o', 'out.wasm', '--heap', inRepository('dist/memory.wasm'));
    execFileSync(process.execPath, [inRepository('node_modules/binaryen/bin/wasm-opt'), '-O2', path('out.wasm'), '-o', path('optimized.wasm')]);
    assert.equal(exportsOf('optimized.wasm').run(), exportsOf('out.wasm').run());
  }
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
    [['program.wasm', '--heap', '--export-heap'], /'--export-heap' is invalid\. It is the next option: the heap is missing\. It is one of release, small, shared/],
    [['program.wasm', '--heap', 'program.wasm'], /program\.wasm is not a heap: .* Leave out --heap/],
    [['program.wasm', '--heap', file('fewer.wasm', heapWith(['malloc', 'free']))], /fewer\.wasm does not export calloc, realloc, .*heap_version: it is not memory\.wasm, or one of another version\. Leave out --heap, or name a word: release/],
    [['program.wasm', '--heap', file('newer.wasm', heapWith(kNeeded, 0x20000))], /newer\.wasm has version 2\.0 of the heap's interface, and this command is for 1\.0\. Leave out --heap/],
    [['program.wasm', '--heap', file('unknown.wasm', heapWith(kNeeded, undefined))], /unknown\.wasm has an unknown version of the heap's interface/],
    [['program.wasm', '--export', 'mallok'], /memory\.wasm has no function mallok to export\. It has .*malloc/],
    [['program.wasm', '--export', 'memory'], /memory\.wasm has no function memory to export/],
    [['program.wasm', '-o', 'no/such/out.wasm'], /no\/such\/out\.wasm can't be written: ENOENT.* folder that exists/],
    [['program.wasm', '-o', '.'], /^memory\.wasm: \. can't be written: EISDIR/],
    [[file('malloc.wasm', `(module ${MALLOC} (memory 1) (func (export "malloc")))`), '--export', 'malloc'], /malloc\.wasm exports malloc already: leave that out/],
    [[file('prefixed.wasm', `(module ${MALLOC} (memory 1) (func (export "memory.wasm/malloc")))`), '--export-heap'], /prefixed\.wasm exports a heap already: .* link the original/],
    [[file('invalid.wasm', Uint8Array.from(atob('AGFzbQEAAAABBQFgAAF/AwIBAAUDAQABBwoBBm1lbW9yeQIACgUBAwABCw=='), (letter) => letter.charCodeAt(0)))], /invalid\.wasm is not valid: .*Compiling function #0 failed.* Nothing was linked/],
    [[file('object.wasm', object)], /object\.wasm is an object file: .* Link it: wasm-ld/],
    [[file('memoryless.wasm', `(module ${MALLOC})`)], /memoryless\.wasm has no memory, .* In WAT: \(memory/],
  ]) {
    const { status, stderr } = run('link', ...(options.includes('-o') ? [] : ['-o', 'failed.wasm']), ...options, ...(options.includes('--heap') ? [] : ['--heap', 'memory.wasm']));
    assert.equal(status, 1, stderr);
    assert.match(stderr, message);
  }
  assert.ok(!existsSync(path('failed.wasm')));
  assert.match(run('link', 'program.wasm').stderr, /required option '-o, --output <file>'.*\n\(--help/);
});

test('link, inspect: a file that is no module is told what it is', () => {
  for (const [contents, message] of [
    ['<!doctype html>', /is not a WebAssembly module: it begins with 3c 21 64 6f 63 74 79 70, not with 00 61 73 6d 01 00 00 00\. It is a page/],
    ['\n  (module)', /text: assemble it \(wat2wasm/],
    ['!<arch>\n', /library of object files: link them \(wasm-ld/],
    [Uint8Array.of(0x1f, 0x8b, 8), /compressed: gunzip/],
    [Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), /a component/],
    [Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), /another version/],
    ['', /begins with nothing, .* It is empty/],
    ['hello', /Is it the right file\?/],
  ]) {
    writeFileSync(path('odd.wasm'), contents);
    const { status, stderr } = run('inspect', 'odd.wasm', '--heap', 'memory.wasm');
    assert.equal(status, 1);
    assert.ok(stderr.startsWith('memory.wasm: odd.wasm is not a WebAssembly module: it begins with '), stderr);
    assert.match(stderr, message);
  }
  assert.match(run('link', 'odd.wasm', '-o', 'failed.wasm', '--heap', 'memory.wasm').stderr, /odd\.wasm is not a WebAssembly module/);
  assert.match(run('link', 'program.wasm', '-o', 'failed.wasm', '--heap', 'odd.wasm').stderr, /odd\.wasm is not a WebAssembly module/);
});

test('link: what to know of the result', () => {
  for (const [name, contents, note] of [
    ['fixed', `(module ${MALLOC} (memory 1 1))`, /malloc will always return NULL.*--max-memory/],
    ['constructed', `(module ${MALLOC} (memory 1) (func (export "_initialize")))`, /call its export _initialize once, before all others/],
    ['mistyped', '(module (import "env" "malloc" (func)) (import "env" "free" (func (param i32))) (memory 1))', /still imported, because its type is not the heap's: env\.malloc/],
  ]) {
    const { status, stderr } = run('link', file(`${name}.wasm`, contents), '-o', 'out.wasm', '--heap', 'memory.wasm');
    assert.equal(status, 0);
    assert.match(stderr, note);
  }
  assert.equal(run('link', 'program.wasm', '-o', 'out.wasm', '--heap', 'memory.wasm').stderr, '');
});

test('link: a program that uses nothing of the heap is refused, and nothing is written', () => {
  file('alone.wasm', '(module (memory (export "memory") 1))');
  const { status, stderr } = run('link', 'alone.wasm', '-o', 'unused.wasm', '--heap', 'memory.wasm');
  assert.equal(status, 1);
  assert.match(stderr, /alone\.wasm uses nothing of the heap, so there is nothing to link and nothing was written: memory\.wasm inspect alone\.wasm says why\. .*--export malloc,free/);
  assert.ok(!existsSync(path('unused.wasm')));
  assert.equal(run('link', 'alone.wasm', '-o', 'out.wasm', '--heap', 'memory.wasm', '--export', 'malloc').stderr, '');
});

test('--heap: a word that is none is answered with those that are', () => {
  for (const subcommand of [['link', 'program.wasm', '-o', 'unused.wasm'], ['inspect', 'program.wasm']]) {
    const { status, stderr } = run(...subcommand, '--heap', 'bogus');
    assert.equal(status, 1);
    assert.match(stderr, /bogus can't be read: .*The heap is one of release, small, shared, memory64, secure, debug, or a file\./);
  }
  assert.match(run('link', 'program.wasm', '-o', 'unused.wasm', '--heap', 'program.wasm').stderr, /program\.wasm is not a heap: .*or name a word: release, small/);
});

test('flags --heap: what a program for each heap is compiled and linked with', () => {
  assert.match(run('flags', '--heap', 'small').stdout, /^--target=wasm32 .*-lmemory_c -lmemory-small\n$/);
  assert.match(run('flags', '--heap', 'memory64').stdout, /^--target=wasm64 .*-Wl,--no-entry,--stack-first,-mwasm64 .*-lmemory64\n$/);
  assert.match(run('flags', '--heap', 'shared', '--dynamic').stdout, /-matomics -mbulk-memory .*--shared-memory,--max-memory=\d+,--export=__stack_pointer,--allow-undefined,--export=__heap_base,--import-memory\n$/);
  assert.equal(run('flags', '--heap', 'secure', '--dynamic').stdout, run('flags', '--dynamic').stdout);
  assert.match(run('flags', '--heap', 'secure').stderr, /The heap 'secure' has no archive to link in: it is loaded beside the program\. Add --dynamic\./);
  assert.match(run('flags', '--heap', 'bogus').stderr, /There is no heap 'bogus'\. The heap is one of release, small, /);
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
  assert.deepEqual({ data, stack, heapBase, modes }, { data: { start: 1024, end: 2050 }, stack: 512, heapBase: 4096, modes: ['merge', 'direct', 'table', 'trampoline'] });
  assert.deepEqual(findings.map(({ id }) => id), ['other-imports', 'small-stack']);
});

const BASE = '(global (export "__heap_base") i32 (i32.const 1024))', RUN = '(func (export "run"))', MEMORY = '(memory (export "memory") 1)';
const programs = {
  'object-file': object,
  'no-memory': `(module ${MALLOC} ${RUN})`,
  'hidden-memory': `(module ${MALLOC} (memory 1) ${BASE} ${RUN})`,
  'side-module': custom(9, 8, ...Buffer.from('dylink.0')),
  'own-malloc': `(module ${MEMORY} (func (export "malloc") (param i32) (result i32) (i32.const 0)))`,
  'no-malloc': `(module ${MEMORY} ${RUN})`,
  'other-module': `(module (import "libc" "malloc" (func (param i32) (result i32))) ${MEMORY} ${BASE} ${RUN})`,
  'wrong-type': `(module (import "env" "malloc" (func (param i64) (result i32))) ${MEMORY} ${BASE} ${RUN})`,
  'other-imports': `(module ${MALLOC} (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))) ${MEMORY} ${BASE} ${RUN})`,
  'wrapped-exports': `(module ${MALLOC} ${MEMORY} ${BASE} (func $__wasm_call_ctors) (func (export "a") (call 1)) (func (export "b") (call 1)))`,
  'stack-into-data': `(module ${MALLOC} ${MEMORY} ${BASE} (global $__stack_pointer (mut i32) (i32.const 66560)) (data (i32.const 1024) "data") ${RUN})`,
  'small-stack': `(module ${MALLOC} ${MEMORY} ${BASE} (global $__stack_pointer (mut i32) (i32.const 512)) ${RUN})`,
  'no-heap-base': `(module ${MALLOC} ${MEMORY} ${RUN})`,
  'memory-cannot-grow': `(module ${MALLOC} (memory (export "memory") 2 2) ${BASE} ${RUN})`,
  'shared-memory': `(module ${MALLOC} (memory (export "memory") 2 3 shared) ${BASE} ${RUN})`,
  memory64: `(module (import "env" "malloc" (func (param i64) (result i64))) (memory (export "memory") i64 2) ${BASE} ${RUN})`,
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

test('inspect: no stack is made up where none is', () => {
  assert.equal(inspected(file('counter.wasm', `(module ${MALLOC} ${MEMORY} ${BASE} (global $count (mut i32) (i32.const 64)) ${RUN})`)).stack, undefined);
  assert.equal(inspected(file('nameless.wasm', assemble(`(module ${MALLOC} ${MEMORY} ${BASE} (global (mut i32) (i32.const 0)) ${RUN})`))).stack, undefined);
  assert.equal(inspected(file('stripped.wasm', assemble(`(module ${MALLOC} ${MEMORY} ${BASE} (global (mut i32) (i32.const 66560)) ${RUN})`))).stack, 66560);
});

test('inspect: which calls look like the linker\'s wrapper', () => {
  const ids = (name, ...functions) => inspected(file(`${name}.wasm`, assemble(`(module ${MALLOC} ${MEMORY} ${BASE} (func) (func (param i32)) ${functions.join('')})`))).findings.map(({ id }) => id);
  assert.deepEqual(ids('single', '(func (export "a") (param i32) (call 1) (call 2 (local.get 0)))'), ['wrapped-exports']);
  assert.deepEqual(ids('more', '(func (export "a") (param i32) (call 1) (call 2 (i32.const 7)))'), []);
  assert.deepEqual(ids('command', '(func (export "_start") (call 1) (call 1))'), []);
  assert.deepEqual(inspected(file('named.wasm', `(module ${MALLOC} ${MEMORY} ${BASE} (func $lock) (func (export "a") (call $lock)) (func (export "b") (call $lock)))`)).findings, []);
});

test('inspect: judged is the memory that the heap will live in', () => {
  const two = file('two.wasm', `(module ${MALLOC} (memory i64 1) (memory (export "memory") 1) ${BASE} ${RUN})`);
  assert.deepEqual(inspected(two).findings, []);
});

// Each mistake is made with the real compiler and linker, told, and gone after what the cure says.
const kCpp = `extern "C" void *malloc(unsigned long); extern "C" void free(void *); extern "C" void __wasm_call_ctors();
  struct Counter { int *value; Counter() : value((int *)malloc(64)) { *value = 40; } }; Counter counter;
  char table[100000] = { 1 };
  extern "C" int run(int i) { char volatile local[64]; local[i & 63] = 1; table[i]++; return ++*counter.value + table[0] + local[i & 63] - 2; }`;
const kInitialize = 'extern "C" __attribute__((export_name("_initialize"))) void _initialize(void) { __wasm_call_ctors(); }';
const kRight = ['--export=run', '--export=__wasm_call_ctors', '--stack-first', '--export=__heap_base'];
const without = (...options) => kRight.filter(option => !options.includes(option));
/** What was built, by how. @type {Map<string, string>} */
const built = new Map();

/** @param {string} source @param {string[]} options of wasm-ld @param {string[]} [target] options of clang */
function build(source, options, target = []) {
  const how = JSON.stringify([source, options, target]), known = built.get(how), name = `built${built.size}`;
  if (known) return known;
  writeFileSync(path(`${name}.cpp`), source);
  compile(path(`${name}.cpp`), path(`${name}.o`), '-fno-exceptions', ...target);
  link(path(`${name}.o`), path(`${name}.wasm`), ...options);
  built.set(how, `${name}.wasm`);
  return `${name}.wasm`;
}

for (const [id, source, options, right = kRight, cured = source, target] of /** @type {[string, string, string[], string[]?, string?, string[]?][]} */ ([
  ['object-file', kCpp, ['-r']],
  ['wrapped-exports', kCpp, without('--export=__wasm_call_ctors')],
  ['wrapped-exports', kCpp, [...without('--export=__wasm_call_ctors'), '--strip-all']],
  ['wrapped-exports', kCpp, without('--export=__wasm_call_ctors'), without('--export=__wasm_call_ctors'), kCpp + kInitialize],
  ['stack-into-data', kCpp, without('--stack-first')],
  ['no-heap-base', kCpp, without('--export=__heap_base')],
  ['memory-cannot-grow', kCpp, [...kRight, '--no-growable-memory']],
  ['memory-cannot-grow', kCpp, [...kRight, '--initial-memory=262144', '--max-memory=262144'], [...kRight, '--initial-memory=262144', '--max-memory=524288']],
  ['no-exports', kCpp, without('--export=run', '--export=__wasm_call_ctors')],
  ['no-exports', kCpp, without('--export=run', '--export=__wasm_call_ctors'), without('--export=run'), kCpp.replace('int run', '__attribute__((export_name("run"))) int run')],
  ['wrong-type', kCpp.replace('unsigned long', 'unsigned long long'), kRight, kRight, kCpp],
  ['other-module', kCpp.replace('void *malloc(unsigned long)', '__attribute__((import_module("libc"))) void *malloc(unsigned long)'), kRight, kRight, kCpp],
  ['own-malloc', kCpp + 'char arena[9999]; unsigned long used; __attribute__((noinline)) void *malloc(unsigned long n) { return arena + (used += n); }', kRight, kRight, kCpp],
  ['shared-memory', kCpp, [...kRight, '--shared-memory', '--max-memory=1048576'], kRight, kCpp, ['-matomics', '-mbulk-memory']],
  ['memory64', kCpp, ['-mwasm64', ...kRight], kRight, kCpp, ['--target=wasm64']],
  ['side-module', kCpp, ['-shared', '--experimental-pic', '--export=run'], kRight, kCpp, ['-fPIC', '-fvisibility=default']],
])) {
  test(`inspect: ${id} as clang and wasm-ld make it, and the cure followed`, () => {
    const before = inspected(build(source, options, target)), after = build(cured, right);
    assert.ok(before.findings.some(finding => finding.id === id), JSON.stringify(before.findings));
    assert.deepEqual(inspected(after).findings, []);
    run('link', after, '-o', 'cured.wasm', '--heap', 'memory.wasm');
    const { _initialize, __wasm_call_ctors, run: count } = exportsOf('cured.wasm');
    (_initialize ?? __wasm_call_ctors)();
    assert.deepEqual([count(5), count(5)], [41, 42]);
  });
}

test('--version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  assert.equal(run('--version').stdout, `${version}\n`);
});

test('names that a terminal would obey are printed by their numbers', () => {
  const evil = '\\1b[2J\\c2\\9b31m\\e2\\80\\ae\\0aall is well';
  file('evil.wasm', `(module ${MALLOC} (import "${evil}" "${evil}" (func)) (memory 1) (func (export "${evil}")))`);
  const raw = /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/;
  for (const options of [['inspect', 'evil.wasm'], ['inspect', 'evil.wasm', '--json'], ['link', 'evil.wasm', '-o', 'out.wasm'], ['link', 'evil.wasm', '-o', 'out.wasm', '--export', '\x1b[2J']]) {
    const { stdout, stderr } = run(...options, '--heap', 'memory.wasm');
    assert.doesNotMatch(stdout + stderr, raw, options.join(' '));
    assert.ok((stdout + stderr).length > 20);
  }
  const { stdout } = run('inspect', 'evil.wasm', '--heap', 'memory.wasm');
  assert.match(stdout, /\\u001b\[2J\\u009b31m\\u202e\\u000aall is well/);
  assert.deepEqual(JSON.parse(run('inspect', 'evil.wasm', '--heap', 'memory.wasm', '--json').stdout).exports[0].name, '\x1b[2J\x9b31m\u202e\nall is well');
});

test('every subcommand is a function too', async () => {
  const cli = await import(new URL('../../js/cli/index.js', import.meta.url).href);
  const [, listed] = /Commands:\n([^]*)/.exec(run('--help').stdout);
  const subcommands = [...listed.matchAll(/^  (\w+)/gm)].map(([, name]) => name).filter((name) => name !== 'help');
  assert.ok(subcommands.length >= 2);
  const docs = ['README.md', ...readdirSync(inRepository('docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)].map((name) => readFileSync(inRepository(name), 'utf8')).join();
  for (const name of subcommands) {
    assert.ok(existsSync(inRepository(`js/cli/${name}.js`)), `js/cli/${name}.js is missing: each subcommand has a file of its own`);
    assert.equal(typeof cli[name], 'function', `js/cli/index.js does not export ${name}`);
    assert.ok(docs.includes(`memory.wasm ${name}`), `docs/ do not mention 'memory.wasm ${name}'`);
  }
  for (const name of Object.keys(cli).filter((name) => existsSync(inRepository(`js/cli/${name}.js`)))) {
    assert.ok(subcommands.includes(name), `js/cli/main.js has no command '${name}', which js/cli/index.js exports`);
  }
  const { bytes, notes, resolved } = await cli.link(readFileSync(path('program.wasm')), { heap: path('memory.wasm'), exports: ['malloc'] });
  assert.deepEqual([WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name), notes, resolved], [['memory', '__heap_base', 'run', 'malloc'], [], ['env.malloc', 'env.free']]);
  assert.equal((await cli.inspect(path('program.wasm'), { heap })).imports[0].satisfied, true);
  assert.match(cli.inWords(await cli.inspect(readFileSync(path('program.wasm')), { heap, file: 'mine.wasm' })), /^mine\.wasm: /);
  await assert.rejects(cli.inspect('nowhere.wasm'), /nowhere\.wasm can't be read/);
});
