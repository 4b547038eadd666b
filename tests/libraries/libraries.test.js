// Libraries that nobody here wrote do their job in every way that they can be linked, and print what they print with wasi-libc's malloc. Here are
// those that build quickly; `node tests/libraries/run.js` has all.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildLibrary } from './build.js';
import { kLibraries } from './list.js';
import { measure } from './measure.js';

/** A line of what each prints, so that all of them being wrong in the same way is seen. */
const kQuick = {
  cjson: /^sum 49997500\.00, 13333 items left, /m,
  stb: /^png: .*, read back 640 x 480, hash 1fc4f579$/m,
  lua: /^sum of primes\t121013308$/m,
};

for (const [name, line] of Object.entries(kQuick)) {
  test(name, async () => {
    const results = await measure(await buildLibrary(kLibraries.find((library) => library.name === name)));
    const { text } = results['wasi-libc'];
    assert.match(text, line);
    for (const [way, result] of Object.entries(results)) assert.equal(result.text, text, way);
  });
}

test('the docs have a row for each library', () => {
  const page = readFileSync(new URL('../../docs/libraries.md', import.meta.url), 'utf8');
  for (const { name } of kLibraries) assert.match(page, new RegExp(`^\\| ${name} \\| the same \\|`, 'm'));
});
