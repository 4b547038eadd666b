// The allocators that are compared, by name: how each is had and built. Nothing of a third party is in this
// repository: the peers come from Debian and npm packages when the benchmark runs.
import { existsSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { BENCH, BUILD, COMPILED_BY, REPOSITORY, assembleTrampolines, compile, firstExisting, fromNpm, isNewer, linkAllocator, linkImporting, linkMerged, linkStatic, run } from './build.js';
import { PAGE, TABLES, TABLES_BYTES } from './instance.js';

/**
 * @typedef {object} Built
 * @property {string} name
 * @property {'static' | 'merged' | 'direct' | 'js' | 'wasm'} link
 * @property {string} program path of the harness module
 * @property {string[]} [objects] what was linked, when it was linked statically
 * @property {string} [roomy] the same with larger tables, for the scaling
 * @property {string} [heap] path of the allocator's module when it isn't in the program
 * @property {string} [trampolines] path of the module between the two, with link 'wasm'
 * @property {string[]} [only] the only workloads it can run; no trace then
 * @property {number} [maxAlignment] aligned_alloc refuses more: traces that ask for more are not run
 * @property {string} [alone] path of a module with the allocator's code alone, for its size
 * @property {Record<string, string>} [levels] the same at -Oz, -Os, -O2 when there are sources
 */

const LEVELS = ['-Oz', '-Os', '-O2'];
const BUMPED = ['pair', 'lifo', 'fifo', 'churn_small', 'cfrac', 'tree', 'strings', 'fragment'];
const EMSCRIPTEN = '/usr/share/emscripten';

/** @type {Record<string, { source: string, build: () => Built }>} */
export const peers = {
  'wasi-dlmalloc': {
    source: 'Debian wasi-libc',
    build: () => fromObjects('wasi-dlmalloc', [wasiLibrary()]),
  },
  'emscripten-dlmalloc': {
    source: 'Debian emscripten, dlmalloc.c',
    build: () => fromSources('emscripten-dlmalloc', emscripten('dlmalloc.c')),
  },
  'emscripten-emmalloc': {
    source: 'Debian emscripten, emmalloc.c',
    build: () => fromSources('emscripten-emmalloc', emscripten('emmalloc.c')),
  },
  'assemblyscript-tlsf': {
    source: 'npm assemblyscript, the TLSF of its runtime',
    build: () => assemblyscript('assemblyscript-tlsf'),
  },
  'rust-std': {
    source: 'Debian rustc and libstd-rust-dev-wasm32: dlmalloc in Rust, with a header for the size',
    build: rust,
  },
  bump: {
    source: 'bench/bounds/bump.c: a bound, frees nothing',
    // Not the traces: it would fill gigabytes.
    build: () => ({ ...fromSources('bump', [{ file: join(BENCH, 'bounds/bump.c') }]), only: BUMPED }),
  },
  lists: {
    source: 'bench/bounds/lists.c: a bound, one list per size class, never joins blocks',
    build: () => fromSources('lists', [{ file: join(BENCH, 'bounds/lists.c') }]),
  },
  fixed: {
    source: 'bench/bounds/fixed.c: the floor of the workload pair, no allocator at all',
    build: () => ({ ...fromSources('fixed', [{ file: join(BENCH, 'bounds/fixed.c') }]), only: ['pair'], objects: undefined }),
  },
};

/** These are no allocators one could use. */
export const bounds = ['bump', 'lists', 'fixed'];

function wasiLibrary() {
  const library = firstExisting('/usr/lib/wasm32-wasi/libc.a', '/opt/wasi-sdk/share/wasi-sysroot/lib/wasm32-wasi/libc.a');
  if (!library) throw new Error('wasi-libc is not installed (Debian package wasi-libc)');
  return library;
}

/** @param {string} allocator */
function emscripten(allocator) {
  const library = join(EMSCRIPTEN, 'system/lib');
  if (!existsSync(library)) throw new Error('Emscripten is not installed (Debian package emscripten)');
  const include = join(EMSCRIPTEN, 'cache/sysroot/include');
  const flags = ['--target=wasm32-unknown-emscripten', '-isystem', join(include, 'compat'), '-isystem', include, '-DNDEBUG', '-DEMSCRIPTEN_NO_ERRNO',
    // emmalloc refuses sizes that are no multiple of the alignment; programs ask for them: let memalign serve them
    '-Daligned_alloc=aligned_alloc_of_multiples', '-fno-strict-aliasing'];
  return [...[allocator, 'sbrk.c'].map((file) => ({ file: join(library, file), flags })),
    { file: join(BENCH, 'peers/emscripten_host.c') }];
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
    run(compiler, [source, '--runtime', 'minimal', flag, '--noAssert', '--importMemory', '--noExportMemory', '--memoryBase', String(base),
      '--initialMemory', String(pages), '--use', 'abort=', '--enable', 'bulk-memory', '-o', module]);
    return [level, module];
  }));
  return { name, link: 'merged', program: linkMerged(name, levels['-O2'], pages), alone: levels['-O2'], levels, maxAlignment: 16 };
}

/** @typedef {{ file: string, flags?: string[] }} Source */

/** @param {string} name @param {Source[]} sources @returns {Built} */
function fromSources(name, sources) {
  const objects = (/** @type {string} */ level) => sources.map(({ file, flags = [] }) => compile(file, [...flags, level], `.${name}${level}`));
  return {
    ...fromObjects(name, objects('-O2')),
    levels: Object.fromEntries(LEVELS.map((level) => [level, linkAllocator(name + level, objects(level))])),
  };
}

/** @param {string} name @param {string[]} objects @returns {Built} */
function fromObjects(name, objects) {
  return { name, link: 'static', objects, program: linkStatic(name, objects), alone: linkAllocator(name, objects) };
}

/**
 * A candidate from the command line or from dist/.
 * @param {string} name @param {string} path @param {string[]} links for a .wasm: the ways to reach it
 * @returns {Built[]}
 */
export function candidate(name, path, links) {
  const file = resolve(path);
  if (!existsSync(file)) throw new Error(`${name}: there is no file ${file}`);
  switch (extname(file)) {
    case '.a':
    case '.o':
      return [fromObjects(name, [file])];
    case '.c':
    case '.cc':
    case '.cpp':
      return [fromSources(name, [{ file }])];
    case '.wasm':
      return links.map((link) => /** @type {Built} */ ({
        name: links.length > 1 ? `${name} ${link}` : name,
        link, alone: file,
        ...link === 'merged' ? { program: linkMerged(name, file) } : { program: linkImporting(), heap: file },
        ...link === 'wasm' && { trampolines: assembleTrampolines() },
      }));
    default:
      throw new Error(`${name}: expected a .wasm, .a, .o, .c or .cpp, found ${path}`);
  }
}

/** Our own heap as built into dist/, if it is there. @param {string[]} links @returns {Built[]} */
export function ours(links) {
  const library = join(REPOSITORY, 'dist/libmemory.a'), module = join(REPOSITORY, 'dist/memory.wasm');
  return [
    ...existsSync(library) ? candidate('memory.wasm', library, links) : [],
    ...existsSync(module) && links.length ? candidate('memory.wasm', module, links).map((built) => ({ ...built, name: `memory.wasm ${built.link}` })) : [],
  ];
}

