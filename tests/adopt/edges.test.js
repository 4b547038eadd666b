// Adopted programs at the edges: memory that runs out, errno, memory from sbrk, a second program on the same memory, long runs, other threads.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { adopt, inWords } from '../../js/adopt/index.js';
import { kDist } from '../toolchain/llvm.js';
import { built, exported, heap, started, stubs } from './build.js';

const folder = mkdtempSync(join(tmpdir(), 'memory-wasm-adopt-'));
after(() => rmSync(folder, { recursive: true }));

/** A program, adopted: replaced, or the test fails with the reasons. */
function replaced(bytes) {
  const adopted = adopt(bytes, heap(), { hooks: 'never' });
  assert.equal(adopted.mode, 'replaced', inWords(adopted));
  return adopted.bytes;
}

const kTooLarge = 0xfffff000 | 0;

for (const level of ['-O0', '-O2', '-Oz']) {
  const bytes = built('limits', level, [level, '-Wl,--max-memory=16777216']);
  test(`${level}: memory that runs out, errno, and sbrk beside malloc are as before`, () => {
    const [before, program] = [bytes, replaced(bytes)].map(started);
    assert.equal(program.failures(kTooLarge), before.failures(kTooLarge));
    assert.equal(before.failures(kTooLarge) % 100, 48, 'ENOMEM');
    assert.equal(program.beside(200), 1);
    for (const size of [300, 5000, 100000]) assert.equal(program.exhaust(size), 1, `blocks of ${size}`);
    assert.equal(program['memory.wasm/heap_check'](), 0);
  });
}

test('a malloc that gets memory through a pointer to a function is tried with that function', () => {
  const bytes = built('arena', 'table', ['-O2']);
  const { mode, reasons } = adopt(bytes, heap(), { hooks: 'never' });
  assert.equal(mode, 'none');
  assert.match(reasons.join(), /its malloc works, but it is not dlmalloc/);
  const hooked = adopt(bytes, heap(), { hooks: 'refused' });
  assert.equal(hooked.mode, 'hooked');
});

test('a malloc that traps when it is used more is a reason, not an error', () => {
  const { mode, reasons } = adopt(built('arena', 'traps', ['-O2', '-DTRAPS']), heap(), { hooks: 'never' });
  assert.equal(mode, 'none');
  assert.match(reasons.join(), /malloc \(func\[\d+\]\) behaves as malloc when it is tried a few times, and traps when it is used more/);
});

test('a long run', () => {
  const bytes = built('churn', 'O2', ['-O2', ...exported]);
  const program = started(replaced(bytes));
  assert.equal(program.run(7, 60_000), started(bytes).run(7, 60_000));
  const pages = program.memory.buffer.byteLength;
  for (let seed = 1; seed <= 3; seed++) assert.equal(program.run(seed, 20_000), started(bytes).run(seed, 20_000));
  assert.ok(program.memory.buffer.byteLength <= 1.2 * pages, 'the memory does not grow from run to run');
  assert.equal(program['memory.wasm/heap_check'](), 0);
  assert.equal(program['memory.wasm/heap_in_use'](), 0);
});

test('a second adopted program on the same memory: each has a heap, and they keep apart', () => {
  const one = built('churn', 'first', ['-O2', ...exported]);
  const two = built('churn', 'second', ['-O2', ...exported, '-Wl,--import-memory', '-Wl,--global-base=1048576']);
  const first = started(replaced(one));
  first.memory.grow(32); // for the data and the stack of the second, which starts at 1 MiB
  const module = new WebAssembly.Module(replaced(two));
  const { exports: second } = new WebAssembly.Instance(module, { ...stubs(module), env: { memory: first.memory } });
  second._initialize?.();
  const before = started(one);
  for (const seed of [1, 2, 3]) {
    assert.equal(first.run(seed, 2000), before.run(seed, 2000));
    assert.equal(second.run(seed, 2000), before.run(seed, 2000));
  }
  for (const program of [first, second]) assert.equal(program['memory.wasm/heap_check'](), 0);
});

const app = `
import { readFileSync } from 'node:fs';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
const imports = (module) => Object.fromEntries(WebAssembly.Module.imports(module).map(({ module: from }) => [from, new Proxy({}, { get: () => () => 0 })]));
const work = (module) => { const { exports } = new WebAssembly.Instance(module, imports(module)); exports._initialize?.(); return exports.work(25); };
if (isMainThread) {
  const bytes = readFileSync(process.argv[2]), module = new WebAssembly.Module(bytes);
  const worker = new Worker(new URL(import.meta.url), { workerData: { module, bytes } });
  worker.on('message', (done) => console.log(work(module), ...done));
} else parentPort.postMessage([work(workerData.module), work(new WebAssembly.Module(workerData.bytes))]);
`;

test('a Worker: a module that comes from another thread runs as it is, one that is compiled there is adopted, too', () => {
  const [file, program] = [join(folder, 'app.mjs'), join(folder, 'leak.wasm')];
  writeFileSync(program, built('leak', 'O0', ['-O0']));
  writeFileSync(file, app);
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', pathToFileURL(join(kDist, 'memory.watch.js')).href, file, program], { encoding: 'utf8' });
  assert.equal(stdout, '25 25 25\n', stderr);
  assert.equal(stderr.match(/memory\.wasm is in the place of its dlmalloc/g)?.length, 2, stderr);
  assert.equal(stderr.match(/1,000 bytes in 25 blocks are in use/g)?.length, 2, stderr);
});
