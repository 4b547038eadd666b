// Makes what ships of js/: dist/memory.js (an ES module) and what it loads when it needs it, dist/memory.merge.js and dist/memory.more.js;
// dist/memory.global.js (a classic script, global MemoryWasm), which has the latter inside; dist/memory.inline.js, all in one file (it needs
// dist/memory.wasm); the command, dist/cli.js; and dist/memory.d.ts. Run by `npm run build`.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const js = join(root, 'js');
const dist = join(root, 'dist');

/** What is loaded later stays a file of its own: a module of js/, and what it is called in dist/. */
const apart = (module, file) => ({
  name: `${file}-apart`,
  setup: (build) => build.onResolve({ filter: module }, ({ kind }) => (kind === 'dynamic-import' ? { path: `./${file}`, external: true } : undefined)),
});
const mergerApart = apart(/\/merge\/index\.js$/, 'memory.merge.js');
const debugApart = apart(/\/debug\/index\.js$/, 'memory.debug.js');
const moreApart = apart(/\/extras\/index\.js$/, 'memory.more.js');

/** Without a second file: memory.wasm stands in the script, as base64. */
const heapInside = {
  name: 'heap-inside',
  setup(build) {
    build.onLoad({ filter: /\/js\/heaps\.js$/ }, () => {
      const bytes = readFileSync(join(dist, 'memory.wasm')).toString('base64');
      return { contents: `export const kHeaps = { release: () => Uint8Array.from(atob('${bytes}'), (letter) => letter.charCodeAt(0)) };` };
    });
  },
};

/** Properties that only js/ sees, shortened alike in all files. */
const kInternal = /^(memoryImport|initialBytes|heapExports|is64|limits|span|whole|sections|header|head|addToTable|functionsOf|memoryFor|withMemory|noMemory|unsigned|initialize|failure)$/;
let mangleCache = {};

/** Properties of the merger, shortened too. Where a name of its interface is among them, js/merge writes it in quotes. */
const kMergerOnly =
  /^(at|base|block|bodies|byte|bytes|change|exports|functions|index|kind|maps|memory|module|name|names|note|number|refuse|rewritten|sections|sites|skip|start|take|text|to|type|types|width)$/;

/** Bundles with esbuild and has terser make it smaller still: by 4 %. */
async function bundle(name, options) {
  const { outputFiles, mangleCache: known } = await build({ bundle: true, minify: true, target: 'es2022', logLevel: 'warning', write: false, entryPoints: [join(js, 'index.js')], mangleProps: kInternal, mangleCache, ...options });
  if (!('mangleProps' in options)) mangleCache = { ...mangleCache, ...known };
  const module = options.format === 'esm';
  const { code } = await minify(outputFiles[0].text, { module, ecma: 2022, compress: { passes: 3, unsafe_arrows: true }, mangle: { toplevel: module } });
  writeFileSync(join(dist, name), code);
}

await bundle('memory.js', { format: 'esm', plugins: [mergerApart, moreApart, debugApart] });
await bundle('memory.debug.js', { format: 'esm', entryPoints: [join(js, 'debug', 'index.js')], mangleProps: undefined, mangleCache: undefined });
await bundle('memory.more.js', { format: 'esm', entryPoints: [join(js, 'extras', 'index.js')] });
await bundle('memory.merge.js', { format: 'esm', entryPoints: [join(js, 'merge', 'index.js')], mangleProps: kMergerOnly, mangleCache: undefined });
// The command needs no package either, but for Binaryen where it is asked for. Its argument parser is CommonJS and asks for `require`.
await bundle('cli.js', {
  format: 'esm',
  platform: 'node',
  mangleProps: undefined,
  mangleCache: undefined,
  external: ['binaryen'],
  entryPoints: [join(js, 'cli', 'main.js')],
  banner: { js: "import { createRequire } from 'node:module';const require=createRequire(import.meta.url);" },
});
await bundle('memory.inline.js', { format: 'esm', plugins: [heapInside, debugApart] });
await bundle('memory.global.js', {
  format: 'iife',
  globalName: 'MemoryWasm',
  plugins: [mergerApart, debugApart],
  // A classic script has no import.meta; it learns its address while it is evaluated.
  define: { 'import.meta.url': 'memoryWasmScript' },
  banner: { js: 'var memoryWasmScript=globalThis.document?.currentScript?.src||globalThis.location?.href;' },
});
writeFileSync(join(dist, 'memory.d.ts'), declarations());

/** One file of the declarations that tsc makes from the JSDoc of each. */
function declarations() {
  const out = mkdtempSync(join(tmpdir(), 'memory-wasm-types-'));
  try {
    const tsc = join(dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin', 'tsc');
    execFileSync(process.execPath, [tsc, '-p', js, '--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', out], { stdio: 'inherit' });
    const files = readdirSync(out, { recursive: true }).filter((file) => /^(?:(?:load|toolkit|debug|wasm)\/)?[\w-]+\.d\.ts$/.test(file) && file !== 'index.d.ts').sort();
    return inOne(files.map((file) => readFileSync(join(out, file), 'utf8')), readFileSync(join(js, 'index.js'), 'utf8'));
  } finally {
    rmSync(out, { recursive: true });
  }
}

/**
 * Names are unique over js/, so the files can stand one after the other once their references to each other are cut. What can be reached from
 * the exports of index.js stays and is exported; the rest is dropped.
 */
function inOne(files, index) {
  const text = files
    .join('\n')
    .replace(/\/\*\*(?:(?!\*\/)[^])*@typedef(?:(?!\*\/)[^])*\*\/\n/g, '') // they stand there as types already
    .replace(/import\(['"]\.\.?\/[\w./-]+\.js['"]\)\./g, '')
    .replace(/^import .*$/gm, '')
    .replaceAll('[kDispose]', '[Symbol.dispose]')
    .replace(/^export (declare )?/gm, (_, declare = '') => declare);
  // A declaration with its comment reaches up to the next one.
  const pieces = text.split(/^(?=\/\*\*(?:(?!\*\/)[^])*\*\/\n(?:type|interface|declare) )|^(?<!\*\/\n)(?=(?:type|interface|declare) )/m);
  const declarations = new Map();
  for (const piece of pieces.map((piece) => piece.trim())) {
    const name = /^(?:type|interface|declare \w+) (\w+)/m.exec(piece)?.[1];
    if (!name || piece.endsWith(`type ${name} = ${name};`)) continue; // nothing, or a short name for one of another file
    const before = declarations.get(name);
    const overloaded = before?.includes(`declare function ${name}`);
    if (before && !overloaded) throw new Error(`two files of js/ declare ${name}`);
    declarations.set(name, overloaded ? `${before}\n${piece}` : piece);
  }
  const values = [...index.matchAll(/export \{([^}]*)\}/g)].flatMap(([, names]) => names.split(',')).map((name) => name.trim()).filter(Boolean);
  const reached = new Set(values);
  for (const name of reached) {
    for (const [word] of declarations.get(name).matchAll(/\b[A-Z]\w*/g)) if (declarations.has(word)) reached.add(word);
  }
  const types = [...reached].filter((name) => !values.includes(name)).map((name) => `type ${name}`);
  return `${[...reached].map((name) => declarations.get(name)).join('\n')}\nexport { ${[...values, ...types].join(', ')} };\n`;
}
