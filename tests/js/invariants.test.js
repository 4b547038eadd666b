// The texts of the invariants are written twice: in src/check.h for C++, in js/invariants.js for JavaScript.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { textOfInvariant } from '../../js/invariants.js';

const source = readFileSync(new URL('../../src/check.h', import.meta.url), 'utf8');
const numbers = Object.fromEntries([...source.matchAll(/^ +(k\w+) = (\d+),$/gm)].map(([, name, number]) => [name, Number(number)]));
const texts = [...source.matchAll(/case Invariant::(k\w+): return "([^"]*)";/g)];

test('every invariant of src/check.h has the same text in JavaScript', () => {
  assert.ok(texts.length > 5);
  assert.equal(texts.length, Object.keys(numbers).length);
  for (const [, name, text] of texts) assert.equal(textOfInvariant(numbers[name]), `invariant ${numbers[name]}: ${text}`);
});

test('a number that is unknown', () => {
  assert.match(textOfInvariant(texts.length), /unknown to this version/);
});
