// `-lmemory` before wasi-libc and libc++: their heap stays out, and nothing is defined twice.

import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { WASI } from 'node:wasi';
import { kDist, program, run } from './llvm.js';

const kSource = 'tests/toolchain/programs/globals.cpp';
const kOptions = ['--target=wasm32-wasi', '-std=c++20', '-fno-exceptions', '-fno-builtin', '-D_GNU_SOURCE', '-Wl,--no-entry', '-L/usr/lib/wasm32-wasi', `-L${kDist}`];
const kBuiltins = `${run('clang-19', '-print-resource-dir').trim()}/lib/wasi/libclang_rt.builtins-wasm32.a`;
const kLibraries = ['-lmemory', '-lc++', '-lc++abi', '-lc', kBuiltins];

async function check(bytes) {
  const wasi = new WASI({ version: 'preview1' });
  const { instance } = await WebAssembly.instantiate(bytes, wasi.getImportObject());
  wasi.initialize(instance);
  assert.equal(instance.exports.check(), 0, 'the line of globals.cpp');
}

for (const level of ['-O0', '-O2']) {
  test(`std::string globals, ${level}`, () => check(program(19, kSource, 'globals', [level, ...kOptions, ...kLibraries])));
}

test('with link-time optimization', () => check(program(19, kSource, 'globals-lto', ['-O2', '-flto', ...kOptions, ...kLibraries])));

// How a command ends ---------------------------------------------------------------------------------------------------------------

const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-wasi-'));
after(() => rmSync(scratch, { recursive: true }));

/** Runs a command. Returns its status and what it printed. */
async function runCommand(bytes, way) {
  const file = join(scratch, 'printed');
  const stdout = openSync(file, 'w');
  const wasi = new WASI({ version: 'preview1', args: ['ends', way], returnOnExit: true, stdout });
  const { instance } = await WebAssembly.instantiate(bytes, wasi.getImportObject());
  const status = wasi.start(instance);
  closeSync(stdout);
  return [status, readFileSync(file, 'utf8')];
}

/** Libraries in the order of the command line; behind them come those that clang adds itself. */
const kOrders = {
  'wasi-libc alone': [],
  '-lmemory first': ['-lmemory'],
  '-lmemory -lc -lc++': ['-lmemory', '-lc', '-lc++', '-lc++abi'],
  '-lc -lmemory': ['-lc', '-lmemory'],
};
const kModes = { '-lmemory first': [['-O0'], ['-O2'], ['-O2', '-flto']] };

for (const [order, libraries] of Object.entries(kOrders)) {
  for (const mode of kModes[order] ?? [['-O2']]) {
    test(`${order}, ${mode.join(' ')}: destructors and atexit's functions run at exit and when main returns`, async () => {
      const options = ['--target=wasm32-wasi', '-std=c++17', '-fno-exceptions', '-fno-builtin', ...mode, `-L${kDist}`, ...libraries, '-lc++', '-lc++abi', '-lc', kBuiltins];
      const bytes = program(19, 'tests/toolchain/programs/ends.cpp', 'ends', ['/usr/lib/wasm32-wasi/crt1-command.o', '-L/usr/lib/wasm32-wasi', ...options]);
      assert.deepEqual(await runCommand(bytes, 'return'), [5, 'text:12lg']);
      assert.deepEqual(await runCommand(bytes, 'exit'), [3, 'text:12lg']);
      assert.deepEqual(await runCommand(bytes, '_Exit'), [4, '']);
    });
  }
}
