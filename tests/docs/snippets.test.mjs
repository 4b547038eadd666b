// The snippets of the README and of other pages, as a reader would use them: each `<!-- file: name -->` block is saved under that name,
// each `<!-- run -->` block is run beside it, in the order of the page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const path = execFileSync(join(root, '.ci/need'), ['clang', 'lld', 'wasi-libc', 'node'], { encoding: 'utf8' }).trim();
const outputs = {};

/** Saves and runs the blocks of a page in a folder of its own. Returns the folder. `prepare` puts into it what the page takes for granted. */
function follow(page, least, prepare = (folder) => symlinkSync(join(root, 'dist'), join(folder, 'dist'))) {
  const folder = mkdtempSync(join(tmpdir(), 'memory-wasm-docs-'));
  prepare(folder);
  after(() => rmSync(folder, { recursive: true }));
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/<!-- (file: (?<name>\S+)|run) -->\n```\w+\n(?<text>[^]*?)```/g)].map(({ groups }) => groups);

  test(`${page} has snippets to save and to run`, () => assert.ok(blocks.filter(({ name }) => name).length >= least && blocks.length >= 2 * least));
  for (const { name, text } of blocks) {
    if (name) test(`${page}: save ${name}`, () => writeFileSync(join(folder, name), text));
    else {
      test(`${page}: ${text.trim()}`, () => {
        outputs[text.trim()] = execFileSync('sh', ['-ec', text], { cwd: folder, encoding: 'utf8', env: { ...process.env, PATH: path } });
      });
    }
  }
  return folder;
}

// The package that the README installs.
const folder = follow('README.md', 3, (folder) => execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root }));

test('first.mjs prints a pointer', () => assert.match(outputs['node first.mjs'], /^[1-9]\d*\n$/));

test('static.mjs prints a pointer', () => assert.match(outputs['node static.mjs'], /^[1-9]\d*\n$/));

test('use.mjs prints the record that it made', () => assert.match(outputs['node use.mjs'], /^2 1\.5 2\.5\n/));

test('static.wasm needs nothing', () => {
  const module = new WebAssembly.Module(readFileSync(join(folder, 'static.wasm')));
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  const { createRecord, deleteRecord, memory } = new WebAssembly.Instance(module).exports;
  const record = createRecord(7, 0.5, 0.25);
  assert.deepEqual([...new Float32Array(memory.buffer, record + 4, 2)], [0.5, 0.25]);
  deleteRecord(record);
  assert.throws(() => deleteRecord(record), WebAssembly.RuntimeError);
});

test('squares.wasm, loaded, sums squares', async () => {
  const { load } = await import(join(root, 'dist/memory.js'));
  const { exports, heap } = await load(readFileSync(join(folder, 'squares.wasm')));
  assert.equal(exports.sumOfSquares(10), 285);
  assert.equal(heap.inUse, 0);
});

const debugging = follow('docs/debugging.md', 5, (folder) => ['dist', 'bench'].forEach((beside) => symlinkSync(join(root, beside), join(folder, beside))));

test('docs/debugging.md: each command prints what the page says', () => {
  assert.match(outputs['node trap.mjs'], /^free trapped: it was called with 0x[0-9a-f]+, which is in free memory \(\d+ bytes at 0x[0-9a-f]+\): freed before, or never handed out\n$/);
  assert.match(outputs['node debug.mjs'], /^OverrunError: free found 0x[0-9a-f]+ overwritten, 1 byte past the end of a block of 100 bytes\n  block 0x[^]*\[78\] fd[^]*allocated\n +at make [^]*found\n +at discard /);
  assert.match(outputs['node leaks.mjs'], /^3,010 bytes in 3 blocks are in use after 3 allocations\n  2,000 bytes in 1 block, 0 allocations ago\n +at leak [^]*\n2\n$/);
  assert.ok(JSON.parse(readFileSync(join(debugging, 'leaks.heapprofile'), 'utf8')).head);
  assert.match(readFileSync(join(debugging, 'bc.svg'), 'utf8'), /^<svg/);
});

const cLibrary = follow('docs/c-library.md', 4);

test('docs/c-library.md: the command runs beside wasi-libc', () => assert.equal(outputs['node --no-warnings command.mjs'], 'command: 999\n3\nnull\n'));

test('docs/c-library.md: the side module has its own malloc', () => {
  const module = new WebAssembly.Module(readFileSync(join(cLibrary, 'side.wasm')));
  assert.ok(!WebAssembly.Module.imports(module).some(({ kind }) => kind === 'function'));
});

test('docs/c-library.md: the list is sorted, with the heap linked in and loaded', async () => {
  const { load } = await import(join(root, 'dist/memory.js'));
  const expected = `${Array.from({ length: 20 }, (_, index) => index).join(' ')} done\n`;
  for (const program of ['list.wasm', 'list-loaded.wasm']) {
    let printed = '';
    const print = (text, length) => (printed += Buffer.from(memory.buffer, text, length).toString());
    const bytes = readFileSync(join(cLibrary, program));
    const exports = program === 'list.wasm' ? (await WebAssembly.instantiate(bytes, { env: { print } })).instance.exports : (await load(bytes, { imports: { env: { print } } })).exports;
    const { memory } = exports;
    exports.sorted(20);
    assert.equal(printed, expected, program);
  }
});

follow('docs/checked-memory.md', 1);

test('docs/checked-memory.md: the overrun is found at its line', () => {
  const printed = Object.entries(outputs).find(([command]) => command.endsWith('node check.mjs'))[1];
  assert.match(printed, /^(call|import) \d+ \d+\nOverrunError: write of 4 bytes at 0x\w+: 1 byte past the end of a block of 40 bytes\n/);
  assert.match(printed, /allocated\n +at sum \(\S*samples\.c:6:/);
  assert.match(printed, /found\n +at sum \(\S*samples\.c:9:/);
});

const migrating = follow('docs/migrating.md', 1);

test('docs/migrating.md: frames leave the heap as it was', () => {
  const { frame, memory } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(join(migrating, 'frame.wasm')))).exports;
  assert.equal(frame(1000), 499500);
  const bytes = memory.buffer.byteLength;
  for (let count = 0; count < 100; count++) assert.equal(frame(1000), 499500);
  assert.equal(memory.buffer.byteLength, bytes);
});

// A package as it is, and what the watcher says of it.
const adopting = follow('docs/adopt.md', 1, (folder) => {
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }).trim();
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', 'onigasm@2.2.5', `./${packed}`], { cwd: folder });
});

test("the watcher's report has the leak of onigasm, by the call that allocates", () => {
  const [report] = Object.entries(outputs).filter(([command]) => command.startsWith('grep -A 5'));
  assert.match(report[1], /malloc: malloc \(func\[574\]\), found by export/);
  assert.match(report[1], /findNextMatchSync/);
  assert.match(readFileSync(join(adopting, 'report.txt'), 'utf8'), /bytes in 50 blocks, .*\n( +at .*\n)* +at findBestMatch .*\n( +at .*\n)* +at .*findNextMatchSync/);
});

test('the file is adopted, too', () => assert.match(outputs['npx memory.wasm adopt node_modules/onigasm/lib/onigasm.wasm -o adopted.wasm --recipe onigasm.json'], /in the place of its dlmalloc/));
