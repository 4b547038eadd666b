// The rules of js/README.md: who may import whom, and what belongs to a struct field type, a link mode and a feature file. Each failure names the file.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kScalars } from '../../js/toolkit/scalars.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file) => readFileSync(join(root, file), 'utf8');

/** The rooms in the order of the README's table: the names in the first column, whose rows with several names stand on one step. */
const kSteps = [...read('js/README.md').matchAll(/^\| (`[^|]*) \|/gm)].map(([, names]) => [...names.matchAll(/`([\w./-]+)`/g)].map(([, name]) => name));
const kFiles = readdirSync(join(root, 'js'), { recursive: true }).filter((file) => file.endsWith('.js'));
const roomOf = (file) => (file.includes('/') ? `${file.split('/')[0]}/` : file);
const stepOf = (file) => kSteps.findIndex((names) => names.includes(roomOf(file)));

/** What memory.js and the files that it loads later lend each other, and its version: these may be named from everywhere. */
const kLent = ['core.js', 'features.js', 'version.js'];

test('every room is in js/README.md', () => {
  for (const file of kFiles) assert.ok(kLent.includes(file) || stepOf(file) >= 0, `js/README.md has no row for ${roomOf(file)}, where js/${file} is`);
});

test('files import from their own room and from those below', () => {
  for (const file of kFiles.filter((name) => !kLent.includes(name))) {
    for (const [, path] of read(`js/${file}`).matchAll(/^(?:import|export)\b[^';]*? from '(\.[^']+)'/gm)) {
      const target = relative(join(root, 'js'), join(root, 'js', dirname(file), path));
      assert.ok(existsSync(join(root, 'js', target)), `js/${file} imports js/${target}, which is not there`);
      assert.ok(kLent.includes(target) || stepOf(target) >= stepOf(file), `js/${file} imports js/${target}, which is above it`);
    }
  }
});

test('a struct field type is in the scalars, in their type, in the docs and in the test of layouts', () => {
  const places = { 'js/toolkit/scalars.js': /@typedef \{([^}]*)\} ScalarType/, 'docs/javascript.md': /\n\| type \| in C \|[^]*?\n\n/, 'tests/js/struct-layout.test.js': /const kTypes = \{([^}]*)\}/ };
  for (const [file, part] of Object.entries(places)) {
    const [found = ''] = part.exec(read(file)) ?? [];
    for (const name of Object.keys(kScalars)) assert.ok(new RegExp(`\\b${name}\\b`).test(found), `${file} does not have the field type '${name}' of js/toolkit/scalars.js`);
  }
});

test('a link mode is a file, an option, a line of the table of linkers, and in the docs', () => {
  const files = kFiles.map((file) => /^load\/link-(\w+)\.js$/.exec(file)?.[1]).filter((mode) => mode && mode !== 'own'); // nobody asks for that one
  const options = [...(/const kLinks = \[(.*)\]/.exec(read('js/load/options.js'))?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, mode]) => mode);
  assert.deepEqual(new Set(options), new Set(['auto', ...files]), 'kLinks of js/load/options.js has other modes than the files js/load/link-*.js');
  for (const mode of files) {
    assert.match(read('js/load/load.js'), new RegExp(`^  ${mode}: `, 'm'), `kLinkers of js/load/load.js has no '${mode}'`);
    for (const file of ['docs/javascript.md', 'docs/contract.md']) assert.ok(read(file).includes(`\`'${mode}'\``), `${file} does not have the link mode '${mode}'`);
    assert.match(read('tests/e2e/scenarios/load.js'), new RegExp(`kModes = .*'${mode}'`), `kModes of tests/e2e/scenarios/load.js has no '${mode}'`);
  }
});

test('what js/features.js loads later is bundled by tools/build.mjs under the same name', () => {
  const asked = [...read('js/features.js').matchAll(/later\('([\w.]+)', '\w+', \(\) => import\('\.\/([^']+)'\)\)/g)].map(([, name, module]) => `${name}: ${module}`);
  const bundled = [...(/kFeatureFiles = \{([^}]*)\}/.exec(read('tools/build.mjs'))?.[1] ?? '').matchAll(/'([\w.]+)': '([^']+)'/g)].map(([, name, module]) => `${name}: ${module}`);
  assert.ok(asked.length > 3);
  assert.deepEqual(asked.sort(), bundled.sort(), 'js/features.js and kFeatureFiles of tools/build.mjs differ');
});
