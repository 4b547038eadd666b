// Random operations against a model, on what ships. `node tests/wasm/seeded.js --operations N --seed S` runs more of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildPrograms } from './seeded-programs.js';
import { digests, digestWhenMoved, newWorld } from './seeded-world.js';

const kOperations = 150_000;
const programs = buildPrograms();
const seed = Math.floor(Math.random() * 1e9);

for (const [kind, file] of Object.entries({ direct: 'memory.wasm', static: 'libmemory.a', small: 'memory.small.wasm', 'small static': 'libmemory-small.a', shared: 'memory.shared.wasm' })) {
  test(`${kOperations} random operations on ${file}, seeds from ${seed}`, () => {
    for (const { seed: at, digest } of digests(programs[kind], seed, kOperations)) assert.match(digest, /^[0-9a-f]{16}$/, `seed ${at}`);
  });
}

test('the same seed does the same again, another one does something else', () => {
  const [first, second] = digests(programs.direct, 1, 51_000);
  assert.deepEqual([...digests(programs.direct, 1, 50_000)], [first]);
  assert.notEqual(first.digest, second.digest);
});

// go_on adds to the digest where it ends, so both worlds must stop at the same operations.
test('a heap that is restored into another memory again and again goes on as if nothing had happened', () => {
  const history = BigInt(seed), operations = 8_000, every = 1_000;
  const world = newWorld(programs.direct, history);
  let digest = world.run(history, BigInt(every), 1);
  for (let done = every; done < operations; done += every) digest = world.go_on(BigInt(every), 1);
  assert.equal(digestWhenMoved(programs.direct, history, operations, every), digest);
});

test('a memory that ends at 4 GiB', () => {
  newWorld(programs.direct, BigInt(seed), { last: true }).run(BigInt(seed), 10_000n, 1);
});
