// The texts of the invariants are written twice: in src/check.h for C++, in docs/javascript.md for those who read a number.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (/** @type {string} */ file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const source = read('src/check.h');
const numbers = Object.fromEntries([...source.matchAll(/^ +(k\w+) = (\d+),$/gm)].map(([, name, number]) => [name, Number(number)]));
const texts = [...source.matchAll(/case Invariant::(k\w+): return "([^"]*)";/g)];

test('every invariant of src/check.h has the same number and text in the docs', () => {
  assert.ok(texts.length > 5);
  assert.equal(texts.length, Object.keys(numbers).length);
  const broken = texts.filter(([, name]) => numbers[name] !== 0).map(([, name, text]) => `| ${numbers[name]} | ${text} |`);
  const [, documented] = read('docs/javascript.md').split('## Invariants');
  assert.deepEqual([...documented.matchAll(/^\| \d+ \|.*$/gm)].map(([row]) => row), broken);
});
