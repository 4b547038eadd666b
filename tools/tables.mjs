// Tables that are written once and read in several places. `node tools/tables.mjs` writes them, `--check` says which are out of date:
//
//   js/errors.js          ->  docs/javascript.md (Errors)
//   src/check.h           ->  js/toolkit/invariants.js, docs/javascript.md (Invariants)
//   package.json          ->  js/version.js
//   tests/abi/golden.txt  ->  js/toolkit/exports.js

import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const read = (/** @type {string} */ file) => readFileSync(new URL(file, root), 'utf8');

/** The invariants of src/check.h: [code, name, text]. @returns {[number, string, string][]} */
export function invariants() {
  const source = read('src/check.h');
  const codes = Object.fromEntries([...source.matchAll(/^ +(k\w+) = (\d+),/gm)].map(([, name, code]) => [name, Number(code)]));
  return [...source.matchAll(/case Invariant::(k\w+):\s+return "([^"]*)";/g)]
    .filter(([, name]) => codes[name] !== 0)
    .map(([, name, text]) => [
      codes[name],
      name
        .slice(1)
        .replace(/(?!^)[A-Z]/g, '-$&')
        .toLowerCase(),
      text,
    ]);
}

const kTypes = { i32: 'number', i64: 'bigint', f32: 'number', f64: 'number', nil: 'void' };

/** What memory.wasm exports, as types: [name, type]. @returns {[string, string][]} */
export function heapExports() {
  const functions = [...read('tests/abi/golden.txt').matchAll(/^export func (\w+) \(([\w, ]*)\) -> (\w+)$/gm)].map(([, name, parameters, result]) => {
    const names = parameters
      .split(', ')
      .filter(Boolean)
      .map((type, index) => `${'abcdef'[index]}: ${kTypes[type]}`);
    return /** @type {[string, string]} */ ([name, `(${names.join(', ')}) => ${kTypes[result]}`]);
  });
  return [...functions, ['__indirect_function_table', 'WebAssembly.Table']];
}

/** The errors, as a table in the comment of js/errors.js: a row for each. */
export const errorRows = () => [...read('js/errors.js').matchAll(/^ \* (\| `\w+` \|.*\|)$/gm)].map(([, row]) => row);

const lines = (/** @type {string[]} */ rows) => rows.map((row) => `${row}\n`).join('');
const quoted = (/** @type {string} */ text) => (text.includes("'") ? JSON.stringify(text) : `'${text}'`);

/** Where each table stands: a file, the lines around it, and what belongs between them. */
const kTables = [
  {
    file: 'js/toolkit/invariants.js',
    begin: '  // from src/check.h, by tools/tables.mjs\n',
    end: '};\n',
    content: () => lines(invariants().map(([code, name, text]) => `  ${code}: ['${name}', ${quoted(text)}],`)),
  },
  {
    file: 'js/version.js',
    begin: '  // from package.json, by tools/tables.mjs\n',
    end: '\n',
    content: () => `  '${JSON.parse(read('package.json')).version}';`,
  },
  {
    file: 'js/toolkit/exports.js',
    begin: ' * @typedef {object} HeapExports\n',
    end: ' */\n',
    content: () => lines(heapExports().map(([name, type]) => ` * @property {${type}} ${name}`)),
  },
  {
    file: 'docs/javascript.md',
    begin: '<!-- errors: written by tools/tables.mjs -->\n',
    end: '<!-- end of errors -->\n',
    content: () => lines(['| name | what happened | what to do |', '| --- | --- | --- |', ...errorRows()]),
  },
  {
    file: 'docs/javascript.md',
    begin: '<!-- invariants: written by tools/tables.mjs -->\n',
    end: '<!-- end of invariants -->\n',
    content: () =>
      lines(['| code | name | what is wrong |', '| --: | --- | --- |', ...invariants().map(([code, name, text]) => `| ${code} | \`${name}\` | ${text} |`)]),
  },
];

/** The files whose tables are not what the code says. */
export function outdated({ write = false } = {}) {
  const files = new Set();
  for (const { file, begin, end, content } of kTables) {
    const text = read(file);
    const from = text.indexOf(begin) + begin.length;
    const to = text.indexOf(end, from);
    if (from < begin.length || to < 0) throw new Error(`${file} has no place for the table between ${begin.trim()} and ${end.trim()}`);
    const whole = text.slice(0, from) + content() + text.slice(to);
    if (whole === text) continue;
    files.add(file);
    if (write) writeFileSync(new URL(file, root), whole);
  }
  return [...files];
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const write = !process.argv.includes('--check');
  const files = outdated({ write });
  for (const file of files) console.log(`${file} ${write ? 'is written' : 'is out of date: run node tools/tables.mjs'}`);
  if (!write && files.length) process.exitCode = 1;
}
