// The small examples, built and run by their own scripts: what they print is what they are there to show.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

const kWords = 'words: 10, "dog": 2, "cat": 0';

/** @type {Record<string, (string | RegExp)[]>} */
const kPrinted = {
  // Nothing in use at the end: the global object was constructed once, not once per call.
  cpp: [
    /^in use after the constructor: [1-9]\d* bytes$/,
    /^mean of 1000 samples: 500\.5, in use: 8\d\d\d bytes$/,
    "a cache line's address modulo 64: 0",
    'in use at the end: 0 bytes',
  ],
  'cpp-containers': ['linked in, imports: 0', kWords, ...['merge', 'direct', 'table', 'trampoline'].flatMap((link) => [`loaded: ${link}`, kWords])],
  rust: [
    'different squares: 505',
    'misalignment of a block aligned to 256: 0',
    'hello hello hello',
    'in use more than before: 0 bytes',
    'the heap is sound: true',
  ],
  static: ['imports: 0', 'no evil'],
  wat: [/^in use: [1-9]\d* bytes$/, 'popped: 3 2 1', 'in use: 0 bytes'],
};

for (const [name, lines] of Object.entries(kPrinted)) {
  test(`examples/${name}`, () => {
    const printed = execFileSync(`${examples}/${name}/run`, { encoding: 'utf8', cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
    const found = printed.trimEnd().split('\n');
    assert.equal(found.length, lines.length, printed);
    lines.forEach((line, index) => (line instanceof RegExp ? assert.match(found[index], line) : assert.equal(found[index], line)));
  });
}

test('every example is tested', () => {
  const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(folders.sort(), [...Object.keys(kPrinted), 'record'].sort());
});
