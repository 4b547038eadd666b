// memory64.wasm: random operations against a model, the scenarios, and the command. Run by ../newest.test.js.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect, link } from '../../../js/cli/index.js';
import { makeContext } from '../../e2e/context.js';
import memory64 from '../../e2e/scenarios/memory64.js';
import { startServer } from '../../e2e/server.js';
import { buildPrograms } from '../../wasm/seeded-programs.js';
import { digests, digestWhenMoved, newWorld } from '../../wasm/seeded-world.js';

const root = new URL('../../../', import.meta.url);
const path = (file) => fileURLToPath(new URL(file, root));
const api = await import('../../../js/index.js');
const server = await startServer();
after(server.stop);

for (const link of ['auto', 'merge']) {
  for (const [name, run] of memory64) test(`${name}, link '${link}'`, () => run(makeContext(api, server.address, 'dist/memory.wasm', link)));
}

const kOperations = 100_000;
const programs = buildPrograms({ wide: true });
const seed = Math.floor(Math.random() * 1e9);

for (const [kind, program] of Object.entries(programs)) {
  test(`${kOperations} random operations on ${kind}, seeds from ${seed}`, () => {
    for (const { seed: at, digest } of digests(program, seed, kOperations)) assert.match(digest, /^[0-9a-f]{16}$/, `seed ${at}`);
  });
}

test('a heap that is restored into another memory again and again goes on as if nothing had happened', () => {
  const history = BigInt(seed), operations = 8_000, every = 1_000;
  const world = newWorld(programs.memory64, history);
  let digest = world.run(history, BigInt(every), 1);
  for (let done = every; done < operations; done += every) digest = world.go_on(BigInt(every), 1);
  assert.equal(digestWhenMoved(programs.memory64, history, operations, every), digest);
});

test('a product of 2^64 bytes or more is refused', () => {
  const memory = new WebAssembly.Memory({ initial: 1n, address: 'i64' });
  const { calloc, reallocarray, heap_check } = new WebAssembly.Instance(programs.memory64.heapModule, { env: { memory } }).exports;
  for (const [count, size] of [[2n ** 32n, 2n ** 32n], [2n ** 33n, 2n ** 31n], [2n ** 63n, 2n], [3n, 2n ** 63n], [2n ** 40n, 2n ** 23n]]) {
    assert.deepEqual([calloc(count, size), reallocarray(0n, count, size)], [0n, 0n], `${count} * ${size}`);
  }
  assert.notEqual(calloc(2n ** 33n, 0n), 0n);
  assert.equal(heap_check(), 0);
});

test('the command links a 64-bit program, and says which heap it needs', async () => {
  const program = path('build/e2e/record64.wasm'), heap = path('dist/memory64.wasm');
  const { bytes, resolved } = await link(program, { heap, exports: ['heap_check'] });
  assert.ok(resolved.includes('env.malloc'));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  assert.equal(exports.sumOfBlock(1000), 499500);
  assert.equal(exports.heap_check(), 0);
  const optimized = await link(program, { heap, optimize: true });
  assert.equal(new WebAssembly.Instance(new WebAssembly.Module(optimized.bytes)).exports.sumOfBlock(1000), 499500);
  assert.deepEqual((await inspect(program, { heap })).modes, ['merge', 'direct', 'table', 'trampoline']);
  const { findings } = await inspect(program, { heap: path('dist/memory.wasm') });
  assert.match(findings[0].cure, /--heap memory64/);
  await assert.rejects(link(program, { heap: readFileSync(path('dist/memory.wasm')) }), /record64\.wasm has 64-bit addresses: .* is for 32-bit ones/);
});
