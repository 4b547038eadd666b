// The package as npm packs it, installed into a scratch project and used from there in every way that a project uses packages.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import * as esbuild from 'esbuild';
import { rollup } from 'rollup';
import { build as viteBuild } from 'vite';
import webpack from 'webpack';
import { browsers } from '../e2e/browsers.js';
import { buildPrograms, kOut } from '../e2e/build-programs.js';
import { kStrictPolicy, startServer } from '../e2e/server.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-package-'));
const installed = join(scratch, 'node_modules', 'memory.wasm');
const inScratch = (...path) => join(scratch, ...path);
const write = (path, text) => {
  mkdirSync(inScratch(path, '..'), { recursive: true });
  writeFileSync(inScratch(path), text);
};

/** What every way of use must come to. */
const kExpected = { id: 7, x: 1.5, intact: 1, text: 'Grüße' };
const kUse = `
  const record = exports.createRecord(7, 1.5, 2.5) >>> 0;
  const block = heap.allocString('Grüße');
  const result = { id: heap.i32[record >> 2], x: heap.f32[(record >> 2) + 1], intact: exports.dataIsIntact(), text: heap.readString(block.pointer) };
  block.free();
`;
const kApp = `
  import { load } from 'memory.wasm';
  const { exports, heap, link } = await load(new URL('./record.wasm', import.meta.url));
  ${kUse}
  globalThis.results = { ...result, link };
`;
const kPage = (script) => `<!doctype html><meta charset="utf-8"><title>test</title>${script}`;

