// The short form of the attacks; `node tests/attacks/run.js` prints them all, `node tests/attacks/tamper.js` tampers with more words. What succeeds
// and what fails is in docs/SECURITY.md.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kAttacks } from './attacks.js';
import { documented, measured } from './misuse.js';
import { attempt } from './run.js';
import { tamper } from './tamper.js';
import { isCorrupt } from './world.js';

/** What the heap can't see: a pointer that is valid again. */
const kOpen = [
  'a slot freed again after it was handed out again',
  'a chunk freed again after it was handed out again',
  'a block moved by realloc after it was freed and handed out again',
];

for (const [name, attack] of Object.entries(kAttacks))
  test(name, () => {
    const result = attempt(attack);
    assert.equal(isCorrupt(result), kOpen.includes(name), result.what ?? result.outcome);
  });

test('each attack that succeeds is one of these', () => {
  for (const name of kOpen) assert.ok(Object.hasOwn(kAttacks, name), name);
});

test('words of the metadata overwritten, one at a time: no harm', async () => {
  const seed = Math.floor(Math.random() * 1e6);
  const results = await tamper({ words: '1', trials: 300, seed });
  assert.ok(results.some(({ outcome }) => outcome === 'trap'));
  assert.deepEqual(results.filter(isCorrupt), [], `seed ${seed}`);
});

test('docs/SECURITY.md says what each kind of misuse does, as measured', () => {
  const cell = documented(readFileSync(new URL('../../docs/SECURITY.md', import.meta.url), 'utf8'));
  const variants = ['memory.wasm', 'memory.small.wasm'];
  for (const [row, ...effects] of measured(variants)) effects.forEach((effect, i) => assert.equal(cell(row, variants[i]), effect, `${variants[i]}: ${row}`));
});
