// node tests/conformance/table.js [--write]: the clauses that are tested, as the table in docs/conformance.md; --write puts it there.

import { readFileSync, writeFileSync } from 'node:fs';
import { kLinkedOnly, linked } from './programs.js';

const kFile = new URL('../../docs/conformance.md', import.meta.url);
const kBegin = '<!-- clauses: written by node tests/conformance/table.js --write -->\n';
const kEnd = '<!-- end of clauses -->';

/** A text as Markdown shows it: `operator new[](size)` is no link. @param {string} text */
const escaped = (text) => text.replaceAll('](', '\\](');

/** The table, as it should be. */
export async function table() {
  const programs = await Promise.all(['c', 'cpp', ...kLinkedOnly].map(linked));
  const rows = programs.flatMap(({ clauses }) => clauses.map(({ where, says }) => `| ${where} | ${escaped(says)} |`));
  return ['| clause | what is tested |', '|---|---|', ...rows, ''].join('\n');
}

/** The document around its table. */
function written() {
  const text = readFileSync(kFile, 'utf8');
  const begin = text.indexOf(kBegin) + kBegin.length, end = text.indexOf(kEnd);
  return { before: text.slice(0, begin), table: text.slice(begin, end), after: text.slice(end) };
}

/** The table, as the document has it. */
export const writtenTable = () => written().table;

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { before, after } = written();
  if (process.argv[2] === '--write') writeFileSync(kFile, before + (await table()) + after);
  else console.log(await table());
}
