// The libraries, in every way that they can be linked: `node tests/libraries/run.js [--write] [NAME...]` prints the table, and with --write
// puts it into docs/libraries.md. All of them take some minutes, the first time.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kRoot } from '../toolchain/llvm.js';
import { buildLibrary } from './build.js';
import { kLibraries } from './list.js';
import { kModes, measure } from './measure.js';

const kPage = join(kRoot, 'docs/libraries.md');
const kRounds = 2;

/** A row: what each way took, over wasi-libc's malloc. @param {string} name @param {Awaited<ReturnType<typeof measure>>} results */
function row(name, results) {
  const { text, milliseconds } = results['wasi-libc'];
  const different = Object.entries(results).filter(([, result]) => result.text !== text).map(([way]) => way);
  const ratio = (way) => (results[way].milliseconds / milliseconds).toFixed(2);
  const cells = [name, different.length ? `differs: ${different}` : 'the same', milliseconds.toFixed(0), ...['static', ...kModes].map(ratio), results['wasi-libc'].pages, results.static.pages, results.direct.pages];
  return { different, text: `| ${cells.join(' | ')} |` };
}

const kHead = `| library | output | wasi-libc, ms | linked in | ${kModes.join(' | ')} | pages, wasi-libc | linked in | loaded |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|`;

const { values, positionals } = parseArgs({ options: { write: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !kLibraries.some((library) => library.name === name));
if (unknown.length) throw new Error(`there is no library ${unknown.join(', ')}; there are ${kLibraries.map(({ name }) => name).join(', ')}`);
const rows = [];
for (const library of kLibraries.filter(({ name }) => !positionals.length || positionals.includes(name))) {
  rows.push(row(library.name, await measure(await buildLibrary(library), kRounds)));
  console.error(rows.at(-1).text);
}
const table = `${kHead}\n${rows.map(({ text }) => text).join('\n')}`;
console.log(table);
if (values.write) writeFileSync(kPage, readFileSync(kPage, 'utf8').replace(/(<!-- libraries.*-->\n)[^]*?(<!-- end of libraries -->)/, `$1${table}\n$2`));
process.exitCode = rows.some(({ different }) => different.length) ? 1 : 0;
