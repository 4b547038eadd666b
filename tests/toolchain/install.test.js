// What a release holds, used the way a project uses it: find_package with the toolchain file, and the flags of the command. And two clean
// builds give the same bytes.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compare } from '../../js/cli/verify.js';
import { load } from '../../dist/memory.js';
import { kDist, kRoot } from './llvm.js';

const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-install-'));
after(() => rmSync(scratch, { recursive: true }));

const inScratch = (...path) => join(scratch, ...path);
const run = (tool, ...args) => execFileSync(tool, args, { cwd: kRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

test('find_package(memory_wasm) with the toolchain file, LLVM 14', async () => {
  run('cmake', '--install', 'build/dist', '--prefix', inScratch('prefix'));
  writeFileSync(inScratch('package.json'), '{}'); // as in a project of CommonJS
  const { stdout: flags, stderr } = spawnSync(process.execPath, ['prefix/share/memory_wasm/cli.js', 'flags'], { cwd: scratch, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  assert.equal(stderr, '', 'Node warns of nothing');
  assert.match(flags, / -Iprefix\/include .* -Lprefix\/lib -lmemory_c -lmemory\n$/);
  const package_ = inScratch('prefix/lib/cmake/memory_wasm');
  run('cmake', '-S', 'tests/toolchain/consumer', '-B', inScratch('consumer'), '-G', 'Ninja', '--toolchain', join(package_, 'wasm32.cmake'), `-Dmemory_wasm_DIR=${package_}`, '-DMEMORY_WASM_LLVM=14', '-DCMAKE_BUILD_TYPE=Release');
  run('cmake', '--build', inScratch('consumer'));
  const { instance } = await WebAssembly.instantiate(readFileSync(inScratch('consumer/linked.wasm')));
  assert.equal(instance.exports.check(), 0, 'the line of libc.c');
  const { exports } = await load(readFileSync(inScratch('consumer/loaded.wasm')));
  assert.equal(exports.check(), 0, 'the line of libc.c');
});

test('the command prints the flags, and refuses both at once', () => {
  const flags = (...options) => spawnSync(process.execPath, [join(kDist, 'cli.js'), 'flags', ...options], { cwd: kRoot, encoding: 'utf8' });
  assert.equal(flags().stdout, '--target=wasm32 -nostdlib -Idist/include -Wl,--no-entry,--stack-first -Ldist -lmemory_c -lmemory\n');
  assert.equal(flags('--static').stdout, flags().stdout);
  assert.match(flags('--dynamic').stdout, /--allow-undefined,--export=__heap_base/);
  assert.notEqual(flags('--static', '--dynamic').status, 0);
});

test('a release has the archive, the package, their checksums and the list of what is in them', () => {
  const release = (name) => join(kRoot, 'build/release', name);
  const contents = readFileSync(release('CONTENTS'), 'utf8');
  for (const file of ['include/memory_wasm.h', 'lib/libmemory.a', 'lib/libmemory_c.a', 'share/memory_wasm/memory.wasm', 'share/memory_wasm/memory.js', 'package/README.md']) assert.ok(contents.includes(`${file}\n`), file);
  const sums = readFileSync(release('SHA256SUMS'), 'utf8').trim().split('\n').map((line) => line.split(/\s+/));
  assert.equal(sums.length, 2);
  for (const [sum, file] of sums) assert.equal(createHash('sha256').update(readFileSync(release(file))).digest('hex'), sum, file);
});

/** The hash of each file that a build reads, by its name. */
function sources() {
  const folders = ['src', 'include', 'cmake', 'js', 'docs'].flatMap((folder) => readdirSync(join(kRoot, folder), { recursive: true, withFileTypes: true }));
  const files = [...folders, ...readdirSync(kRoot, { withFileTypes: true })].filter((entry) => entry.isFile());
  return Object.fromEntries(files.map(({ parentPath, name }) => [join(parentPath, name), createHash('sha256').update(readFileSync(join(parentPath, name))).digest('hex')]));
}

test('two clean builds give the same bytes, and edit none of the sources', () => {
  const before = sources();
  const builds = ['one', 'two'].map((name) => {
    run('cmake', '--preset', 'dist', '-B', inScratch(name));
    run('cmake', '--build', inScratch(name), '--target', 'src/wasm/shipped/memory.wasm', 'memory_static');
    return ['shipped/memory.wasm', 'libmemory.a'].map((file) => readFileSync(inScratch(name, 'src/wasm', file)));
  });
  ['memory.wasm', 'libmemory.a'].forEach((file, index) => {
    assert.ok(builds[0][index].equals(builds[1][index]), file);
    assert.ok(builds[0][index].equals(readFileSync(join(kDist, file))), `dist/${file} is of another build`);
  });
  assert.deepEqual(sources(), before);
});

test('verify builds what ships, and says whether it is that', () => {
  const verify = (command) => spawnSync(process.execPath, [command, 'verify', kRoot], { encoding: 'utf8' });
  const ours = verify(join(kDist, 'cli.js'));
  assert.equal(ours.status, 0, ours.stdout + ours.stderr);
  assert.match(ours.stdout, /^memory\.wasm is what the source compiles to: [\d,]+ bytes, sha256-\S{44}$/m);

  cpSync(kDist, inScratch('tampered'), { recursive: true });
  const bytes = readFileSync(join(kDist, 'memory.wasm'));
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(inScratch('tampered/memory.wasm'), bytes);
  const tampered = verify(inScratch('tampered/cli.js'));
  assert.equal(tampered.status, 1, tampered.stdout + tampered.stderr);
  assert.match(tampered.stdout, new RegExp(`is not what the source compiles to.* differ from byte ${bytes.length - 1} on`));
});

test('verify names what differs', () => {
  const { same, text } = compare(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 4, 5));
  assert.ok(!same);
  assert.match(text, /It has 3 bytes .* the build 4 .* differ from byte 2 on/);
});
