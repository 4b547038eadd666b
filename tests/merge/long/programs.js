// node tests/merge/long/programs.js
//
// Real programs, merged, do what they did before: SQLite and Lua (Debian's sources) and small programs in Rust and AssemblyScript
// over memory.wasm, linked in every way; and Binaryen, wabt, esbuild and a formatter for Dart as npm has them. These bring their own
// heap, or leave all to the engine's garbage collector (Dart): they are made to import a heap (import-heap.js), merged, and used.
// Needs dist/ and clang-19, wasi-libc, rustc with its wasm32 library.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'node:test';
import { compileProgram } from '../../../bench/lib/programs.js';
import { load } from '../../../dist/memory.js';
import { kThirdParty, newestNode, npmPackages } from './packages.js';

const kHeap = new URL('../../../dist/memory.wasm', import.meta.url);
const source = name => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
const out = name => join(kThirdParty, name);
mkdirSync(kThirdParty, { recursive: true });

const kBadFile = 8;
/** WASI for programs that use no file: every call fails. */
const wasi = { wasi_snapshot_preview1: new Proxy({}, { get: () => () => kBadFile }) };

/** @param {string} file @param {(program: import('../../../js/load/load.js').Loaded) => unknown} use */
async function inEveryMode(file, use) {
  const results = {};
  for (const link of ['trampoline', 'table', 'direct', 'merge']) {
    const program = await load(pathToFileURL(file), { heap: kHeap, imports: wasi, link });
    assert.equal(program.link, link);
    results[link] = [use(program), program.heap.check()];
    if (link === 'merge') assert.ok(program.heap.footprint > 0, 'the heap was not used');
  }
  for (const link of ['table', 'direct', 'merge']) assert.deepEqual(results[link], results.trampoline, link);
  return results.merge[0];
}

for (const name of ['lua', 'sqlite']) {
  test(name, async () => {
    const library = out('libc-without-malloc.a'), libraries = '/usr/lib/wasm32-wasi', file = out(`${name}.wasm`);
    copyFileSync(join(libraries, 'libc.a'), library);
    execFileSync('llvm-ar-19', ['d', library, 'dlmalloc.o', 'sbrk.o', 'abort.o']);
    execFileSync('wasm-ld-19', [join(libraries, 'crt1-reactor.o'), ...compileProgram(name), library, join(libraries, 'libm.a'),
      join(libraries, 'libwasi-emulated-signal.a'), '/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a',
      '--entry=_initialize', '--export=__heap_base', '--allow-undefined', '--gc-sections', '-o', file]);
    assert.ok(Number(await inEveryMode(file, ({ exports }) => exports.run())) !== 0);
  });
}

test('Rust', async () => {
  const file = out('words.wasm');
  execFileSync('/usr/bin/rustc', ['--target=wasm32-unknown-unknown', '--crate-type=staticlib', '-O', '-C', 'panic=abort', source('words.rs'), '-o', out('libwords.a')]);
  execFileSync('wasm-ld-19', ['--no-entry', '--export=run', '--export=__heap_base', '--allow-undefined', '--gc-sections', out('libwords.a'), '-o', file]);
  assert.notEqual(await inEveryMode(file, ({ exports }) => exports.run()), 0);
});

test('AssemblyScript', async () => {
  const file = out('blocks.wasm'), asc = join(npmPackages().resolve('assemblyscript/package.json'), '../bin/asc.js');
  copyFileSync(source('blocks.ts'), out('blocks.ts'));
  execFileSync(process.execPath, [asc, out('blocks.ts'), '-o', file, '--runtime', 'stub', '-O'], { cwd: kThirdParty });
  assert.notEqual(await inEveryMode(file, ({ exports }) => exports.run()), 0);
});

// What a package compiles goes through the merger when MERGE is set: in a process of its own, which prints what the package made.
const kIntercept = `
  const { instantiate, Module, compile } = WebAssembly;
  let merged = 0;
  const through = source => {
    if (!(ArrayBuffer.isView(source) || source instanceof ArrayBuffer)) return source;
    const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
    if (bytes.length < 100000 || !process.env.MERGE) return source;
    const { program, heap } = importHeap(bytes);
    merged++;
    return merge(program, heap, { exportAs: () => undefined }).bytes;
  };
  WebAssembly.instantiate = (source, imports) => instantiate(through(source), imports);
  WebAssembly.compile = (source, options) => compile(through(source), options);
  WebAssembly.Module = new Proxy(Module, { construct: (target, [source, options]) => new target(through(source), options) });
  process.on('exit', () => { if (process.env.MERGE && !merged) { console.log('nothing was merged'); process.exitCode = 1; } });
`;

