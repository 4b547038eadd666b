// node tests/mutants/run.js [--only N,N-N...] [--sample N] [--host | --wasm | --both] [--list]
//
// Breaks the heap on purpose, one fault of list.js at a time, and runs the tests: on this machine, and if they see nothing, of the built
// memory.wasm in Node. A fault that no test sees is a hole in the tests, unless the list says why nobody could see it. Each build has all the faults;
// its number says which is on. --host and --wasm run the tests of one side only, --both of both sides for each fault; --sample takes every
// so manieth fault.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutants } from './list.js';
import { mutate } from './mutate.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tree = join(root, 'build/mutants');
const kHeader = fileURLToPath(new URL('mutant.h', import.meta.url));
const kPatience = 20; // seconds of CPU time for one program of tests: a heap that hangs is seen
const kSentinel = 0x5eed0000; // in mutant.h

const { values } = parseArgs({
  options: {
    only: { type: 'string' }, sample: { type: 'string' }, host: { type: 'boolean' }, wasm: { type: 'boolean' }, both: { type: 'boolean' }, list: { type: 'boolean' },
  },
});

/** A copy of the project whose src/ has all the faults. What is as before keeps its time, so that little is built again. */
function plant() {
  const faulty = mutate(join(root, 'src'), mutants);
  mkdirSync(tree, { recursive: true });
  for (const name of ['CMakeLists.txt', 'CMakePresets.json', 'package.json', 'cmake', 'docs', 'include', 'tests', 'js', 'tools'].filter((each) => existsSync(join(root, each)))) {
    rmSync(join(tree, name), { recursive: true, force: true });
    cpSync(join(root, name), join(tree, name), { recursive: true, preserveTimestamps: true });
  }
  cpSync(join(root, 'src'), join(tree, 'src'), { recursive: true, preserveTimestamps: true, filter: (source) => !faulty.has(relative(join(root, 'src'), source)) });
  for (const [file, text] of faulty) writeIfChanged(join(tree, 'src', file), `#include "${kHeader}"\n${text}`);
  if (!existsSync(join(tree, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
}

function writeIfChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

const run = (tool, ...options) => execFileSync(tool, options, { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] });

/**
 * Runs one program of tests. Whether it succeeds, what it printed and how long it took.
 * @param {{ program: string, options: string[] }} test
 */
function runTest({ program, options }, environment = {}) {
  const began = performance.now();
  const { status, stdout } = spawnSync('sh', ['-c', `ulimit -t ${kPatience}; exec "$0" "$@"`, program, ...options],
    { cwd: tree, env: { ...process.env, ...environment }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return { succeeds: status === 0, stdout, duration: performance.now() - began };
}

/** The tests on this machine, built. @returns {{ name: string, program: string, options: string[] }[]} */
function buildForHost() {
  run('cmake', '-S', '.', '-B', 'host', '-G', 'Ninja', '-DCMAKE_CXX_FLAGS=-O1 -w');
  run('ninja', '-C', 'host', '-j2');
  const tests = readdirSync(join(tree, 'host/tests')).filter((name) => /_test$/.test(name)).map((name) => ({ name, options: ['--gtest_brief=1', '--gtest_fail_fast'] }));
  return [...tests, { name: 'seeded', options: ['--operations', '100000'] }].map((test) => ({ ...test, program: join(tree, 'host/tests', test.name) }));
}

/** memory.wasm, and dist/ around it. Returns the bytes of the file. */
function buildForWasm() {
  run('cmake', '-S', '.', '-B', 'wasm', '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release', `-DCMAKE_TOOLCHAIN_FILE=${join(tree, 'src/wasm/toolchain.cmake')}`,
    '-DCMAKE_CXX_FLAGS_RELEASE=-O2', '-DCMAKE_C_FLAGS_RELEASE=-O2', '-DCMAKE_CXX_FLAGS=-w');
  run('ninja', '-C', 'wasm', '-j2', 'memory');
  cpSync(join(root, 'dist'), join(tree, 'dist'), { recursive: true });
  const find = (name) => execFileSync('find', [join(tree, 'wasm'), '-name', name], { encoding: 'utf8' }).trim().split('\n')[0];
  return readFileSync(find('memory.wasm'));
}

/** A number as WebAssembly has it after i32.const. All of these have five bytes. */
const leb = (value) => Buffer.from([0, 7, 14, 21, 28].map((shift, i) => (i < 4 ? 128 : 0) | ((value >> shift) & 127)));

/** The same module with another fault on. */
function withMutant(bytes, number) {
  const at = bytes.indexOf(leb(kSentinel));
  if (at < 0 || bytes.indexOf(leb(kSentinel), at + 1) >= 0) throw new Error('the number of the mutant is not found once in memory.wasm');
  const changed = Buffer.from(bytes);
  leb(kSentinel + number).copy(changed, at);
  return changed;
}

/** The tests on this machine, the quickest first. All of them succeed without a fault. */
function quickestFirst(tests) {
  const timed = tests.map((test) => ({ test, ...runTest(test) }));
  for (const { test, succeeds } of timed) if (!succeeds) throw new Error(`${test.name} fails without any fault`);
  return timed.sort((a, b) => a.duration - b.duration).map(({ test }) => test);
}

/** The name of the first test on this machine that fails, if one does. */
const killedOnHost = (tests, number) => tests.find((test) => !runTest(test, { MUTANT: String(number) }).succeeds)?.name;

/** The same with memory.wasm. */
function killedInWasm(bytes, number) {
  writeFileSync(join(tree, 'dist/memory.wasm'), withMutant(bytes, number));
  const options = ['--test-reporter', './tests/mutants/first-failure.mjs', 'tests/mutants/in-wasm.js'];
  const { succeeds, stdout } = runTest({ program: process.execPath, options }, { REUSE_TEST_PROGRAMS: 'yes' });
  return succeeds ? undefined : stdout || 'hangs, or can not be loaded';
}

/** The numbers of the mutants that were asked for. */
function chosen() {
  const all = mutants.map((_, i) => i + 1);
  const ranges = values.only?.split(',').map((range) => range.split('-').map(Number));
  const step = Number(values.sample ?? 1);
  return all.filter((number) => (ranges ? ranges.some(([first, last = first]) => number >= first && number <= last) : number % step === 0));
}

/** Judges one mutant. @returns {{ outcome: 'killed' | 'equivalent' | 'survived', by: string }} */
function judge(number, tests, bytes) {
  const host = tests && killedOnHost(tests, number);
  const wasm = bytes && (values.both || !host) ? killedInWasm(bytes, number) : undefined;
  const by = [host && `host: ${host}`, wasm && `wasm: ${wasm}`].filter(Boolean).join(', ');
  return { outcome: by ? 'killed' : mutants[number - 1].equivalent ? 'equivalent' : 'survived', by };
}

function list() {
  mutants.forEach(({ file, fault, equivalent }, i) => console.log(`${i + 1}  ${file}: ${fault}${equivalent ? ` (equivalent: ${equivalent})` : ''}`));
}

function main() {
  plant();
  const tests = values.wasm ? undefined : quickestFirst(buildForHost());
  const bytes = values.host ? undefined : buildForWasm();
  const failed = bytes && killedInWasm(bytes, 0);
  if (failed) throw new Error(`without any fault: ${failed}`);

  const counts = { killed: 0, equivalent: 0, survived: 0 };
  for (const number of chosen()) {
    const { file, fault, equivalent } = mutants[number - 1];
    const { outcome, by } = judge(number, tests, bytes);
    counts[outcome]++;
    console.log(`${String(number).padStart(3)} ${outcome.padEnd(10)} ${file}: ${fault}  [${by || '-'}]`);
    if (outcome === 'killed' && equivalent) console.log(`    but the list says that it is equivalent: ${equivalent}`);
  }
  console.log(`${counts.killed} killed, ${counts.equivalent} equivalent, ${counts.survived} survived`);
  process.exitCode = counts.survived ? 1 : 0;
}

if (values.list) list();
else main();
