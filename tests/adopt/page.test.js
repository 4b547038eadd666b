// The watcher in a page, in Chromium: a package from npm with a malloc inside is adopted, does its work as without, and the report has its leak.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { browsers } from '../e2e/browsers.js';
import { startServer } from '../e2e/server.js';
import { kRoot } from '../toolchain/llvm.js';

const folder = join(kRoot, 'build/adopt-page');
const kLines = 50;
const app = `
import onigasm from 'onigasm';
export async function scan(program) {
  await onigasm.loadWASM(program);
  const scanner = new onigasm.OnigScanner(['[0-9]+', '[a-z]+']);
  return Array.from({ length: ${kLines} }, (_, i) => scanner.findNextMatchSync('line ' + i, i % 4).captureIndices[0].start).join();
}
`;

before(async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', 'onigasm@2.2.5'], { cwd: folder });
  writeFileSync(join(folder, 'app.mjs'), app);
  // Its glue asks for Node's modules only where it runs in Node.
  await build({ entryPoints: [join(folder, 'app.mjs')], outfile: join(folder, 'app.js'), bundle: true, format: 'iife', globalName: 'app', external: ['fs', 'path', 'crypto'] });
});

test('onigasm in a page: adopted, the same matches, its leak by the calls that allocate, its overrun', { timeout: 120_000 }, async () => {
  const { scan } = await import(pathToFileURL(join(folder, 'app.mjs')).href);
  const expected = await scan(new Uint8Array(readFileSync(join(folder, 'node_modules/onigasm/lib/onigasm.wasm'))).buffer);
  const server = await startServer();
  const { scanned, said, text } = await browsers.chromium(`${server.address}tests/adopt/watched.html`, 'globalThis.results').finally(server.stop);
  assert.equal(scanned, expected, text);
  assert.match(text, /replaced\): memory\.wasm is in the place of its dlmalloc/);
  assert.match(text, /malloc: malloc \(func\[574\]\), found by export/);
  assert.match(text, new RegExp(`bytes in ${kLines} blocks, .*\\n( +at .*\\n)* +at .*findNextMatchSync`));
  assert.match(said, /OverrunError: free found 0x\w+ overwritten, 1 byte past the end of a block of 8 bytes/);
});
