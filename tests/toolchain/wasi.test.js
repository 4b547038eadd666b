// `-lmemory` before wasi-libc and libc++: their heap stays out, and nothing is defined twice.

import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { WASI } from 'node:wasi';
import { load } from '../../dist/memory.js';
import { kDist, kRoot, program, run } from './llvm.js';

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

/**
 * Runs a command. Returns its status and what it printed.
 * @param {string[]} args
 * @param {(imports: WebAssembly.Imports) => Promise<{ instance: WebAssembly.Instance }>} instantiate
 */
async function runCommand(args, instantiate) {
  const file = join(scratch, 'printed');
  const stdout = openSync(file, 'w');
  const wasi = new WASI({ version: 'preview1', args, returnOnExit: true, stdout });
  const { instance } = await instantiate(wasi.getImportObject());
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
      const end = (way) => runCommand(['ends', way], (imports) => WebAssembly.instantiate(bytes, imports));
      assert.deepEqual(await end('return'), [5, 'text:12lg']);
      assert.deepEqual(await end('exit'), [3, 'text:12lg']);
      assert.deepEqual(await end('_Exit'), [4, '']);
    });
  }
}

// The heap loaded beside a command: docs/c-library.md has this line.
for (const version of [14, 19]) {
  const file = join(scratch, `command-${version}.wasm`);
  const source = join(kRoot, 'tests/toolchain/programs/command.c');
  run(`clang-${version}`, '--target=wasm32-wasi', '-O2', '-D_GNU_SOURCE', source, '-o', file, `-L${kDist}`, '-lmemory-imports', '-Wl,--stack-first,--export=__heap_base');

  for (const link of ['merge', 'direct', 'table', 'trampoline']) {
    test(`LLVM ${version}, link '${link}': wasi-libc without its malloc, memory.wasm beside it`, async () => {
      let loaded;
      const ended = await runCommand(['command', 'x'], async (imports) => (loaded = await load(readFileSync(file), { link, imports })));
      assert.deepEqual(ended, [3, 'command has 1 arguments\nend\n']);
      assert.equal(loaded.link, link);
      assert.ok(loaded.heap.footprint > 0 && loaded.heap.check() === null);
    });
  }
}
