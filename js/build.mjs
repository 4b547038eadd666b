// Makes what ships of js/: dist/memory.js (an ES module), dist/memory.global.js (a classic script, global MemoryWasm), the merger
// that both load when they need it, dist/memory.merge.js, and dist/memory.d.ts. Run by `npm run build`.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '..', 'dist');

/** The merger stays a file of its own. */
const mergerApart = {
  name: 'merger-apart',
  setup: (build) => build.onResolve({ filter: /\/merge\/index\.js$/ }, ({ kind }) => kind === 'dynamic-import' ? { path: './memory.merge.js', external: true } : undefined),
};

const common = { bundle: true, minify: true, target: 'es2022', sourcemap: true, logLevel: 'warning', plugins: [mergerApart], entryPoints: [join(here, 'index.js')] };

await build({ ...common, format: 'esm', outfile: join(dist, 'memory.js') });
await build({ ...common, entryPoints: [join(here, 'merge', 'index.js')], format: 'esm', outfile: join(dist, 'memory.merge.js') });
await build({
  ...common,
  format: 'iife',
  globalName: 'MemoryWasm',
  outfile: join(dist, 'memory.global.js'),
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
    execFileSync(process.execPath, [tsc, '-p', here, '--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', out], { stdio: 'inherit' });
    const files = readdirSync(out).filter((file) => file.endsWith('.d.ts') && file !== 'index.d.ts');
    return inOne(files.map((file) => readFileSync(join(out, file), 'utf8')), readFileSync(join(here, 'index.js'), 'utf8'));
  } finally {
    rmSync(out, { recursive: true });
  }
}

/**
 * Names are unique over js/, so the files can stand one after the other once their references to each other are cut: what index.js
 * exports is exported by name at the end, the rest is local.
 */
function inOne(files, index) {
  const body = files
    .join('\n')
    .replace(/import\("\.\/[\w-]+\.js"\)\.(default\.)?/g, '')
    .replace(/^import .*$/gm, '')
    .replace(/^export \{\};$/gm, '')
    .replace(/^export (declare )?(?=type|interface|class|function|const|declare)/gm, (_, declare = '') => declare);
  const types = [...new Set([...body.matchAll(/^(?:type|interface) (\w+)/gm)].map(([, name]) => name))];
  const values = [...index.matchAll(/export \{([^}]*)\}/g)].flatMap(([, names]) => names.split(',')).map((name) => name.trim()).filter(Boolean);
  return `${body}\nexport { ${[...values, ...types.filter((name) => !values.includes(name)).map((name) => `type ${name}`)].join(', ')} };\n`;
}