before(() => {
  buildPrograms();
  const name = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))[0].filename;
  write('package.json', '{ "name": "scratch", "version": "1.0.0" }');
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${name}`], { cwd: scratch, stdio: 'ignore' });
  mkdirSync(inScratch('src'));
  copyFileSync(join(kOut, 'record.wasm'), inScratch('src/record.wasm'));
});
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Serves a folder of the scratch project under a strict policy, and what else it may do, and returns what its page leaves in globalThis.results. */
async function inChromium(folder, policy = '') {
  const headers = { ...kStrictPolicy, 'content-security-policy': `${kStrictPolicy['content-security-policy']}; ${policy}` };
  const server = await startServer({ root: inScratch(folder), headers });
  try {
    return await browsers.chromium(server.address, 'globalThis.results');
  } finally {
    server.stop();
  }
}

const inNode = (file) => JSON.parse(execFileSync(process.execPath, [inScratch(file)], { encoding: 'utf8' }));

test('the package holds what ships, and nothing else', () => {
  assert.deepEqual(readdirSync(installed).sort(), ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'dist', 'docs', 'examples', 'package.json', 'src']);
  const files = readdirSync(join(installed, 'dist'));
  for (const file of ['memory.wasm', 'memory.small.wasm', 'memory.shared.wasm', 'memory64.wasm', 'memory.secure.wasm', 'memory.debug.wasm', 'libmemory64.a', 'memory.js', 'memory.merge.js', 'memory.table.js', 'memory.attach.js', 'memory.integrity.js', 'memory.threads.js', 'memory.debug.js', 'memory.check.js', 'memory.global.js', 'memory.inline.js', 'memory.d.ts', 'libmemory.a', 'libmemory_c.a', 'libmemory-imports.a', 'libmemory-pic.a', 'cli.js', 'include', 'licenses']) assert.ok(files.includes(file), file);
});

test('the links of its pages lead to files that are in it', () => {
  const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...readdirSync(join(installed, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
  for (const page of pages) {
    // `operator new[\](size)` is no link: a link has a text, which does not end in a backslash.
    const links = [...readFileSync(join(installed, page), 'utf8').matchAll(/\[[^\]\n]*[^\]\\\n]\]\(([\w./-]+)(#[\w-]+)?\)/g)].map(([, path]) => path);
    for (const link of links) assert.ok(existsSync(join(installed, page, '..', link)), `${page}: ${link}`);
  }
});

test('Node, ES module', () => {
  write('src/app.mjs', `${kApp} console.log(JSON.stringify(globalThis.results));`);
  assert.deepEqual(inNode('src/app.mjs'), { ...kExpected, link: 'merge' });
});

test('Node, CommonJS', () => {
  write('src/app.cjs', `
    const { pathToFileURL } = require('node:url');
    import('memory.wasm').then(async ({ load }) => {
      const { exports, heap, link } = await load(pathToFileURL(__dirname + '/record.wasm'));
      ${kUse}
      console.log(JSON.stringify({ ...result, link }));
    });`);
  assert.deepEqual(inNode('src/app.cjs'), { ...kExpected, link: 'merge' });
});

test('Node, everything in one file', () => {
  write('src/inline.mjs', kApp.replace("'memory.wasm'", "'memory.wasm/inline'") + 'console.log(JSON.stringify(globalThis.results));');
  assert.deepEqual(inNode('src/inline.mjs'), { ...kExpected, link: 'merge' });
});

test('the merger, as it ships: it tells what it did, and is small', () => {
  write('src/merge.mjs', `
    import { readFileSync } from 'node:fs';
    import { merge } from 'memory.wasm/merge';
    const heap = readFileSync(new URL(import.meta.resolve('memory.wasm/memory.wasm')));
    const { bytes, ...report } = merge(readFileSync(new URL('./record.wasm', import.meta.url)), heap, { leave: (module, name) => name !== 'malloc' });
    console.log(JSON.stringify({ ...report, valid: WebAssembly.validate(bytes) }));`);
  assert.deepEqual(inNode('src/merge.mjs'), { resolved: ['env.malloc'], mismatched: [], code: 'rewritten', dropped: [], valid: true });
  const compressed = brotliCompressSync(readFileSync(join(installed, 'dist', 'memory.merge.js'))).length;
  assert.ok(compressed <= 6144, `${compressed} bytes`);
});

test('the wasm can be asked for by name', () => {
  write('src/resolve.mjs', "console.log(JSON.stringify(import.meta.resolve('memory.wasm/memory.wasm')));");
  assert.equal(inNode('src/resolve.mjs'), pathToFileURL(join(installed, 'dist', 'memory.wasm')).href);
});

test('Vite', async () => {
  write('src/main.js', kApp);
  write('src/index.html', kPage('<script type="module" src="./main.js"></script>'));
  // assetsInlineLimit: a program this small would become a data: URL, which default-src 'self' forbids.
  await viteBuild({ root: inScratch('src'), logLevel: 'error', build: { outDir: inScratch('out-vite'), target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } } });
  assert.deepEqual(await inChromium('out-vite'), { ...kExpected, link: 'merge' });
});

test('Vite, with its default: files of less than 4 KB become data: URLs', async () => {
  write('src/main.js', kApp);
  write('src/index.html', kPage('<script type="module" src="./main.js"></script>'));
  await viteBuild({ root: inScratch('src'), logLevel: 'error', build: { outDir: inScratch('out-vite-inlined'), target: 'es2022', modulePreload: { polyfill: false } } });
  const scripts = readdirSync(inScratch('out-vite-inlined/assets')).filter((file) => file.endsWith('.js'));
  assert.ok(scripts.some((file) => readFileSync(inScratch('out-vite-inlined/assets', file), 'utf8').includes('data:application/wasm')), 'the program is inside a script');
  assert.deepEqual(await inChromium('out-vite-inlined', "connect-src 'self' data:"), { ...kExpected, link: 'merge' });
});

test('Rollup, with the wasm files copied beside the bundle', async () => {
  write('src/main.js', kApp);
  const bundle = await rollup({ input: inScratch('src/main.js'), plugins: [nodeResolve({ browser: true })] });
  await bundle.write({ dir: inScratch('out-rollup'), format: 'es' });
  await bundle.close();
  copyFileSync(join(installed, 'dist', 'memory.wasm'), inScratch('out-rollup/memory.wasm'));
  copyFileSync(inScratch('src/record.wasm'), inScratch('out-rollup/record.wasm'));
  write('out-rollup/index.html', kPage('<script type="module" src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-rollup'), { ...kExpected, link: 'merge' });
});

test('webpack', async () => {
  write('src/main.js', kApp);
  const stats = await new Promise((resolve, reject) =>
    webpack({ mode: 'production', context: inScratch('src'), entry: './main.js', output: { path: inScratch('out-webpack') } }, (error, stats) => (error ? reject(error) : resolve(stats))),
  );
  assert.deepEqual(stats.toJson({ errors: true, warnings: true }).errors, []);
  write('out-webpack/index.html', kPage('<script defer src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-webpack'), { ...kExpected, link: 'merge' });
});

test('esbuild, with the wasm files copied beside the bundle', async () => {
  write('src/main.js', kApp);
  await esbuild.build({ entryPoints: [inScratch('src/main.js')], bundle: true, minify: true, format: 'esm', outdir: inScratch('out-esbuild') });
  copyFileSync(join(installed, 'dist', 'memory.wasm'), inScratch('out-esbuild/memory.wasm'));
  copyFileSync(inScratch('src/record.wasm'), inScratch('out-esbuild/record.wasm'));
  write('out-esbuild/index.html', kPage('<script type="module" src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-esbuild'), { ...kExpected, link: 'merge' });
});

const kClassic = `
  MemoryWasm.load('./record.wasm').then(({ exports, heap, link }) => {
    ${kUse}
    done({ ...result, link });
  });`;

/** A folder with the files as somebody drops them on a server. */
function drop(folder, ...files) {
  mkdirSync(inScratch(folder), { recursive: true });
  for (const file of files) cpSync(join(installed, 'dist', file), inScratch(folder, file));
  copyFileSync(inScratch('src/record.wasm'), inScratch(folder, 'record.wasm'));
}

test('a classic script', async () => {
  drop('out-classic', 'memory.global.js', 'memory.wasm');
  write('out-classic/main.js', `const done = (result) => (globalThis.results = result); ${kClassic}`);
  write('out-classic/index.html', kPage('<script src="./memory.global.js"></script><script src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-classic'), { ...kExpected, link: 'merge' });
});

test('two files dropped on a server: without the merger, direct', async () => {
  drop('out-two', 'memory.js', 'memory.wasm');
  write('out-two/main.js', kApp.replace("'memory.wasm'", "'./memory.js'"));
  write('out-two/index.html', kPage('<script type="module" src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-two'), { ...kExpected, link: 'direct' });
});

test('a module worker', async () => {
  drop('out-worker', 'memory.js', 'memory.wasm', 'memory.merge.js');
  write('out-worker/worker.js', kApp.replace("'memory.wasm'", "'./memory.js'") + 'postMessage(globalThis.results);');
  write('out-worker/main.js', "new Worker('./worker.js', { type: 'module' }).onmessage = ({ data }) => (globalThis.results = data);");
  write('out-worker/index.html', kPage('<script type="module" src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-worker'), { ...kExpected, link: 'merge' });
});

test('a classic worker in another folder', async () => {
  drop('out-classic-worker', 'memory.global.js', 'memory.wasm');
  write('out-classic-worker/workers/worker.js', `importScripts('../memory.global.js'); const done = postMessage; ${kClassic.replace('./record', '../record')}`);
  write('out-classic-worker/main.js', "new Worker('./workers/worker.js').onmessage = ({ data }) => (globalThis.results = data);");
  write('out-classic-worker/index.html', kPage('<script type="module" src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-classic-worker'), { ...kExpected, link: 'merge' });
});

/** A worker whose script is a Blob: it has no folder, so it names files by their whole addresses. */
const kBlobWorker = (script, options) => `
  const script = ${JSON.stringify(script)}.replaceAll('HERE', location.origin);
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), ${options});
  worker.onmessage = ({ data }) => (globalThis.results = data);
  worker.onerror = ({ message = 'the script could not be loaded' }) => (globalThis.results = message);`;

test('a classic worker from a Blob', async () => {
  drop('out-blob-classic', 'memory.global.js', 'memory.wasm');
  write('out-blob-classic/main.js', kBlobWorker(`importScripts('HERE/memory.global.js'); const done = postMessage; ${kClassic.replace('./record', 'HERE/record')}`, '{}'));
  write('out-blob-classic/index.html', kPage('<script type="module" src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-blob-classic', 'worker-src blob:'), { ...kExpected, link: 'merge' });
});

test('a module worker from a Blob', async () => {
  drop('out-blob-module', 'memory.js', 'memory.wasm', 'memory.merge.js');
  const script = kApp.replace("'memory.wasm'", "'HERE/memory.js'").replace("new URL('./record.wasm', import.meta.url)", "'HERE/record.wasm'") + 'postMessage(globalThis.results);';
  write('out-blob-module/main.js', kBlobWorker(script, "{ type: 'module' }"));
  write('out-blob-module/index.html', kPage('<script type="module" src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-blob-module', "worker-src blob: 'self'"), { ...kExpected, link: 'merge' });
});

test('a page that was opened from disk: it may fetch nothing, and says so; with the bytes of the program the one script is all it needs', async () => {
  drop('out-disk', 'memory.global.js');
  const bytes = (file) => `Uint8Array.from(atob('${readFileSync(inScratch('out-disk', file)).toString('base64')}'), (letter) => letter.charCodeAt(0))`;
  write('out-disk/main.js', `const done = (result) => MemoryWasm.load('./record.wasm').catch(({ message, name }) => (globalThis.results = { ...result, error: name + ': ' + message }));
    ${kClassic.replace("'./record.wasm'", bytes('record.wasm'))}`);
  write('out-disk/index.html', kPage('<script src="./memory.global.js"></script><script src="./main.js"></script>'));
  const { error, ...result } = await browsers.chromium(pathToFileURL(inScratch('out-disk/index.html')).href, 'globalThis.results');
  assert.deepEqual(result, { ...kExpected, link: 'merge' });
  assert.match(error, /^FetchError: file:.* could not be fetched: .*This page was opened from disk \(file:\), and browsers let such a page fetch nothing\. Serve the folder/);
});

test('a service worker, which may not import() anything', async () => {
  drop('out-service', 'memory.global.js', 'memory.wasm');
  const answer = "addEventListener('fetch', (event) => event.request.url.endsWith('/answer') && event.respondWith(answer.then((result) => Response.json(result))));";
  write('out-service/worker.js', `importScripts('./memory.global.js'); let done; const answer = new Promise((resolve) => (done = resolve)); ${kClassic} ${answer}
    addEventListener('install', () => skipWaiting()); addEventListener('activate', (event) => event.waitUntil(clients.claim()));`);
  write('out-service/main.js', `navigator.serviceWorker.register('./worker.js');
    navigator.serviceWorker.ready.then(async () => {
      if (!navigator.serviceWorker.controller) await new Promise((resolve) => (navigator.serviceWorker.oncontrollerchange = resolve));
      globalThis.results = await (await fetch('./answer')).json();
    });`);
  write('out-service/index.html', kPage('<script type="module" src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-service'), { ...kExpected, link: 'merge' });
});

test('an AudioWorklet, which has neither fetch nor AbortController nor TextDecoder', async () => {
  drop('out-audio', 'memory.js', 'memory.wasm');
  write('out-audio/processor.js', `import { load, loadSync } from './memory.js';
    registerProcessor('probe', class extends AudioWorkletProcessor {
      constructor({ processorOptions: { program, memory } }) {
        super();
        const found = loadSync(program, { heap: memory });
        const record = found.exports.createRecord(7, 1.5, 2.5) >>> 0;
        load(program, { heap: memory, link: 'direct' }).then(
          ({ link }) => this.port.postMessage({ id: found.heap.i32[record >> 2], sync: found.link, link }),
          (error) => this.port.postMessage(String(error)));
      }
      process() { return false; }
    });`);
  write('out-audio/main.js', `const context = new OfflineAudioContext(1, 128, 44100);
    const [program, memory] = await Promise.all(['./record.wasm', './memory.wasm'].map(async (file) => (await fetch(file)).arrayBuffer()));
    await context.audioWorklet.addModule('./processor.js');
    const node = new AudioWorkletNode(context, 'probe', { processorOptions: { program, memory } });
    node.onprocessorerror = () => (globalThis.results = 'the processor threw');
    node.port.onmessage = ({ data }) => (globalThis.results = data);
    await context.startRendering();`);
  write('out-audio/index.html', kPage('<script type="module" src="./main.js"></script>'));
  assert.deepEqual(await inChromium('out-audio'), { id: 7, sync: 'direct', link: 'direct' });
});

for (const format of ['iife', 'cjs']) {
  test(`esbuild, format ${format}: the heap is looked for beside the script, or it is said that it can't be found`, async () => {
    const app = `import { load } from 'memory.wasm';
      load('./record.wasm').then(({ exports, heap, link }) => { ${kUse} globalThis.results = { ...result, link }; }, (error) => { globalThis.results = error.name + ': ' + error.message; });`;
    write('src/main.js', app);
    const out = `out-esbuild-${format}`;
    await esbuild.build({ entryPoints: [inScratch('src/main.js')], bundle: true, minify: true, format, outdir: inScratch(out), logLevel: 'error' });
    for (const file of [join(installed, 'dist', 'memory.wasm'), inScratch('src/record.wasm')]) copyFileSync(file, inScratch(out, file.split('/').at(-1)));
    write(`${out}/index.html`, kPage('<script src="./main.js"></script>'));
    assert.deepEqual(await inChromium(out), { ...kExpected, link: 'merge' });
  });
}

test('what is not used is left out of a bundle', async () => {
  const bundle = async (text) => {
    write('src/shake.js', text);
    const { outputFiles } = await esbuild.build({ entryPoints: [inScratch('src/shake.js')], bundle: true, minify: true, format: 'esm', write: false, external: ['./memory.*.js'] });
    return outputFiles[0].text.length;
  };
  const nothing = await bundle("import { load } from 'memory.wasm';");
  const load = await bundle("import { load } from 'memory.wasm'; globalThis.load = load;");
  const all = await bundle("import * as all from 'memory.wasm'; globalThis.all = all;");
  assert.ok(nothing < 100, `an unused import leaves ${nothing} bytes`);
  assert.ok(load < all - 2000, `load alone has ${load} bytes, all of it ${all}`);
});