/** @param {string} name @param {string} script @param {() => string} [node] that runs it */
function package_(name, script, node = () => process.execPath) {
  test(name, () => {
    const file = out(`use-${name.replaceAll('/', '-')}.mjs`), url = path => JSON.stringify(new URL(path, import.meta.url).href);
    writeFileSync(file, `import { createRequire } from 'node:module';
      import { merge } from ${url('../../../js/merge/index.js')}; import { importHeap } from ${url('./import-heap.js')};
      const require = createRequire(${JSON.stringify(name === 'binaryen' ? fileURLToPath(import.meta.url) : out('npm/package.json'))});
      ${kIntercept} ${script}`);
    npmPackages();
    const [before, after] = [{}, { MERGE: '1' }].map(env => spawnSync(node(), [file], { env: { ...process.env, ...env }, maxBuffer: 1e9, encoding: 'utf8' }));
    assert.equal(before.status, 0, before.stderr);
    assert.equal(after.status, 0, after.stderr + after.stdout.slice(0, 500));
    assert.ok(before.stdout.length > 1000, 'the program made little');
    assert.equal(after.stdout, before.stdout);
  });
}

const kText = readFileSync(new URL('../heap.wat', import.meta.url), 'utf8');

package_('binaryen', `
  const { default: binaryen } = await import(require.resolve('binaryen'));
  const module = binaryen.parseText(${JSON.stringify('(module (memory 1) (func (export "f") (param i32) (result i32) (local i32) (loop $l (local.set 1 (i32.add (local.get 1) (i32.mul (local.get 0) (i32.const 3)))) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))')});
  for (let i = 0; i < 60; i++) module.addFunction('g' + i, binaryen.createType([binaryen.i32]), binaryen.i32, [], module.i32.add(module.local.get(0, binaryen.i32), module.i32.const(i))), module.addFunctionExport('g' + i, 'g' + i);
  binaryen.setOptimizeLevel(3);
  module.optimize();
  console.log(module.emitText(), Buffer.from(module.emitBinary()).toString('hex'));
`);

package_('wabt', `
  const wabt = await require('wabt')();
  const module = wabt.parseWat('heap.wat', ${JSON.stringify(kText)});
  module.resolveNames();
  module.validate();
  const { buffer, log } = module.toBinary({ log: true, write_debug_names: true });
  const again = wabt.readWasm(buffer, { readDebugNames: true });
  again.generateNames();
  again.applyNames();
  console.log(log, again.toText({ foldExprs: true }));
`);

package_('esbuild-wasm', `
  const esbuild = require('esbuild-wasm/lib/browser.js');
  const { readFileSync } = await import('node:fs');
  globalThis.self ??= globalThis;
  const wasmModule = await WebAssembly.compile(readFileSync(require.resolve('esbuild-wasm/esbuild.wasm')));
  await esbuild.initialize({ wasmModule, worker: false });
  const source = readFileSync(${JSON.stringify(fileURLToPath(new URL('../../../js/merge/merge.js', import.meta.url)))}, 'utf8');
  console.log((await esbuild.transform(source, { minify: true, target: 'es2017' })).code);
  process.exit();
`);

// dart2wasm's code is garbage collection throughout: structs, arrays, casts, recursive types, typed function references, and exceptions
// of the old kind. As it left the compiler, and as Binaryen optimized it; with the engine's strings, and with JavaScript's.
const kDart = readFileSync(source('shapes.dart'), 'utf8');
for (const file of ['dart_fmt.wasm', 'dart_fmt.unopt.wasm']) {
  package_(`@wasm-fmt/dart_fmt/${file}`, `
    const { readFileSync } = await import('node:fs'), { pathToFileURL } = await import('node:url');
    const { initSync, formatWrapper } = await import(pathToFileURL(require.resolve('@wasm-fmt/dart_fmt/dart_fmt.mjs')));
    globalThis.location = { href: 'file:///' }; // the engine's strings trap where JavaScript's let it pass that there is none
    const source = ${JSON.stringify(kDart)};
    for (const builtins of [[], ['js-string']]) {
      const app = initSync(new WebAssembly.Module(readFileSync(require.resolve('@wasm-fmt/dart_fmt/${file}')), { builtins }), { builtins });
      for (const line_width of [20, 40, 80, 160]) console.log(formatWrapper(app, source, 'source.dart', { line_width }));
      // Cut short it is no Dart any more, mostly: the parser throws, the formatter catches and tells.
      for (let end = 0; end < source.length; end += 97) {
        try {
          console.log(formatWrapper(app, source.slice(0, end)));
        } catch (error) {
          console.log(error.message);
        }
      }
      console.log(formatWrapper(app, source.replace(/^(library|import) .*$/gm, '').repeat(20)));
    }
  `, newestNode);
}
