// npm run test:check:long
//
// Real programs that are right give no report: Lua, SQLite, cmark, Duktape, Jim and cJSON (Debian's sources, with wasi-libc inside), a C++ program full of
// containers, a Rust and a Zig program. Each runs in every mode that this engine has, and comes to what it comes to without checks; what the checks cost is printed,
// beside the debug heap without them. `--rounds 9` for figures that are worth something; run it in the newest Node for 'call' and 'inline'.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileProgram } from '../../../bench/lib/programs.js';
import { load } from '../../../dist/memory.js';
import { hasSecondMemory } from '../../../js/check/runtime.js';
import { instrument } from '../../../js/check/instrument.js';
import { debianSource, kThirdParty } from '../../merge/long/packages.js';

const kRounds = Number(process.env.ROUNDS ?? 3);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const source = (name) => fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
const out = (name) => join(kThirdParty, name);
mkdirSync(kThirdParty, { recursive: true });

const kLibraries = '/usr/lib/wasm32-wasi';
const kFlags = ['--target=wasm32-wasi', '--sysroot=/usr', '-O2', '-mbulk-memory', '-w'];

/** wasi-libc without its heap. @param {string[]} objects @param {string} name @param {string[]} more */
function linked(objects, name, ...more) {
  const library = out('libc-without-malloc.a'), file = out(`${name}.wasm`);
  copyFileSync(join(kLibraries, 'libc.a'), library);
  execFileSync('llvm-ar-19', ['d', library, 'dlmalloc.o', 'sbrk.o', 'abort.o']);
  execFileSync('wasm-ld-19', [join(kLibraries, 'crt1-reactor.o'), ...objects, ...more, library, join(kLibraries, 'libm.a'), join(kLibraries, 'libwasi-emulated-signal.a'),
    '/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a', '--entry=_initialize', '--export=__heap_base', '--allow-undefined', '--gc-sections', '-o', file]);
  return file;
}

/** @type {Record<string, () => { file: string, run?: (exports: any) => unknown }>} */
const kPrograms = {
  ...Object.fromEntries(['lua', 'sqlite', 'cmark', 'duktape', 'jim'].map((name) => [name, () => ({ file: linked(compileProgram(name), name) })])),
  cjson() {
    const folder = debianSource('cjson'), objects = [join(folder, 'cJSON.c'), source('json.c')].map((file, i) => {
      execFileSync('clang-19', [...kFlags, `-I${folder}`, '-c', file, '-o', out(`cjson${i}.o`)]);
      return out(`cjson${i}.o`);
    });
    return { file: linked(objects, 'cjson') };
  },
  'C++'() {
    execFileSync('clang++-19', [...kFlags, '-std=c++20', '-fno-exceptions', '-c', source('containers.cpp'), '-o', out('containers.o')]);
    return { file: linked([out('containers.o')], 'containers', join(kLibraries, 'libc++.a'), join(kLibraries, 'libc++abi.a')) };
  },
  Rust() {
    const words = fileURLToPath(new URL('../../merge/long/programs/words.rs', import.meta.url));
    execFileSync('/usr/bin/rustc', ['--target=wasm32-unknown-unknown', '--crate-type=staticlib', '-O', '-C', 'panic=abort', words, '-o', out('libwords.a')]);
    execFileSync('wasm-ld-19', ['--no-entry', '--export=run', '--export=__heap_base', '--allow-undefined', '--gc-sections', out('libwords.a'), '-o', out('words.wasm')]);
    return { file: out('words.wasm') };
  },
  Zig() {
    const path = execFileSync(join(root, '.ci/need'), ['zig'], { encoding: 'utf8' }).trim();
    execFileSync('zig', ['build-exe', join(root, 'examples/zig/program.zig'), '-target', 'wasm32-freestanding', '-O', 'ReleaseSmall', '-fno-entry', '-rdynamic', '--import-symbols',
      `-femit-bin=${out('zig.wasm')}`], { env: { ...process.env, PATH: path } });
    return { file: out('zig.wasm'), run: (exports) => exports.onOurHeap(20000, 977) };
  },
};

const kBadFile = 8;
/** WASI for programs that use no file: every call fails. */
const wasi = { wasi_snapshot_preview1: new Proxy({}, { get: () => () => kBadFile }) };
const kModes = hasSecondMemory() ? ['call', 'inline', 'import'] : ['import'];

const milliseconds = (work) => {
  const before = process.cpuUsage(), result = work(), { user, system } = process.cpuUsage(before);
  return { result, time: (user + system) / 1000 };
};
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

for (const [name, make] of Object.entries(kPrograms)) {
  test(name, async () => {
    const { file, run = (exports) => exports.run() } = make(), url = pathToFileURL(file), heap = { heap: 'debug', debug: { stacks: false }, imports: wasi };
    const programs = [{ mode: 'unchecked', program: await load(url, heap) }];
    for (const mode of kModes) programs.push({ mode, program: await load(url, { ...heap, check: { mode, uninitialized: false } }) });
    /** @type {number[][]} */
    const times = programs.map(() => []);
    let expected;
    for (let round = 0; round <= kRounds; round++) {
      programs.forEach(({ mode, program }, i) => {
        const { result, time } = milliseconds(() => run(program.exports));
        expected ??= result;
        assert.equal(result, expected, mode);
        if (round) times[i].push(time); // the first compiles
      });
    }
    for (const { program } of programs) assert.deepEqual([...program.heap.findings, ...(program.check?.findings ?? [])], []);
    const bytes = new Uint8Array(readFileSync(file)), sizes = Object.fromEntries(kModes.map((mode) => {
      const { counts: { code, codeBefore } } = instrument(bytes, { mode: /** @type {any} */ (mode) });
      return [mode, (code / codeBefore).toFixed(2)];
    }));
    const { accesses, checked } = programs[1].program.check;
    console.log(`${name}: ${checked} of ${accesses} accesses are checked; ${programs.map(({ mode }, i) =>
      `${mode} ${(median(times[i]) / median(times[0])).toFixed(2)} x time${sizes[mode] ? `, ${sizes[mode]} x code` : ''}`).join('; ')}`);
  });
}
