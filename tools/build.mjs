// Makes what ships of js/: dist/memory.js (an ES module) and the feature files that it loads when it needs them; dist/memory.global.js (a classic
// script, global MemoryWasm), which has all of those inside; dist/memory.inline.js, which has memory.wasm inside, too; the command, dist/cli.js; and
// the types of each entry. Run by `npm run build`; `npm run build -- --modules` prints what each module takes in memory.js.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';
import terser from 'terser/package.json' with { type: 'json' };
import { declarations } from './declarations.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const js = join(root, 'js');
const dist = join(root, 'dist');

/** Feature files: what memory.js loads when it is asked for, by their names in dist/ and their modules (js/features.js asks for those). */
const kFeatureFiles = {
  'memory.adopt.js': 'adopt/link.js',
  'memory.merge.js': 'merge/index.js',
  'memory.table.js': 'load/link-table.js',
  'memory.attach.js': 'load/attach.js',
  'memory.explain.js': 'toolkit/trap.js',
  'memory.integrity.js': 'load/integrity.js',
  'memory.threads.js': 'load/threads.js',
  'memory.check.js': 'check/index.js',
  'memory.debug.js': 'debug/index.js',
};

/** Each stays a file of its own. */
const featuresApart = {
  name: 'features-apart',
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ kind, path }) => {
      const file = Object.keys(kFeatureFiles).find((name) => path === `./${kFeatureFiles[name]}`);
      return kind === 'dynamic-import' && file ? { path: `./${file}`, external: true } : undefined;
    });
  },
};

/** What reads WebAssembly is in memory.debug.js already, which is always loaded with memory.check.js. */
const readersOfDebug = {
  name: 'readers-of-debug',
  setup(build) {
    build.onResolve({ filter: /\/wasm\/(bytes|cursor|format|leb128)\.js$/ }, () => ({ path: './memory.debug.js', external: true }));
  },
};

/** What the inspector's page imports are files that ship. */
const besidePage = {
  name: 'beside-page',
  setup(build) {
    build.onResolve({ filter: /^\.\.\/index\.js$/ }, () => ({ path: './memory.js', external: true }));
    build.onResolve({ filter: /^\.\/index\.js$/ }, () => ({ path: './memory.inspector.js', external: true }));
  },
};

/** Without a second file: memory.wasm stands in the script, as base64. */
const heapInside = {
  name: 'heap-inside',
  setup(build) {
    build.onLoad({ filter: /\/js\/heaps\.js$/ }, () => ({ contents: `export const kHeaps = { ${releaseInside()} };` }));
  },
};

/** The same, and the other heaps are files beside the script. */
const releaseHeapInside = {
  name: 'release-heap-inside',
  setup(build) {
    build.onLoad({ filter: /\/js\/heaps\.js$/ }, ({ path }) => ({ contents: readFileSync(path, 'utf8').replace(/^ {2}release: .*$/m, releaseInside) }));
  },
};

const base64 = (file) => readFileSync(join(dist, file)).toString('base64');
const releaseInside = () => `release: () => Uint8Array.from(atob('${base64('memory.wasm')}'), (letter) => letter.charCodeAt(0)),`;

/** The watcher's heaps, likewise. */
const watchersHeapsInside = {
  name: 'watchers-heaps-inside',
  setup(build) {
    build.onLoad({ filter: /\/js\/watch\/heap-bytes\.js$/ }, () => ({
      contents: `const kBytes = { release: '${base64('memory.wasm')}', debug: '${base64('memory.debug.wasm')}' };
        export const heapBytes = (name) => Uint8Array.from(atob(kBytes[name]), (letter) => letter.charCodeAt(0));`,
    }));
  },
};

/** A line of a script. A stack shows the line that threw: with all of a script in one, that would be all of it. */
const kLineLength = 500;

/** Bundles with esbuild and has terser make it smaller still. The names of classes stay, as errors and debuggers show them. */
async function bundle(name, options) {
  const common = { bundle: true, minifySyntax: true, target: 'es2022', logLevel: 'warning', write: false, entryPoints: [join(js, 'index.js')] };
  const { outputFiles } = await build({ ...common, ...options });
  const module = options.format === 'esm';
  const { text } = outputFiles[0];
  // esbuild writes a class as `var Name = class`, which has the name of its variable.
  const classes = Array.from(text.matchAll(/\bvar (\w+) = class\b/g), ([, variable]) => variable);
  const code = await minified(text, {
    module,
    ecma: 2022,
    compress: { passes: 3, unsafe_arrows: true, keep_classnames: true },
    mangle: { toplevel: module, keep_classnames: true, reserved: classes },
    format: { max_line_len: kLineLength },
  });
  writeFileSync(join(dist, name), code);
}

/** What terser makes of a script. That takes seconds, so it is kept in build/minified/, by the hash of all that it is made of. */
async function minified(text, options) {
  const folder = join(root, 'build', 'minified');
  const file = join(
    folder,
    `${createHash('sha256')
      .update(JSON.stringify([terser.version, options, text]))
      .digest('hex')}.js`,
  );
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const { code } = await minify(text, options);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, code);
  return code;
}

