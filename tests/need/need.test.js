// .ci/need on machines that this one is not: without apt, without root, with tools that are too old. Each has a PATH of its own, with made-up tools.

import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../.ci/need', import.meta.url));
const kBasics = ['sh', 'bash', 'cat', 'cut', 'dirname', 'grep', 'head', 'id', 'ln', 'mkdir', 'readlink', 'sed', 'sort', 'tee', 'tr', 'uname', 'chmod', 'env'];
const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-need-'));
after(() => rmSync(scratch, { recursive: true }));

let machines = 0;
/** A machine with a copy of the script, the basics, and `tools`: the text of a shell script for each name. */
function machine(tools = {}) {
  const folder = join(scratch, String(machines++));
  const bin = join(folder, 'bin');
  mkdirSync(join(folder, '.ci'), { recursive: true });
  mkdirSync(bin);
  cpSync(script, join(folder, '.ci/need'));
  writeFileSync(join(folder, 'package-lock.json'), '{}');
  for (const name of kBasics) {
    if (!(name in tools)) symlinkSync(execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), join(bin, name));
  }
  for (const [name, text] of Object.entries(tools)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const linked = (name) => existsSync(join(folder, 'build/tools/bin', name)) && readlinkSync(join(folder, 'build/tools/bin', name));
  const need = (...names) => spawnSync(join(folder, '.ci/need'), names, { encoding: 'utf8', env: { PATH: bin, HOME: folder }, input: '' });
  return { need, linked, bin, folder };
}

const clang = (version, targets = 'wasm32') => `case $1 in --version) echo "clang version ${version}" ;; --print-targets) echo "  ${targets}" ;; esac`;
const says = (text) => `echo "${text}"`;
/** apt-get that installs what `installs` says, a script per package. */
const aptGet = (installs) =>
  `case " $* " in *" -s "*) echo "Inst x"; exit ;; *" update "*) exit ;; esac
for package; do case $package in
${Object.entries(installs).map(([name, commands]) => `${name}) ${commands}; echo "Setting up ${name}" ;;`).join('\n')}
esac; done`;

test('what is here already is linked under its plain name, and nothing is said', () => {
  const { need, linked, bin, folder } = machine({ 'clang-20': clang('20.1.2'), 'wasm-ld-20': says('LLD 20.1.2'), node: says('v18.20.4') });
  const { status, stdout, stderr } = need('clang', 'lld', 'node');
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.equal(stdout, `${folder}/build/tools/bin:${bin}\n`);
  assert.deepEqual(['clang', 'clang++', 'wasm-ld'].map(linked), [`${bin}/clang-20`, `${bin}/clang-20`, `${bin}/wasm-ld-20`]);
});

test('without apt, what is missing is listed in words', () => {
  const { status, stdout, stderr } = machine().need('clang', 'node', 'chromium');
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /Missing:\n  - clang 19 or newer, with the target wasm32 .*\n  - Node 18\.0 or newer\n  - Chromium or Chrome\n$/);
});

for (const [what, tools, name] of [
  ['an old clang', { clang: clang('14.0.6') }, 'clang'],
  ['a clang without wasm32', { clang: clang('21.0.0', 'arm64') }, 'clang'],
  ['an old CMake', { cmake: says('cmake version 3.22.1') }, 'cmake'],
  ['a Node that is too old for the tests', { node: says('v18.20.4') }, 'node20'],
  ['a Node with an old minor version', { node: says('v20.9.0') }, 'node20'],
  ['a rustc without the library for wasm32', { rustc: says('/nonexistent') }, 'rust'],
]) {
  test(`${what} will not do`, () => assert.equal(machine(tools).need(name).status, 1));
}

for (const [what, tools, name] of [
  ['a plain clang that is new enough', { clang: clang('22.1.0') }, 'clang'],
  ["Debian's way to put its version", { 'clang-19': 'echo "Debian clang version 19.1.7 (3~deb12u1)"; echo wasm32' }, 'clang'],
  ['a newer CMake', { cmake: says('cmake version 4.0.1') }, 'cmake'],
  ['the oldest Node for the tests', { node: says('v20.19.0') }, 'node20'],
  ['a newer Node', { node: says('v26.1.0') }, 'node20'],
]) {
  test(`${what} will do`, () => assert.equal(machine(tools).need(name).stderr, ''));
}

test('apt-get installs what is missing, and tells how far it is', () => {
  const tools = { id: says('0') };
  const made = machine(tools);
  const writes = (name, text) => `printf '#!/bin/sh\\n%s\\n' '${text}' >${made.bin}/${name}; chmod +x ${made.bin}/${name}`;
  writeFileSync(join(made.bin, 'apt-get'), `#!/bin/sh\n${aptGet({ 'clang-19': writes('clang-19', 'echo clang version 19.1.7; echo wasm32'), nodejs: writes('node', 'echo v18.20.4') })}\n`);
  chmodSync(join(made.bin, 'apt-get'), 0o755);
  const { status, stdout, stderr } = made.need('clang', 'node');
  assert.match(stderr, /^Installing by apt-get: clang-19 nodejs \(log: build\/tools\/install\.log\)\n {2}1 of 1 packages\n/);
  assert.equal(status, 0);
  assert.match(stdout, /build\/tools\/bin/);
  assert.equal(made.linked('clang'), `${made.bin}/clang-19`);
});

test('an apt-get that fails is reported, with what is still missing', () => {
  const { status, stderr } = machine({ id: says('0'), 'apt-get': 'echo "E: no network"; exit 100' }).need('clang');
  assert.equal(status, 1);
  assert.match(stderr, /failed[^]*Not everything could be installed \(log: build\/tools\/install\.log\)\. Missing:\n  - clang 19[^]*As root:\n  apt-get install --no-install-recommends clang-19\n$/);
});

test('without root and without sudo, the command for root is told', () => {
  const { status, stderr } = machine({ id: says('1000'), 'apt-get': 'exit 1' }).need('cmake', 'ninja');
  assert.equal(status, 1);
  assert.match(stderr, /^Neither root nor sudo[^]*As root:\n  apt-get install --no-install-recommends cmake ninja-build\n$/);
});

test('sudo is used where it works', () => {
  const made = machine({ id: says('1000'), sudo: 'case $1 in -n) exit 0 ;; esac; "$@"' });
  const apt = aptGet({ cmake: `printf '#!/bin/sh\\necho cmake version 3.25.1\\n' >${made.bin}/cmake; chmod +x ${made.bin}/cmake` });
  writeFileSync(join(made.bin, 'apt-get'), `#!/bin/sh\n${apt}\n`);
  chmodSync(join(made.bin, 'apt-get'), 0o755);
  assert.equal(made.need('cmake').status, 0);
});

test('a name it does not know is the mistake of its caller', () => {
  const { status, stderr } = machine().need('clang', 'gcc');
  assert.equal(status, 2);
  assert.equal(stderr, ".ci/need knows no 'gcc'\n");
});
