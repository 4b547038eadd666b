// The types that ship, held to types.ts, to subpaths.ts and to every block of JavaScript and TypeScript in the docs, by tsc --strict: today's and the last one written
// in JavaScript, which many projects have.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
/** A project that has the package installed, and the blocks of the docs as files. */
const project = join(root, 'build/types');

const kCompilers = ['typescript', 'typescript-5.9'];

/** What Node and the host bring, as far as the blocks use it. */
const kAmbient = `
declare module 'node:crypto' { export function createHash(name: string): { update(data: Uint8Array): { digest(encoding: string): string } }; }
declare module 'node:wasi' { export class WASI { constructor(options: { version: string, args?: string[], returnOnExit?: boolean }); getImportObject(): Record<string, Record<string, any>>; start(instance: WebAssembly.Instance): number; } }
declare module 'node:fs/promises' { export function readFile(path: string): Promise<Uint8Array<ArrayBuffer>>; }
declare module 'node:fs' { export function readFileSync(path: string | URL): Uint8Array<ArrayBuffer>; export function writeFileSync(path: string | URL, data: unknown): void; }
declare module 'onigasm' { const onigasm: any; export default onigasm; }
declare const heap: import('memory.wasm').Heap;
declare const programBytes: Uint8Array, heapBytes: Uint8Array, response: { body: AsyncIterable<Uint8Array> };
declare function send(bytes: Uint8Array): void;
`;

const kOptions = { strict: true, noEmit: true, target: 'esnext', module: 'nodenext', allowJs: true, checkJs: true, types: [], lib: ['esnext', 'dom'], useUnknownInCatchVariables: false };

/** Runs tsc; returns what it complains of. */
function compile(compiler, folder, options, files) {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', compiler, 'bin/tsc'), '-p', folder], { encoding: 'utf8' });
  return status === 0 ? '' : stdout + stderr || `exit code ${status}`;
}

/** The blocks of a page as files: each with the lines that all begin with, unless it imports load itself. */
function blocksOf(page) {
  const all = [...readFileSync(join(root, page), 'utf8').matchAll(/(?:<!-- (\w+)(?:: \S+)? -->\n)?```(js|ts)\n([^]*?)```/g)].map(([, mark, language, text]) => ({ mark, language, text }));
  const begin = all.find(({ mark }) => mark === 'begin')?.text ?? '';
  return all.map(({ language, text }, index) => {
    const imports = text.match(/^import .*$/gm) ?? [];
    const whole = /^import \{[^}]*\bload\b/m.test(text) ? text : [...imports, begin, text.replace(/^import .*$/gm, '')].join('\n');
    return { name: `${page.replace(/\W/g, '-')}-${index}.m${language}`, text: `${whole}\nexport {};\n` };
  });
}

before(() => {
  rmSync(project, { recursive: true, force: true });
  mkdirSync(join(project, 'node_modules'), { recursive: true });
  symlinkSync(root, join(project, 'node_modules/memory.wasm'));
  symlinkSync(join(root, 'dist'), join(project, 'dist'));
  for (const file of ['memory.js', 'memory.d.ts']) symlinkSync(join(root, 'dist', file), join(project, file)); // as on a server
  writeFileSync(join(project, 'ambient.d.ts'), kAmbient);
});

for (const compiler of kCompilers) {
  test(`${compiler}: what types.ts expects`, () => {
    const text = readFileSync(join(here, 'types.ts'), 'utf8').replace('../../dist/memory.js', './dist/memory.js');
    writeFileSync(join(project, 'types.mts'), text);
    assert.equal(compile(compiler, project, { ...kOptions, useUnknownInCatchVariables: true }, ['types.mts']), '');
  });

  test(`${compiler}: every entry of the package`, () => {
    writeFileSync(join(project, 'subpaths.mts'), readFileSync(join(here, 'subpaths.ts'), 'utf8'));
    assert.equal(compile(compiler, project, kOptions, ['subpaths.mts']), '');
  });

  test(`${compiler}: without lib dom, and with the declarations checked too`, () => {
    const text = `
      import { load, struct } from 'memory.wasm';
      const { exports, heap, memory } = await load<{ f(pointer: number): number }>(new Uint8Array(), { link: 'direct' });
      const n: number = exports.f(heap.allocString('x')) + memory.buffer.byteLength;
      heap.addEventListener('grow', ({ from }) => from + n);
      export const point: { x: number } = heap.read(struct({ x: 'f64' }), 16);
    `;
    writeFileSync(join(project, 'no-dom.mts'), text);
    for (const lib of [['esnext'], ['es2022']]) assert.equal(compile(compiler, project, { ...kOptions, lib, skipLibCheck: false }, ['no-dom.mts']), '', String(lib));
  });

  test(`${compiler}: every block of the docs`, () => {
    const pages = ['README.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
    const files = pages.flatMap(blocksOf);
    assert.ok(files.length > 20, `${files.length} blocks`);
    for (const { name, text } of files) writeFileSync(join(project, name), text);
    assert.equal(compile(compiler, project, kOptions, ['ambient.d.ts', ...files.map(({ name }) => name)]), '');
  });
}

test('a mistake in a block would be seen', () => {
  writeFileSync(join(project, 'wrong.mjs'), "import { load } from './dist/memory.js';\nconst { heap } = await load('x');\nheap.allocText('x');\n");
  assert.match(compile('typescript', project, kOptions, ['wrong.mjs']), /allocText/);
});

test('nothing internal is in the declarations', () => {
  const text = readFileSync(join(root, 'dist/memory.d.ts'), 'utf8');
  for (const name of ['Owners', 'Ownership', 'Codec', 'Program', '_Live', '_tellLeak', 'Core', 'reportLeak']) assert.doesNotMatch(text, new RegExp(`\\b${name}\\b(?! of)`), name);
  const comments = text.match(/\/\*\*(?:(?!\*\/)[^])*\*\//g);
  const doubled = comments.filter((comment, index) => comment.length > 200 && comments.indexOf(comment) !== index);
  assert.deepEqual(doubled, []);
});
