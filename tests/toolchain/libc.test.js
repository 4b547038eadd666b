// libmemory_c.a: the C library that real code expects, with the heap linked in and with the heap loaded.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from '../../dist/memory.js';
import { compile, kDist, program, run } from './llvm.js';

const kSource = 'tests/toolchain/programs/libc.c';
const kOptions = ['-std=gnu11', '-D_GNU_SOURCE', '-O1', '-fno-builtin', '-Wall', '-Wextra', '-Werror', '-Wno-division-by-zero', '-Wl,--no-entry', `-L${kDist}`];
const kStatic = ['-lmemory_c', '-lmemory'];
const kDynamic = ['-Wl,--allow-undefined,--export=__heap_base', '-lmemory_c'];

const kOutput = 1;
const kError = 2;

function checkAll({ check, fail, finish, printed, memory }) {
  const textOf = (stream) => Buffer.from(memory.buffer, printed(stream), 200).toString('latin1').split('\0')[0];
  assert.equal(check(), 0, 'the line of libc.c');
  assert.throws(() => fail(0), WebAssembly.RuntimeError);
  assert.match(textOf(kError), /libc\.c:\d+: fail: assertion failed: zero != 0\n/);
  assert.throws(finish, WebAssembly.RuntimeError);
  assert.equal(textOf(kOutput), 'no newline end');
}

for (const version of [14, 19, 22]) {
  test(`LLVM ${version}: the heap linked in`, () => {
    const module = new WebAssembly.Module(program(version, kSource, 'libc-static', [...kOptions, ...kStatic]));
    assert.deepEqual(WebAssembly.Module.imports(module), []);
    checkAll(new WebAssembly.Instance(module).exports);
  });

  test(`LLVM ${version}: the heap loaded`, async () => {
    const bytes = program(version, kSource, 'libc-dynamic', [...kOptions, ...kDynamic]);
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes)).map(({ name }) => name);
    assert.ok(imports.includes('malloc') && !imports.includes('snprintf'), String(imports));
    checkAll((await load(bytes)).exports);
  });
}

test('what would need a system is named by the linker', () => {
  for (const [name, call] of Object.entries({ fopen: 'fopen("x", "r")', time: 'time(0)', getenv: 'getenv("HOME")' })) {
    const { bytes, complaint } = compile(19, 'tests/toolchain/programs/needs.c', `needs-${name}`, [`-DCALL=${call}`, ...kOptions, ...kStatic]);
    assert.equal(bytes, undefined, name);
    assert.match(complaint, new RegExp(`undefined symbol: ${name}`));
  }
});

test('the archive has no heap and no system call', () => {
  const symbols = run('llvm-nm-19', '-A', join(kDist, 'libmemory_c.a'));
  assert.doesNotMatch(symbols, / [TWDB] (malloc|free|calloc|realloc|sbrk)$/m);
  assert.doesNotMatch(symbols, /wasi_snapshot|__wasi_/);
  for (const licence of ['wasi-libc', 'compiler-rt']) assert.match(readFileSync(join(kDist, `licenses/${licence}.txt`), 'utf8'), /License/);
});

// What a function adds to a program that has the heap anyway. docs/c-library.md states these.
test('what each function costs is what the docs say', () => {
  const docs = readFileSync(new URL('../../docs/c-library.md', import.meta.url), 'utf8');
  const size = (call) => program(19, 'tests/toolchain/programs/needs.c', 'cost', [`-DCALL=${call}`, ...kOptions, '-O2', '-Wl,-s', ...kStatic]).length;
  const base = size('malloc(1)');
  const rows = [...docs.matchAll(/^\| `(\w[^`]*)` \| ([\d.]+) KB \|$/gm)];
  assert.ok(rows.length >= 25, 'the table of costs');
  for (const [, call, stated] of rows) {
    const cost = (size(call) - base) / 1000;
    assert.ok(Math.abs(cost - stated) <= 0.1 + 0.1 * cost, `${call}: ${cost.toFixed(1)} KB, docs/c-library.md says ${stated}`);
  }
});
