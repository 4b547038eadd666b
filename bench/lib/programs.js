// Real programs from Debian's sources over wasi-libc, each linked with every allocator. A program is compiled with a file of
// ours, bench/programs/<name>.c, which gives it work.
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BENCH, BUILD, CLANG, LINKER, debianSource, isNewer, run } from './build.js';

const LIBRARIES = '/usr/lib/wasm32-wasi';
const BUILTINS = '/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a';

/**
 * @typedef {object} Program
 * @property {string} package Debian's source package
 * @property {string[]} sources in it
 * @property {string[]} includes its folders with headers
 * @property {string[]} flags
 * @property {(source: string) => void} [prepare] makes what the package generates
 */

/** @type {Record<string, Program>} */
const programs = {
  lua: {
    package: 'lua5.4', includes: ['src'],
    flags: ['-DLUAI_THROW(L,c)=abort()', '-DLUAI_TRY(L,c,a)={a}', '-Dluai_jmpbuf=int', '-D_WASI_EMULATED_SIGNAL',
      '-Dl_randomizePivot()=0u', '-Dluai_makeseed(L)=1u'],  // the same run each time
    sources: ['lapi', 'lauxlib', 'lbaselib', 'lcode', 'lctype', 'ldebug', 'ldo', 'ldump', 'lfunc', 'lgc', 'llex',
      'lmathlib', 'lmem', 'lobject', 'lopcodes', 'lparser', 'lstate', 'lstring', 'lstrlib', 'ltable', 'ltablib', 'ltm',
      'lundump', 'lvm', 'lzio'].map((name) => `src/${name}.c`),
  },
  sqlite: {
    package: 'sqlite3', includes: ['.'],
    flags: ['-DSQLITE_OS_OTHER=1', '-DSQLITE_THREADSAFE=0', '-DSQLITE_OMIT_LOAD_EXTENSION', '-DSQLITE_TEMP_STORE=3', '-DSQLITE_OMIT_WAL'],
    sources: ['sqlite3.c'],
    prepare: (source) => {
      if (!existsSync(join(source, 'sqlite3.c'))) run('sh', ['-c', 'cd "$0" && ./configure --disable-tcl && make sqlite3.c', source]);
    },
  },
  cmark: {
    package: 'cmark', includes: ['src', 'build/src'], flags: [],
    sources: ['blocks', 'buffer', 'cmark', 'cmark_ctype', 'commonmark', 'houdini_href_e', 'houdini_html_e', 'houdini_html_u', 'html',
      'inlines', 'iterator', 'node', 'references', 'render', 'scanners', 'utf8'].map((name) => `src/${name}.c`),
    prepare: (source) => {
      if (!existsSync(join(source, 'build/src/config.h'))) run('cmake', ['-S', source, '-B', join(source, 'build'), '-DCMARK_TESTS=OFF', '-DCMARK_SHARED=OFF']);
    },
  },
  duktape: { package: 'duktape', includes: ['src'], flags: [], sources: ['src/duktape.c'] },
  jim: {
    package: 'jimtcl', includes: ['.'], flags: [`-I${join(BENCH, 'programs/include/jim')}`],
    sources: ['jim', 'jim-format', 'jim-subcmd', 'utf8'].map((name) => `${name}.c`),
  },
};
export const programNames = Object.keys(programs);

/** @param {string} name @returns {string[]} the program's objects, without an allocator */
export function compileProgram(name) {
  const { package: debian, includes, flags, sources, prepare } = programs[name];
  const directory = debianSource(debian), own = join(BENCH, 'programs', `${name}.c`);
  prepare?.(directory);
  return [...sources.map((source) => join(directory, source)), own].map((source, index) => {
    const object = join(BUILD, `program.${name}.${index}.o`);
    if (!isNewer(object, source, fileURLToPath(import.meta.url)))
      run(CLANG[0], ['--target=wasm32-wasi', '--sysroot=/usr', '-O2', '-mbulk-memory', '-w', `-I${join(BENCH, 'programs/include')}`, ...includes.map((folder) => `-I${join(directory, folder)}`), ...flags, '-c', source, '-o', object]);
    return object;
  });
}

/** wasi-libc without its malloc, so that every allocator is linked beside the same string functions. Its sbrk and abort go too:
 *  an allocator may bring its own. */
function libraryWithoutMalloc() {
  const library = join(BUILD, 'libc.without_malloc.a');
  copyFileSync(join(LIBRARIES, 'libc.a'), library);
  run('llvm-ar-19', ['d', library, 'dlmalloc.o', 'sbrk.o', 'abort.o']);
  return library;
}

/** @param {string} name @param {string[]} program objects @param {{ name: string, objects?: string[] }} built @returns {string} the module */
export function linkProgram(name, program, built) {
  const module = join(BUILD, `${name}.${built.name}.wasm`);
  run(LINKER, [join(LIBRARIES, 'crt1-reactor.o'), ...program, libraryWithoutMalloc(), ...built.objects ?? [], join(LIBRARIES, 'libc.a'), join(LIBRARIES, 'libm.a'),
    join(LIBRARIES, 'libwasi-emulated-signal.a'), BUILTINS,
    '--entry=_initialize', '--export=__heap_base', '--gc-sections', '--strip-debug', '-o', module]);
  return module;
}
