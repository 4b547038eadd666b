// `memory.wasm link --heap debug` and `--check`: one module with two or three memories, in which a misuse traps.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { link } from '../../dist/memory.cli.js';
import { hasSecondMemory } from '../../js/check/runtime.js';
import { kMistakes } from '../check/mistakes.js';
import { kOut } from '../e2e/build-programs.js';
import { assemble } from '../merge/assemble.js';
import { kDist, run } from '../wasm/toolchain.js';

const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-debug-'));
after(() => rmSync(scratch, { recursive: true }));
const linked = join(scratch, 'linked.wasm');
const twoMemories = hasSecondMemory();

test('the program, memory.wasm and the debug heap in one module', () => {
  execFileSync(process.execPath, [join(kDist, 'cli.js'), 'link', join(kOut, 'misuse-O2.wasm'), '--heap', 'debug', '-o', linked]);
  run('wasm-validate', '--enable-multi-memory', linked);
  assert.doesNotMatch(run('wasm-objdump', '-x', linked), /<- env\.(?!memory)/);
});

const bytes = () => readFileSync(linked);
test('a misuse traps, a clean program runs; an engine that knows one memory refuses the module', async () => {
  if (!twoMemories) return assert.rejects(WebAssembly.compile(bytes()), /memor/);
  const { instance: { exports } } = await WebAssembly.instantiate(bytes());
  assert.equal(exports.clean(), 1);
  for (const misuse of ['doubleFree', 'freeStack', 'overrunByOne', 'reallocFreed']) assert.throws(exports[misuse], WebAssembly.RuntimeError, misuse);
});

const checked = join(scratch, 'checked.wasm');
test('--check: one module that needs nothing beside it', () => {
  const says = execFileSync(process.execPath, [join(kDist, 'cli.js'), 'link', join(kOut, 'checked-O2.wasm'), '--check', '-o', checked], { encoding: 'utf8' });
  assert.match(says, /from the heap: malloc, /);
  assert.doesNotMatch(says, /heap_debug/);
  run('wasm-validate', '--enable-multi-memory', checked);
  assert.doesNotMatch(run('wasm-objdump', '-x', checked), / <- /);
});

test('--check: each wrong access traps, and nothing that is right', () => {
  const results = run('wasm-interp', '--enable-multi-memory', '--run-all-exports', checked);
  for (const [name, args, error] of kMistakes) {
    if (!args.length && error !== 'UninitializedReadError') assert.match(results, new RegExp(`^${name}\\(\\) => error: unreachable executed$`, 'm'));
  }
  assert.match(results, /^clean\(\) => i32:\d+$/m);
});

test('--check: the function that traps has the name of the mistake', { skip: !twoMemories && 'this engine lets a module have one memory' }, async () => {
  for (const [name, args, error] of kMistakes) {
    if (error === 'UninitializedReadError') continue;
    const { instance: { exports } } = await WebAssembly.instantiate(readFileSync(checked));
    assert.throws(() => /** @type {any} */ (exports)[name](...args), ({ stack }) => stack.includes(`check:${error} `) && stack.includes(name), name);
  }
});

test('--check with a heap that keeps its blocks to itself is refused', async () => {
  await assert.rejects(link(join(kOut, 'checked-O2.wasm'), { check: true, heap: 'release' }), /--check needs a heap that says what becomes of its blocks, and memory\.wasm doesn't/);
});

test('--check as a function; a start function runs after the checks begin', async () => {
  const program = assemble(`(module (import "env" "malloc" (func $malloc (param i32) (result i32))) (memory (export "memory") 1) (global (export "__heap_base") i32 (i32.const 1024))
    (func $start (i32.store offset=8 (call $malloc (i32.const 8)) (i32.const 1))) (start $start))`);
  const { bytes, resolved } = await link(program, { check: true });
  assert.deepEqual(resolved, ['env.malloc']);
  if (twoMemories) await assert.rejects(WebAssembly.instantiate(bytes), ({ stack }) => stack.includes('check:OverrunError'));
  else run('wasm-validate', '--enable-multi-memory', (writeFileSync(checked, bytes), checked));
});
