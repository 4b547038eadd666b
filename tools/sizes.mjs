// Prints the sizes of what ships. With --write it also puts them into the README, between its marks; with --check it fails if the
// README says anything else. The build of dist/ only prints: building edits no tracked file.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const kFiles = ['memory.wasm', 'memory.js', 'memory.merge.js', 'memory.more.js', 'memory.global.js', 'memory.inline.js'];
const kMarks = /(<!-- sizes: node tools\/sizes\.mjs --write -->\n)[^]*?(<!-- end of sizes -->)/;

const row = (cells) => `| ${cells.join(' | ')} |\n`;
const thousands = (bytes) => bytes.toLocaleString('en-US');

const sizes = kFiles
  .filter((file) => existsSync(at(`dist/${file}`)))
  .map((file) => {
    const bytes = readFileSync(at(`dist/${file}`));
    return row([`\`${file}\``, ...[bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)].map(({ length }) => thousands(length))]);
  });
const table = row(['file', 'bytes', 'gzip', 'brotli']) + row(['---', '--:', '--:', '--:']) + sizes.join('');

const readme = readFileSync(at('README.md'), 'utf8');
if (!kMarks.test(readme)) throw new Error('README.md has no marks for the sizes: <!-- sizes: node tools/sizes.mjs --write --> ... <!-- end of sizes -->');
const stated = readme.replace(kMarks, (_, begin, end) => begin + table + end);
if (process.argv.includes('--check')) {
  if (stated !== readme) throw new Error(`README.md states other sizes than dist/ has; run 'node tools/sizes.mjs --write' and commit the README. Now:\n${table}`);
} else if (process.argv.includes('--write')) {
  writeFileSync(at('README.md'), stated);
}
console.log(table);
