// node tests/mutants/run.js [--only N,N...] [--sample N] [--host | --wasm] [--list]
//
// Breaks the heap on purpose, one fault of list.js at a time, and runs the tests: on this machine, and of the built memory.wasm in Node. A
// fault that no test sees is a hole in the tests, unless the list says why nobody could see it. --host leaves out WebAssembly, --wasm this machine;
// --sample takes every so manieth fault.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutants } from './list.js';
import { mutate } from './mutate.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tree = join(root, 'build/mutants');
const kHeader = fileURLToPath(new URL('mutant.h', import.meta.url));
const kPatience = 120_000; // ms for the tests of one fault: a heap that hangs is seen
const kSentinel = 0x5eed0000; // in mutant.h

const { values } = parseArgs({
  options: { only: { type: 'string' }, sample: { type: 'string' }, host: { type: 'boolean' }, wasm: { type: 'boolean' }, list: { type: 'boolean' } },
});

/** A copy of the project whose src/ has all the faults. */
function plant() {
  mkdirSync(tree, { recursive: true });
  for (const name of ['CMakeLists.txt', 'CMakePresets.json', 'package.json', 'include', 'tests', 'js', 'src', 'tools']) {
    if (!existsSync(join(root, name))) continue;
    rmSync(join(tree, name), { recursive: true, force: true });
    cpSync(join(root, name), join(tree, name), { recursive: true, preserveTimestamps: true });
  }
  for (const [file, text] of mutate(join(root, 'src'), mutants)) writeFileSync(join(tree, 'src', file), `#include "${kHeader}"\n${text}`);
  if (!existsSync(join(tree, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
}

const run = (tool, ...options) => execFileSync(tool, options, { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] });

/** The tests on this machine. Returns their executables, the quickest first. */
function buildForHost() {
  run('cmake', '-S', '.', '-B', 'host', '-G', 'Ninja', '-DCMAKE_CXX_FLAGS=-O1 -w');
  run('ninja', '-C', 'host', '-j2');
  const tests = readdirSync(join(tree, 'host/tests')).filter((name) => /_test$/.test(name));
  return [...tests.map((name) => [name, '--gtest_brief=1']), ['seeded', '--operations', '100000']].map(([name, ...options]) => [join(tree, 'host/tests', name), ...options]);
}

/** memory.wasm, and dist/ around it. Returns the bytes of the file. */
function buildForWasm() {
  run('cmake', '-S', '.', '-B', 'wasm', '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release', `-DCMAKE_TOOLCHAIN_FILE=${join(tree, 'src/wasm/toolchain.cmake')}`,
    '-DCMAKE_CXX_FLAGS_RELEASE=-O2', '-DCMAKE_C_FLAGS_RELEASE=-O2', '-DCMAKE_CXX_FLAGS=-w');
  run('ninja', '-C', 'wasm', '-j2', 'memory', 'memory_static');
  cpSync(join(root, 'dist'), join(tree, 'dist'), { recursive: true });
  const find = (name) => execFileSync('find', [join(tree, 'wasm'), '-name', name], { encoding: 'utf8' }).trim().split('\n')[0];
  cpSync(find('libmemory.a'), join(tree, 'dist/libmemory.a'));
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

// The quickest first.
const kWasmTests = ['attacks/attacks', 'wasm/misuse', 'conformance/conformance', 'wasm/memories', 'wasm/seeded'].map((name) => `tests/${name}.test.js`);

/** The name of the first test on this machine that fails, if one does. */
function killedOnHost(tests, number) {
  for (const [program, ...options] of tests) {
    const { status } = spawnSync(program, options, { env: { ...process.env, MUTANT: String(number) }, timeout: kPatience, stdio: 'ignore' });
    if (status !== 0) return program.split('/').at(-1);
  }
}

/** The same with memory.wasm. */
function killedInWasm(bytes, number) {
  writeFileSync(join(tree, 'dist/memory.wasm'), withMutant(bytes, number));
  for (const test of kWasmTests.filter((file) => existsSync(join(tree, file)))) {
    const { status } = spawnSync(process.execPath, ['--test', test], { cwd: tree, timeout: kPatience, stdio: 'ignore', killSignal: 'SIGKILL' });
    if (status !== 0) return test.split('/').at(-1);
  }
}

/** The numbers of the mutants that were asked for. */
function chosen() {
  const all = mutants.map((_, i) => i + 1);
  if (values.only) return values.only.split(',').map(Number);
  const step = Number(values.sample ?? 1);
  return all.filter((number) => number % step === 0);
}

if (values.list) {
  mutants.forEach(({ file, fault, equivalent }, i) => console.log(`${i + 1}  ${file}: ${fault}${equivalent ? ` (equivalent: ${equivalent})` : ''}`));
} else {
  plant();
  const tests = values.wasm ? [] : buildForHost();
  const bytes = values.host ? undefined : buildForWasm();
  const without = killedOnHost(tests, 0) ?? (bytes && killedInWasm(bytes, 0));
  if (without) throw new Error(`${without} fails without any fault`);

  const counts = { killed: 0, equivalent: 0, survived: 0 };
  for (const number of chosen()) {
    const { file, fault, equivalent } = mutants[number - 1];
    const by = values.wasm ? [undefined, killedInWasm(bytes, number)] : [killedOnHost(tests, number), bytes && killedInWasm(bytes, number)];
    const outcome = by.some(Boolean) ? 'killed' : equivalent ? 'equivalent' : 'survived';
    counts[outcome]++;
    const [host, wasm] = by.map((name) => name ?? '-');
    console.log(`${String(number).padStart(3)} ${outcome.padEnd(10)} ${file}: ${fault}  [${bytes ? `host: ${host}, wasm: ${wasm}` : host}]`);
    if (by.some(Boolean) && equivalent) console.log(`    but the list says that it is equivalent: ${equivalent}`);
  }
  console.log(`${counts.killed} killed, ${counts.equivalent} equivalent, ${counts.survived} survived`);
  process.exitCode = counts.survived ? 1 : 0;
}
