// Makes what ships of js/: dist/memory.js (an ES module) and what it loads when it needs it, dist/memory.merge.js and dist/memory.more.js;
// dist/memory.global.js (a classic script, global MemoryWasm), which has the latter inside; dist/memory.inline.js, all in one file (it needs
// dist/memory.wasm); the command, dist/cli.js; and the types of each entry. Run by `npm run build`.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';
import { declarations } from './declarations.mjs';

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
const [api, merging] = declarations([
  { index: 'index.js', folders: /^(?!index)(?:(?:load|toolkit|debug|wasm)\/)?[\w-]+\.d\.ts$/ },
  { index: 'merge/index.js', folders: /^(?:merge|wasm)\/[\w-]+\.d\.ts$/ },
]);
writeFileSync(join(dist, 'memory.d.ts'), api);
writeFileSync(join(dist, 'memory.merge.d.ts'), merging);
writeFileSync(join(dist, 'memory.global.d.ts'), "declare global {\n  var MemoryWasm: typeof import('./memory.js');\n}\nexport {};\n");
