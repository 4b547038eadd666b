// States the sizes of what ships in the README, between its marks. Run by the build of dist/; with --check it only
// compares, and fails if the README says anything else.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const kFiles = ['memory.wasm', 'memory.js', 'memory.merge.js', 'memory.more.js', 'memory.global.js', 'memory.inline.js'];
const kMarks = /(<!-- sizes: written by the build -->\n)[^]*?(<!-- end of sizes -->)/;

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
if (!kMarks.test(readme)) throw new Error('README.md has no marks for the sizes: <!-- sizes: written by the build --> ... <!-- end of sizes -->');
const stated = readme.replace(kMarks, (_, begin, end) => begin + table + end);
if (process.argv.includes('--check')) {
  if (stated !== readme) throw new Error(`README.md states other sizes than dist/ has; run 'cmake --workflow --preset dist' and commit the README. Now:\n${table}`);
} else if (stated !== readme) {
  writeFileSync(at('README.md'), stated);
}
console.log(table);
