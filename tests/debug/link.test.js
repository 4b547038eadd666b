// `memory.wasm link --heap debug`: one module with two memories, in which a misuse traps.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { kOut } from '../e2e/build-programs.js';
import { kDist, run } from '../wasm/toolchain.js';

const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-debug-'));
after(() => rmSync(scratch, { recursive: true }));
const linked = join(scratch, 'linked.wasm');

test('the program, memory.wasm and the debug heap in one module', () => {
  execFileSync(process.execPath, [join(kDist, 'cli.js'), 'link', join(kOut, 'misuse-O2.wasm'), '--heap', 'debug', '-o', linked]);
  run('wasm-validate', '--enable-multi-memory', linked);
  assert.doesNotMatch(run('wasm-objdump', '-x', linked), /<- env\.(?!memory)/);
});

const bytes = () => readFileSync(linked);
test('a misuse traps, a clean program runs; an engine that knows one memory refuses the module', async () => {
  const twoMemories = WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0));
  if (!twoMemories) return assert.rejects(WebAssembly.compile(bytes()), /memor/);
  const { instance: { exports } } = await WebAssembly.instantiate(bytes());
  assert.equal(exports.clean(), 1);
  for (const misuse of ['doubleFree', 'freeStack', 'overrunByOne', 'reallocFreed']) assert.throws(exports[misuse], WebAssembly.RuntimeError, misuse);
});
