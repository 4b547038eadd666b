// The specification's scripts that touch memory, instrumented in every mode that this engine can run: each command comes to what it comes to
// otherwise. And random modules, for some seconds. All scripts, and more modules: npm run test:merge:long, npm run fuzz:merge.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { debianSource } from '../merge/long/packages.js';
import { run, translate } from '../merge/long/script.js';
import { hasSecondMemory } from '../../js/check/runtime.js';
import { checked } from './through.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kModes = /** @type {const} */ (hasSecondMemory() ? ['call', 'inline', 'import'] : ['import']);
const kTouches = /\b(i32|i64|f32|f64|v128)\.(load|store|atomic)|memory\.(copy|fill|init|grow)/;

const specification = join(debianSource('binaryen'), 'test', 'spec');
const scripts = readdirSync(specification).filter((name) => name.endsWith('.wast') && kTouches.test(readFileSync(join(specification, name), 'utf8')));
const translated = scripts.map((name) => ({ name, script: translate(join(specification, name)) })).filter(({ script }) => script);

test('there are scripts', () => assert.ok(translated.length >= 25, `${translated.length} of ${scripts.length}`));

for (const { name, script } of translated) {
  test(name, () => {
    const expected = run(script, (bytes) => bytes);
    for (const mode of kModes) {
      const through = (bytes) => (WebAssembly.validate(bytes) ? checked(bytes, { mode, contexts: true, uninitialized: true }) : bytes);
      assert.deepEqual(run(script, through), expected, mode);
    }
  });
}

test('random modules, checked and merged', () => {
  const printed = execFileSync(process.execPath, [join(root, 'tests/merge/fuzz.js'), '--minutes', '0.1'], { encoding: 'utf8' });
  assert.ok(JSON.parse(printed.slice(printed.lastIndexOf('{'))).checked >= 2, printed);
});
