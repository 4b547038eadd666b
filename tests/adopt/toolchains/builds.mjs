// Programs with an allocator inside, by toolchain, allocator and level: the same churn (programs/churn.*) in C, Rust, Zig and AssemblyScript. They
// keep their names, which say the truth about who is who. What a toolchain makes is kept in build/adopt-toolchains.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianSource } from '../../../bench/lib/build.js';
import { kRoot, run } from '../../toolchain/llvm.js';

/**
 * @typedef {object} Build
 * @property {string} toolchain
 * @property {string} allocator
 * @property {string} level
 * @property {string} source in tests/adopt/programs
 * @property {(source: string, file: string) => [command: string, options: string[]][]} commands one after the other
 * @property {string} [glue] the JavaScript that came with it
 */

const kOut = join(kRoot, 'build/adopt-toolchains');
const kLevels = ['-O0', '-O1', '-O2', '-O3', '-Os', '-Oz', '-O2 -flto', '-Oz -flto'];
const kFamily = ['malloc', 'free', 'calloc', 'realloc', 'aligned_alloc', 'posix_memalign'];

const words = (text) => text.split(' ').filter(Boolean);
const builtins = () => `${run('clang-19', '-print-resource-dir').trim()}/lib/wasi/libclang_rt.builtins-wasm32.a`;

const kLibrary = '/usr/lib/wasm32-wasi';
/**
 * Compiled and linked one after the other: in one call clang would have wasm-opt, where that is installed, take the names away. A source that is
 * given beside the program's own replaces what the library has.
 */
export const clang = (level, ...more) => (source, file) => {
  const sources = [source, ...more.filter((option) => option.endsWith('.c'))];
  const objects = sources.map((_, i) => `${file}.${i}.o`);
  const flags = ['--target=wasm32-wasi', '-I/usr/include/wasm32-wasi', '-w', ...words(level), ...more.filter((option) => /^-[DI]/.test(option))];
  return [
    ...sources.map((one, i) => ['clang-19', [...flags, '-c', one, '-o', objects[i]]]),
    ['wasm-ld-19', [`-L${kLibrary}`, '--no-entry', '--export=_initialize', `${kLibrary}/crt1-reactor.o`, ...objects, ...more.filter((option) => option.startsWith('--') || option.endsWith('.o')), '-lc', builtins(), '-o', file]],
  ];
};

/** @type {(level: string) => Build[]} */
const wasiLibc = (level) => [
  { toolchain: 'clang 19, wasi-libc', allocator: 'dlmalloc', level, source: 'churn.c', commands: clang(level) },
  { toolchain: 'clang 19, wasi-libc', allocator: 'dlmalloc, exported', level, source: 'churn.c', commands: clang(level, ...kFamily.map((name) => `--export=${name}`)) },
];

/** With glue, the names of imports and exports are minified from -O2 on. */
export const emcc = (level, allocator, ...more) => (source, file) =>
  [['emcc', [...words(level), source, '--profiling-funcs', `-sMALLOC=${allocator}`, ...more, '-o', file]]];
const kGlue = ['-sMODULARIZE', '-sEXPORTED_FUNCTIONS=_run,_malloc,_free', '-sENVIRONMENT=node'];

/** @type {(level: string) => Build[]} */
const emscripten = (level) =>
  ['dlmalloc', 'emmalloc'].flatMap((allocator) => [
    { toolchain: 'Emscripten 3.1.6, standalone', allocator, level, source: 'churn.c', commands: emcc(level, allocator, '-sALLOW_MEMORY_GROWTH', '-sSTANDALONE_WASM', '--no-entry') },
    { toolchain: 'Emscripten 3.1.6, with glue', allocator, level, source: 'churn.c', glue: '.js', commands: emcc(level, allocator, '-sALLOW_MEMORY_GROWTH', ...kGlue) },
    { toolchain: 'Emscripten 3.1.6, fixed memory', allocator, level, source: 'churn.c', glue: '.js', commands: emcc(level, allocator, '-sINITIAL_MEMORY=64MB', ...kGlue) },
  ]);

/** Debian's source of mimalloc, in place of the library's malloc. */
export const mimalloc = (level) => (source, file) => {
  const from = debianSource('mimalloc');
  return clang(level, '-DALIGNMENTS=4', '-DNDEBUG', '-DMI_MALLOC_OVERRIDE', `-I${from}/include`, join(kRoot, 'bench/peers/mimalloc_host.c'), join(from, 'src/static.c'))(source, file);
};
const withMimalloc = (level) => ({ toolchain: 'clang 19', allocator: 'mimalloc 2', level, source: 'churn.c', commands: mimalloc(level) });

