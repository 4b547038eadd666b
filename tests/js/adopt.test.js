// load's option adopt, and the command's functions adopt and verify, from the source.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { adopt, verify, watch } from '../../js/cli/index.js';
import { compare } from '../../js/cli/verify.js';
import { load } from '../../js/index.js';
import { assemble } from '../merge/assemble.js';
import { built, exported, heap as heapBytes, stubs } from '../adopt/build.js';

const heap = new URL('../../dist/memory.wasm', import.meta.url);
const heapFile = (name) => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));
const churn = built('churn', 'plain', ['-O2', ...exported]);
const folder = mkdtempSync(join(tmpdir(), 'memory-wasm-js-'));
after(() => rmSync(folder, { recursive: true }));

/** The command, from the source. */
const run = (...options) => spawnSync(process.execPath, [fileURLToPath(new URL('../../js/cli/main.js', import.meta.url)), ...options], { encoding: 'utf8', cwd: folder });
const saved = (name, bytes) => (writeFileSync(join(folder, name), bytes), name);

/** Exports functions of malloc's names that hand out what is not theirs. */
const liar = assemble('(module (memory (export "memory") 1) (func (export "malloc") (param i32) (result i32) (i32.const 8)) (func (export "free") (param i32)))');

test('load: the heap takes the place of the malloc inside, also by a recipe and by named functions', async () => {
  const imports = stubs(new WebAssembly.Module(churn));
  const { recipe } = await adopt(churn, { heap: heapBytes() });
  const malloc = Object.entries(recipe.roles).find(([, { role }]) => role === 'malloc')[0];
  for (const choice of [true, { recipe }, { malloc: `func[${malloc}]` }, { malloc: 'malloc', free: 'free' }]) {
    const { exports, heap: own } = await load(churn, { heap, adopt: choice, imports });
    const pointer = exports.malloc(100) >>> 0;
    assert.ok([...own.spans()].some((span) => span.pointer === pointer && span.kind === 'used'));
  }
});

test('load: what can not be adopted is refused, with the reason', async () => {
  await assert.rejects(load(liar, { heap, adopt: true }), { name: 'AdoptError', message: /^the malloc inside the program can't be replaced: / });
  await assert.rejects(load(liar, { heap, adopt: { malloc: 'func[99]' } }), { name: 'AdoptError', message: /has no function func\[99\] of its own, which was given as malloc/ });
  await assert.rejects(load(churn, { heap, adopt: { recipe: { version: 1, roles: {}, byteLength: 5 } }, imports: stubs(new WebAssembly.Module(churn)) }), { name: 'AdoptError', message: /it was made of a file of 5 bytes/ });
});

test('adopt: what it says, its recipe, and one of another file', async () => {
  const adopted = await adopt(churn, { heap: heapBytes(), file: 'churn.wasm', exportHeap: true });
  assert.equal(adopted.mode, 'replaced');
  assert.match(adopted.text, /churn\.wasm/);
  assert.match(adopted.recipe.sha256, /^[\da-f]{64}$/);
  assert.ok(WebAssembly.Module.exports(new WebAssembly.Module(adopted.bytes)).some(({ name }) => name === 'memory.wasm/heap_check'));
  await assert.rejects(adopt(churn, { heap: heapBytes(), recipe: { ...adopted.recipe, sha256: '00' } }), { name: 'AdoptError', message: /made of a file with another SHA-256/ });
  await assert.rejects(adopt(churn, { heap: heapBytes(), roles: { mallok: 'malloc' } }), { name: 'AdoptError', message: /there is no role mallok; there are malloc, / });
});

test('verify: the same, and from which byte on not; a folder that is no source, and one that does not build', () => {
  const bytes = heapBytes();
  assert.match(compare(bytes, bytes).text, /^memory\.wasm is what the source compiles to: [\d,]+ bytes, sha256-/);
  const other = Uint8Array.from(bytes, (byte, at) => (at === 20 ? byte ^ 1 : byte));
  assert.deepEqual([compare(bytes, other).same, /they differ from byte 20 on/.test(compare(bytes, other).text)], [false, true]);
  assert.match(compare(bytes, new Uint8Array([...bytes, 0])).text, new RegExp(`they differ from byte ${bytes.length} on`));
  assert.throws(() => verify(bytes, folder), /is not the source of memory\.wasm: it has no CMakePresets\.json\. Pass the folder of a checkout\./);
  const broken = join(folder, 'broken');
  mkdirSync(broken);
  writeFileSync(join(broken, 'CMakePresets.json'), '{');
  assert.throws(() => verify(bytes, broken), /broken does not build:|cmake can't be run/);
});

test('watch: runs an application with the watcher, and returns its exit code', async () => {
  const watcher = join(folder, 'watcher.mjs');
  const application = join(folder, 'app.mjs');
  writeFileSync(watcher, 'globalThis.watched = 4;');
  writeFileSync(application, 'process.exit(globalThis.watched + process.argv.length);');
  assert.equal(await watch(watcher, [application, 'an argument']), 7);
});

test('the command adopt: a module and a recipe, the same by the recipe, and what it refuses', () => {
  const options = ['adopt', saved('churn.wasm', churn), '--heap', heapFile('memory.wasm'), '--recipe', 'churn.json'];
  const first = run(...options, '-o', 'first.wasm');
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /churn\.wasm/);
  assert.equal(JSON.parse(readFileSync(join(folder, 'churn.json'), 'utf8')).kind, 'dlmalloc');
  assert.equal(run(...options, '-o', 'second.wasm').status, 0);
  assert.deepEqual(readFileSync(join(folder, 'second.wasm')), readFileSync(join(folder, 'first.wasm')));
  assert.equal(run('adopt', saved('liar.wasm', liar), '--heap', heapFile('memory.wasm')).status, 1);
  const { status, stderr } = run('adopt', 'churn.wasm', '--heap', heapFile('memory.wasm'), '-o', 'no/such/folder.wasm');
  assert.deepEqual([status, /folder\.wasm can't be written: ENOENT.* Is it a file's name in a folder that exists/.test(stderr)], [1, true]);
});

test('the command link --check: a program that checks itself, and a heap that can not say what becomes of its blocks', () => {
  const program = assemble(`(module (import "env" "malloc" (func $malloc (param i32) (result i32))) (memory (export "memory") 1) (global (export "__heap_base") i32 (i32.const 1024))
    (func (export "read") (param i32) (result i32) (i32.load (i32.add (call $malloc (i32.const 8)) (local.get 0)))))`);
  const linked = run('link', saved('read.wasm', program), '--check', '--heap', heapFile('memory.debug.wasm'), '-o', 'checked.wasm');
  assert.equal(linked.status, 0, linked.stderr);
  assert.match(readFileSync(join(folder, 'checked.wasm'), 'latin1'), /OverrunError/);
  const { status, stderr } = run('link', 'read.wasm', '--check', '--heap', heapFile('memory.wasm'), '-o', 'unchecked.wasm');
  assert.deepEqual([status, /--check needs a heap that says what becomes of its blocks/.test(stderr)], [1, true]);
});
