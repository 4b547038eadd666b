// The sizes of what ships. The build of dist/ prints them and changes nothing. The README states them in KB, between its marks:
//
//     node tools/sizes.mjs           prints the table
//     node tools/sizes.mjs --check   fails if the README is off by more than a twentieth, or names other files
//     node tools/sizes.mjs --write   puts the table into the README

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const kFiles = [
  'memory.wasm',
  'memory.small.wasm',
  'memory.shared.wasm',
  'memory64.wasm',
  'memory.secure.wasm',
  'memory.debug.wasm',
  'memory.js',
  'memory.merge.js',
  'memory.table.js',
  'memory.attach.js',
  'memory.integrity.js',
  'memory.threads.js',
  'memory.debug.js',
  'memory.check.js',
  'memory.global.js',
  'memory.inline.js',
];
const kTolerance = 1 / 20;
const kMarks = /(<!-- sizes: node tools\/sizes.mjs --write -->\n)([^]*?)(<!-- end of sizes -->)/;

const row = (cells) => `| ${cells.join(' | ')} |\n`;
const sizesOf = (bytes) => [bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)].map(({ length }) => length);

const sizes = new Map(kFiles.map((file) => [file, sizesOf(readFileSync(at(`dist/${file}`)))]));
const table =
  row(['file', 'KB', 'gzip', 'brotli']) +
  row(['---', '--:', '--:', '--:']) +
  [...sizes].map(([file, bytes]) => row([`\`${file}\``, ...bytes.map((count) => (count / 1000).toFixed(1))])).join('');

/** The rows of a table that say something else than dist/ has. @param {string} stated */
function wrongRows(stated) {
  const rows = new Map([...stated.matchAll(/^\| `(\S+)` \| (.*) \|$/gm)].map(([, file, cells]) => [file, cells.split(' | ').map(Number)]));
  const isWrong = ([file, bytes]) => !rows.has(file) || bytes.some((count, column) => !(Math.abs(rows.get(file)[column] * 1000 - count) <= count * kTolerance));
  return [...[...sizes].filter(isWrong).map(([file]) => file), ...[...rows.keys()].filter((file) => !sizes.has(file))];
}

const readme = readFileSync(at('README.md'), 'utf8');
const [, , stated] = kMarks.exec(readme) ?? [];
if (stated === undefined) throw new Error('README.md has no marks for the sizes: <!-- sizes: node tools/sizes.mjs --write --> ... <!-- end of sizes -->');

if (process.argv.includes('--write'))
  writeFileSync(
    at('README.md'),
    readme.replace(kMarks, (_, begin, old, end) => begin + table + end),
  );
else if (process.argv.includes('--check')) {
  const wrong = wrongRows(stated);
  if (wrong.length) throw new Error(`README.md states other sizes than dist/ has, for ${wrong.join(', ')}. Run: node tools/sizes.mjs --write`);
}
console.log(table);