const kRustLevels = ['0', '1', '2', '3', 's', 'z', '3 lto=fat', 'z lto=fat'];
/** By its full path: Debian's standard library fits only Debian's compiler. @type {(level: string) => Build} */
const rust = (level) => ({
  toolchain: 'Rust 1.63', allocator: 'dlmalloc', level, source: 'churn.rs',
  commands: (source, file) => [['/usr/bin/rustc', ['--target', 'wasm32-unknown-unknown', '--crate-type', 'cdylib', '--edition', '2021', '-C', 'panic=abort',
    ...`opt-level=${level}`.split(' ').flatMap((option) => ['-C', option]), source, '-o', file]]],
});

const kZigModes = ['Debug', 'ReleaseSafe', 'ReleaseFast', 'ReleaseSmall'];
const zig = (what, mode, ...options) => ['zig', [what, '-O', mode, ...options]];
const program = (name) => join(kRoot, 'tests/adopt/programs', name);
/** Zig's own allocators; the debug allocator writes its findings to WASI. */
const kZigHeaps = [
  ['wasm_allocator', 'heap_wasm.zig', '-target', 'wasm32-freestanding'],
  ['arena', 'heap_arena.zig', '-target', 'wasm32-freestanding'],
  ['debug allocator', 'heap_debug.zig', '-target', 'wasm32-wasi', '-mexec-model=reactor'],
];
/** @type {(mode: string) => Build[]} */
const zigs = (mode) => [
  ...kZigHeaps.map(([allocator, heap, ...target]) => ({
    toolchain: 'Zig 0.16', allocator, level: mode, source: 'churn.zig',
    commands: (source, file) => [zig('build-exe', mode, '-fno-entry', ...target, '-rdynamic', `-femit-bin=${file}`, '--dep', 'heap', `-Mroot=${source}`, `-Mheap=${program(heap)}`)],
  })),
  { toolchain: 'Zig 0.16', allocator: "wasm_allocator under C's names", level: mode, source: 'churn.c',
    commands: (source, file) => [
      zig('build-obj', mode, '-target', 'wasm32-freestanding', '-fsingle-threaded', join(kRoot, 'bench/peers/zig.zig'), `-femit-bin=${file}.zig.o`),
      ...clang('-O2', program('posix_memalign.c'), `${file}.zig.o`, ...kFamily.map((name) => `--export=${name}`))(source, file),
    ] },
  { toolchain: 'Zig 0.16 for C', allocator: "malloc of Zig's libc", level: mode, source: 'churn.c',
    commands: (source, file) => [zig('build-exe', mode, '-fno-entry', '-target', 'wasm32-wasi', '-lc', '-mexec-model=reactor', '-rdynamic', source, `-femit-bin=${file}`)] },
];

/** @type {(runtime: string) => Build} */
const assemblyscript = (runtime) => ({
  toolchain: 'AssemblyScript', allocator: `TLSF, runtime ${runtime}`, level: '-O2', source: 'churn.ts',
  commands: (source, file) => [['asc', [source, '-O2', '--debug', '--runtime', runtime, '--use', 'abort=', '-o', file]]],
});

/** All of them. */
export const kBuilds = [
  ...kLevels.flatMap(wasiLibc),
  ...kLevels.flatMap(emscripten),
  ...kLevels.map(withMimalloc),
  ...kRustLevels.map(rust),
  ...kZigModes.flatMap(zigs),
  ...['stub', 'minimal', 'incremental'].map(assemblyscript),
];

/** Where `.ci/need` has put zig and asc; and where Debian has the JavaScript that emcc needs. */
const environment = () => ({ ...process.env, PATH: `${join(kRoot, 'build/tools/bin')}:${process.env.PATH}`, NODE_PATH: '/usr/share/nodejs' });

const slug = ({ toolchain, allocator, level }) => `${toolchain} ${allocator} ${level}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
const isNewer = (file, than) => existsSync(file) && statSync(file).mtimeMs > statSync(than).mtimeMs;

/**
 * Builds one, if it isn't there. Throws with what the toolchain said if it can't.
 * @param {Build} build
 * @returns {{ bytes: Uint8Array, glue?: string }}
 */
export function made(build) {
  mkdirSync(kOut, { recursive: true });
  writeFileSync(join(kOut, 'package.json'), '{ "type": "commonjs" }\n'); // the glue is
  const source = join(kRoot, 'tests/adopt/programs', build.source);
  const name = slug(build);
  const file = join(kOut, `${name}.wasm`);
  const target = build.glue ? join(kOut, `${name}${build.glue}`) : file;
  if (!isNewer(target, source)) {
    for (const [command, options] of build.commands(source, target)) {
      try {
        execFileSync(command, options, { cwd: kOut, stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
      } catch (error) {
        throw new Error(`${command}: ${error.code === 'ENOENT' ? 'not installed' : String(error.stderr).split('\n')[0]}`, { cause: error });
      }
    }
  }
  return { bytes: new Uint8Array(readFileSync(file)), glue: build.glue && target };
}
