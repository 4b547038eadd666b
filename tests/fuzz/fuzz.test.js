// The inputs that the fuzzers found worth keeping: operations, on what ships; programs, for all that reads them. `tests/fuzz/run --time N` looks for
// more.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tryLoad } from './load-inputs.js';
import { mutated, Random } from './module-mutations.js';
import { kTools, tryTool } from './module-tools.js';
import { changedPrototypes } from './prototypes.js';
import { replay } from './replay.js';

const kCorpus = new URL('corpus/', import.meta.url);
const kModules = new URL('modules/', import.meta.url);

for (const name of readdirSync(kCorpus)) test(`operations ${name}`, () => replay(readFileSync(new URL(name, kCorpus))));

const modules = readdirSync(kModules);
const read = (name) => new Uint8Array(readFileSync(new URL(name, kModules)));

for (const name of modules) {
  test(`program ${name}`, async () => {
    for (const tool of Object.keys(kTools)) tryTool(tool, read(name), new Random(0));
    await tryLoad(read(name), new Random(0));
  });
}

test('a changed program is the same one for the same seed, and often still valid', () => {
  const change = (seed) => {
    const random = new Random(seed);
    return mutated(random, read(random.of(modules)), read(random.of(modules)));
  };
  assert.deepEqual(change(7), change(7));
  const valid = Array.from({ length: 300 }, (_, seed) => WebAssembly.validate(change(seed))).filter(Boolean);
  assert.ok(valid.length > 30 && valid.length < 270, `${valid.length} of 300`);
});

test('what reaches a prototype is seen', () => {
  Object.prototype.polluted = 1;
  assert.deepEqual(changedPrototypes(), ['Object.prototype.polluted']);
  delete Object.prototype.polluted;
  assert.deepEqual(changedPrototypes(), []);
});
