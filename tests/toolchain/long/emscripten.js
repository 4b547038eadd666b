// Emscripten with -sMALLOC=none and our archive, with its JavaScript and without. Debian's emscripten is large, so this is a command of its own:
// `npm run test:emscripten:long`, where emcc is installed.

import assert from 'node:assert/strict';
import { execFileSync, execSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { kDist, kRoot } from '../llvm.js';

const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-emscripten-'));
after(() => rmSync(scratch, { recursive: true }));
symlinkSync(kDist, join(scratch, 'dist'));

/** As the docs say it, in a folder with the source as program.c. */
function run(source, command) {
  copyFileSync(join(kRoot, 'tests/toolchain/programs', source), join(scratch, 'program.c'));
  execSync(command, { cwd: scratch, stdio: ['ignore', 'pipe', 'pipe'] });
}

test('with its JavaScript: HEAPU8 is right after growth', () => {
  run('emscripten.c', 'emcc -O1 program.c -Idist/include dist/libmemory.a -sMALLOC=none -sALLOW_MEMORY_GROWTH -o program.js');
  // Emscripten 3.1.6 takes a fetch for a browser's.
  const printed = execFileSync(process.execPath, ['--no-experimental-fetch', 'program.js'], { cwd: scratch, encoding: 'utf8' });
  assert.equal(printed, '7\n');
});

test('standalone: the module imports nothing', () => {
  run('standalone.c', 'emcc -O2 program.c dist/libmemory.a -sMALLOC=none -sALLOW_MEMORY_GROWTH -sSTANDALONE_WASM --no-entry -o program.wasm');
  const module = new WebAssembly.Module(readFileSync(join(scratch, 'program.wasm')));
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  const { _initialize, last_of, memory } = new WebAssembly.Instance(module).exports;
  _initialize();
  assert.equal(last_of(40), 7);
  assert.equal(last_of(40), 7);
  assert.ok(memory.buffer.byteLength < 80 << 20, 'the second block took the place of the first');
});
