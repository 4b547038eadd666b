// What the documentation tells a reader to type is run by some test: commands.js says by which. Blocks marked <!-- run --> are run by
// snippets.test.mjs.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kRunBy } from './commands.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path) => readFileSync(root + path, 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', ...(existsSync(`${root}docs`) ? readdirSync(`${root}docs`).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`) : [])];

/** The commands of a page: lines of its sh blocks, continued lines joined, without comments. */
export const commandsIn = (markdown) =>
  [...markdown.matchAll(/(<!-- run -->\n)?^[ \t]*```sh\n([^]*?)^[ \t]*```/gm)]
    .flatMap(([, runs, block]) => (runs ? '' : block).replace(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, '').replace(/\s+/g, ' ').trim())
    .filter(Boolean);

/** What a file runs. Comments don't count. */
const textOf = (file) =>
  (file === 'tests/run' ? execFileSync(`${root}tests/run`, ['--list'], { encoding: 'utf8' }) : read(file))
    .replace(/^\s*(#|\/\/).*$/gm, '')
    .replace(/npm run --silent/g, 'npm run');

test('commands are found in sh blocks alone', () => {
  const page = 'x\n```sh\na b   # why\n\n# only a comment\nc \\\n  --d\n```\n\n```js\nno\n```\n```sh\ne#f\n```\n<!-- run -->\n```sh\nrun elsewhere\n```\n';
  assert.deepEqual(commandsIn(page), ['a b', 'c --d', 'e#f']);
});

for (const page of pages) {
  test(`${page}: every command is run by a test`, () => {
    const unknown = commandsIn(read(page)).filter((command) => !Object.hasOwn(kRunBy, command));
    assert.deepEqual(unknown, [], 'add a test that runs it, and a line to tests/docs/commands.js');
  });
}

for (const [command, file] of Object.entries(kRunBy)) {
  test(`${file} runs '${command}'`, () => {
    const runs = new RegExp(`(^|[\\s'"\`/])${RegExp.escape?.(command) ?? command.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}($|[\\s'"\`,)])`, 'm');
    // The small examples are run by name: `${examples}/${name}/run`, for the names of a table.
    const [, example] = /^examples\/([\w-]+)\/run$/.exec(command) ?? [];
    const byName = example && file.endsWith('small.test.js') && new RegExp(`^  '?${example}'?: `, 'm').test(read(file));
    assert.ok(byName || runs.test(textOf(file)), `'${command}' does not stand in ${file}`);
  });
}
