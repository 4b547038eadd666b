// The types that ship: one .d.ts for each entry of the package, made of what tsc finds in the JSDoc of js/.
//
//   tsc --declaration  ->  a .d.ts for each file of js/  ->  inOne: what an entry's exports reach, in one file

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const js = fileURLToPath(new URL('../js', import.meta.url));

/** A type of the host, if it has one: the declarations need neither `lib: dom` nor Node's types. */
const kHostTypes = `/// <reference lib="esnext.disposable" />
type HostType<Name extends string, Otherwise> = typeof globalThis extends { [K in Name]: { prototype: infer T } } ? T : Otherwise;
type WasmType<Name extends string, Otherwise> = typeof globalThis extends { WebAssembly: { [K in Name]: { prototype: infer T } } } ? T : Otherwise;
type WasmMemory = WasmType<'Memory', { readonly buffer: ArrayBufferLike; grow(pages: number): number }>;
type WasmTable = WasmType<'Table', { readonly length: number; get(index: number): any; set(index: number, value: any): void; grow(by: number): number }>;
type WasmModule = WasmType<'Module', object>;
type WasmInstance = WasmType<'Instance', { readonly exports: Record<string, any> }>;
type WasmExports = Record<string, any>;
type HostURL = HostType<'URL', { readonly href: string }>;
type HostResponse = HostType<'Response', { readonly ok: boolean; readonly url: string }>;
type HostBlob = HostType<'Blob', { arrayBuffer(): Promise<ArrayBuffer> }>;
type HostAbortSignal = HostType<'AbortSignal', { readonly aborted: boolean; readonly reason: any }>;
interface HeapEvent { readonly type: string; readonly defaultPrevented: boolean; preventDefault(): void }
`;

/** @param {string} text */
const withoutHost = (text) =>
  text
    .replace(/\bWebAssembly\.(Memory|Table|Module|Instance|Exports)\b/g, 'Wasm$1')
    .replace(/(?<![\w.'"`])(URL|Response|Blob|AbortSignal)\b(?=[\s;,|)>\]])(?!['\w ]*\*\/)/g, (name, _, at, whole) =>
      inComment(whole, at) ? name : `Host${name}`,
    )
    .replace(/declare class (GrowEvent|LeakEvent) extends Event \{/g, 'interface $1 extends HeapEvent {');

/**
 * @param {string} text
 * @param {number} at
 */
const inComment = (text, at) => text.lastIndexOf('/*', at) > text.lastIndexOf('*/', at);

/**
 * Has tsc write a .d.ts for each file of js/, and makes one of those that each entry reaches.
 * @param {{ index: string, folders: RegExp }[]} entries the file whose exports count, and the files of js/ where they are declared
 * @param {string} [project] the folder of the tsconfig.json
 * @returns {string[]} the declarations of each entry
 */
export function declarations(entries, project = js) {
  const out = mkdtempSync(join(tmpdir(), 'memory-wasm-types-'));
  try {
    const tsc = join(dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin', 'tsc');
    execFileSync(
      process.execPath,
      [tsc, '-p', project, '--rootDir', js, '--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--stripInternal', '--outDir', out],
      { stdio: 'inherit' },
    );
    const all = /** @type {string[]} */ (readdirSync(out, { recursive: true })).sort();
    return entries.map(({ index, folders }) => {
      const files = all.filter((file) => folders.test(file));
      return inOne(
        files.map((file) => readFileSync(join(out, file), 'utf8')),
        readFileSync(join(js, index), 'utf8'),
      );
    });
  } finally {
    rmSync(out, { recursive: true });
  }
}

/**
 * The files stand one after the other, once their references to each other are cut. What can be reached from the exports of the index stays and is exported;
 * the rest is dropped. A name that is reached must be declared once.
 * @param {string[]} files
 * @param {string} index
 */
function inOne(files, index) {
  const text = files
    .join('\n')
    .replace(/\/\*\*(?:(?!\*\/)[^])*@(?:typedef|import)(?:(?!\*\/)[^])*\*\/\n/g, '') // they stand there as types already
    .replace(/import\(['"]\.\.?\/[\w./-]+\.js['"]\)\./g, '')
    .replace(/^import .*$/gm, '')
    .replaceAll('[kDispose]', '[Symbol.dispose]')
    .replace(/^export (declare )?/gm, (_, declare = '') => declare);
  /** @type {Map<string, string[]>} */
  const declared = new Map();
  // A declaration with its comment reaches up to the next one.
  for (const piece of text
    .split(/^(?=\/\*\*(?:(?!\*\/)[^])*\*\/\n(?:type|interface|declare) )|^(?<!\*\/\n)(?=(?:type|interface|declare) )/m)
    .map((piece) => piece.trim())) {
    const name = /^(?:type|interface|declare \w+) (\w+)/m.exec(piece)?.[1];
    if (!name || piece.endsWith(`type ${name} = ${name};`)) continue; // nothing, or a short name for one of another file
    declared.set(name, [...(declared.get(name) ?? []), piece]);
  }
  const values = [...index.matchAll(/export \{([^}]*)\}/g)]
    .flatMap(([, names]) => names.split(','))
    .map((name) => name.trim())
    .filter(Boolean);
  for (const [, name] of index.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)) values.push(name);
  const reached = new Set(values);
  for (const name of reached) for (const [word] of declarationOf(declared, name).matchAll(/\b[A-Z]\w*/g)) if (declared.has(word)) reached.add(word);
  const types = [...reached].filter((name) => !values.includes(name)).map((name) => `type ${name}`);
  const body = [...reached].map((name) => withOneComment(withPrivateConstructor(declarationOf(declared, name)))).join('\n');
  return `${kHostTypes}${withoutHost(body)}\nexport { ${[...values, ...types].join(', ')} };\n`;
}

/**
 * @param {Map<string, string[]>} declared
 * @param {string} name
 */
function declarationOf(declared, name) {
  const found = declared.get(name) ?? [];
  const overloads = found.every((piece) => /^declare function /m.test(piece));
  if (!found.length || (found.length > 1 && !overloads)) throw new Error(`${name}, which ships, is declared by ${found.length} files of js/`);
  return found.join('\n');
}

/** tsc puts the comments of all overloads before each: every one gets its own. @param {string} declaration */
function withOneComment(declaration) {
  /** @type {Record<string, number>} */
  const seen = {};
  return declaration.replace(/((?:^ *\/\*\*(?:(?!\*\/)[^])*\*\/\n){2,})( *)(\w+)/gm, (_, comments, indent, name) => {
    const each = comments.match(/^ *\/\*\*(?:(?!\*\/)[^])*\*\/\n/gm);
    seen[name] = (seen[name] ?? -1) + 1;
    return each[seen[name]].replace(/^ *\* @overload\n/m, '') + indent + name;
  });
}

/** Objects of the toolkit are made by functions; only errors have a constructor of their own. @param {string} declaration */
const withPrivateConstructor = (declaration) =>
  /^declare class (?!\w*Error\b|GrowEvent|LeakEvent)/m.test(declaration) && !/\n {4}constructor\(/.test(declaration)
    ? declaration.replace(/^(declare class [^{]*\{)/m, '$1\n    private constructor();')
    : declaration;