/** What memory.js is made of: the bytes of each room and file of js/ in it, minified and not compressed. */
async function printModules() {
  const { metafile } = await build({
    entryPoints: [join(js, 'index.js')],
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    plugins: [featuresApart],
    absWorkingDir: js,
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  const bytes = new Map();
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    for (const name of [file, ...(file.includes('/') ? [`${dirname(file)}/`] : [])]) bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
  }
  for (const [name, count] of [...bytes].sort(([, a], [, b]) => b - a)) console.log(`${String(count).padStart(6)} ${name}`);
}

if (process.argv.includes('--modules')) await printModules();
await bundle('memory.js', { format: 'esm', plugins: [featuresApart] });
for (const [name, module] of Object.entries(kFeatureFiles)) {
  const plugins = name === 'memory.check.js' ? [readersOfDebug] : [];
  await bundle(name, { format: 'esm', plugins, entryPoints: [join(js, module)] });
}
await bundle('memory.inspector.js', { format: 'esm', entryPoints: [join(js, 'inspector', 'index.js')] });
// The ready page: it stands beside the files that it loads.
await bundle('inspector.js', { format: 'esm', plugins: [besidePage], entryPoints: [join(js, 'inspector', 'page.js')] });
for (const [file, from] of [
  ['inspector.html', 'page.html'],
  ['inspector.css', 'page.css'],
])
  copyFileSync(join(js, 'inspector', from), join(dist, file));
// Not a module, so that a page can have it as a classic script before all others. The heaps that it gives to programs are inside: a program may be
// instantiated synchronously.
await bundle('memory.watch.js', { format: 'iife', plugins: [watchersHeapsInside, heapInside], entryPoints: [join(js, 'watch', 'index.js')] });
// The command needs no package either, but for Binaryen where it is asked for. Its argument parser is CommonJS and asks for `require`.
await bundle('cli.js', {
  format: 'esm',
  platform: 'node',
  external: ['binaryen'],
  entryPoints: [join(js, 'cli', 'main.js')],
  banner: { js: "import { createRequire } from 'node:module';const require=createRequire(import.meta.url);" },
});
// Its subcommands as functions, for programs: memory.wasm/cli.
await bundle('memory.cli.js', { format: 'esm', platform: 'node', external: ['binaryen'], entryPoints: [join(js, 'cli', 'index.js')] });
// Everything in one file: of an integrity attribute on it, nothing that is loaded later is left out.
await bundle('memory.inline.js', { format: 'esm', plugins: [heapInside] });
await bundle('memory.global.js', {
  format: 'iife',
  plugins: [releaseHeapInside],
  globalName: 'MemoryWasm',
  // A classic script has no import.meta; it learns its address while it is evaluated: from the page, or, in a worker, from the stack, since a worker's
  // own address may be another folder's or a blob's.
  define: { 'import.meta.url': 'memoryWasmScript' },
  banner: {
    js: String.raw`var memoryWasmScript=globalThis.document?.currentScript?.src||(/(?:https?|file|[\w-]+-extension):[^\s)]+?(?=:\d+(?::\d+)?\)?$)/m.exec(new Error().stack)||[])[0]||globalThis.location?.href;`,
  },
});
const [api, merging] = declarations([
  { index: 'index.js', folders: /^(?:check\/index|adopt\/(?:link|names|recipe)|(?!index)(?:(?:load|toolkit|debug|wasm)\/)?[\w-]+)\.d\.ts$/ },
  { index: 'merge/index.js', folders: /^(?:merge|wasm)\/[\w-]+\.d\.ts$/ },
]);
const [cli] = declarations([{ index: 'cli/index.js', folders: /^(?:adopt\/(?:names|recipe)|(?:(?:cli|merge|wasm)\/)?[\w-]+)\.d\.ts$/ }], join(js, 'cli'));
writeFileSync(join(dist, 'memory.cli.d.ts'), cli);
writeFileSync(join(dist, 'memory.d.ts'), api);
writeFileSync(join(dist, 'memory.merge.d.ts'), merging);
writeFileSync(
  join(dist, 'memory.inspector.d.ts'),
  `import type { Heap } from './memory.js';

/** The element <memory-heap>: shows the heap that it is given. */
export class MemoryHeapElement extends HTMLElement {
  get heap(): Heap | undefined;
  set heap(heap: Heap | undefined);
  /** Whether the picture stands still. */
  paused: boolean;
  /** Replays a trace (WMT1, not compressed) on the heap, a part of it in each frame. */
  replay(bytes: Uint8Array): void;
  /** What the heap holds, as \`memory.wasm inspect\` reads it. */
  snapshot(): object;
}

/** Shows a heap, at the end of the page or in \`into\`. */
export function inspect(heap: Heap, into?: Element): MemoryHeapElement;
`,
);
writeFileSync(join(dist, 'memory.watch.d.ts'), 'export {};\n');
writeFileSync(join(dist, 'memory.global.d.ts'), "declare global {\n  var MemoryWasm: typeof import('./memory.js');\n}\nexport {};\n");
