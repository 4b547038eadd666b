// Compiles and links the candidates: clang-19 and wasm-ld-19, all output into bench/build.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { merge } from '../../js/merge/index.js';
import { PAGE, TABLES, TABLES_BYTES } from './instance.js';

export const BENCH = dirname(dirname(fileURLToPath(import.meta.url)));
export const REPOSITORY = dirname(BENCH);
export const BUILD = join(BENCH, 'build');

export const CLANG = ['clang-19', 'clang++-19'];
export const LINKER = 'wasm-ld-19';
const HARNESS = ['replay.c', 'workloads.c', 'scaling.c', 'phases.c'];
const MALLOC_NAMES = ['malloc', 'free', 'calloc', 'realloc', 'aligned_alloc'];

/** @param {string} command @param {string[]} args @returns {string} its standard output */
export function run(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
  } catch (error) {
    const { code, stderr } = /** @type {any} */ (error);
    if (code === 'ENOENT') throw new Error(`${command} is not installed; bench/README.md lists the packages`);
    throw new Error(`${command} ${args.join(' ')}\n${stderr}`);
  }
}

/**
 * Compiles one C or C++ file for wasm32. The allocator's own names must not be taken for the C library's, or the
 * compiler would remove calls to them.
 * @param {string} source @param {string[]} [flags] @param {string} [tag] tells two compilations of a file apart
 * @returns {string} the object file
 */
export function compile(source, flags = [], tag = '') {
  mkdirSync(BUILD, { recursive: true });
  const object = join(BUILD, `${basename(source)}${tag}.o`);
  const cpp = extname(source) !== '.c';
  // The harness and the peers seldom change; C++ is ours and includes what we can't see from here.
  if (!cpp && isNewer(object, source, ...COMPILED_BY)) return object;
  const own = cpp ? ['-std=c++20', '-fno-exceptions', '-fno-rtti', `-I${join(REPOSITORY, 'src')}`, `-I${join(REPOSITORY, 'include')}`] : [];
  run(CLANG[Number(cpp)], ['--target=wasm32', '-O2', '-ffreestanding', '-fno-builtin-malloc', '-fno-builtin-free',
    '-fno-builtin-calloc', '-fno-builtin-realloc', '-mbulk-memory', '-Wno-everything', ...own, ...flags,
    '-c', source, '-o', object]);
  return object;
}

/** What decides how a file is compiled, beside the file itself. */
export const COMPILED_BY = ['lib/build.js', 'lib/candidates.js', 'lib/peers.js', 'harness/harness.h'].map((file) => join(BENCH, file));

/** Whether a file is there and newer than those it was made from. @param {string} made @param {string[]} from */
export function isNewer(made, ...from) {
  return existsSync(made) && from.every((file) => statSync(file).mtimeMs < statSync(made).mtimeMs);
}

/** @param {string[]} files */
const harness = (...files) => files.map((file) => compile(join(BENCH, 'harness', file)));

/**
 * The harness and an allocator in one module. Data begins behind the harness's tables.
 * @param {string} name @param {string[]} objects the allocator's objects and archives
 * @param {{ tablesBytes?: number, flags?: string[], variant?: string }} [how] with another size of the tables, other flags of the linker
 */
export function linkStatic(name, objects, { tablesBytes = TABLES_BYTES, flags = [], variant = 'static' } = {}) {
  const module = join(BUILD, `${name}.${variant}.wasm`);
  run(LINKER, ['--no-entry', '--gc-sections', '--strip-all', `--global-base=${TABLES + tablesBytes}`, '-z', 'stack-size=65536',
    '--export=__heap_base', ...flags, ...harness('initialize.c', ...HARNESS), ...objects, '-o', module]);
  return module;
}

/** The harness alone: it imports the memory and the allocator, and has no data and no stack of its own. */
export function linkImporting() {
  return linkBare('harness', ['--import-memory']);
}

/** @param {string} name @param {string[]} flags */
function linkBare(name, flags) {
  const module = join(BUILD, `${name}.wasm`);
  run(LINKER, ['--no-entry', '--gc-sections', '--strip-all', '--global-base=0', '-z', 'stack-size=0', '--allow-undefined',
    ...flags, ...harness(...HARNESS), '-o', module]);
  return module;
}

/**
 * The harness and an allocator's module as one module, by this project's own merger.
 * @param {string} name @param {string} heap it imports env.memory
 * @param {number} [pages] of the memory, when the allocator needs more at first than the harness's tables
 */
export function linkMerged(name, heap, pages = (TABLES + TABLES_BYTES) / PAGE) {
  const module = join(BUILD, `${name}.merged.wasm`);
  const program = linkBare(`${name}.program`, [`--initial-memory=${pages * PAGE}`]);
  writeFileSync(module, merge(readFileSync(program), readFileSync(heap)).bytes);
  return module;
}

/** The trampolines of link 'wasm'. */
export function assembleTrampolines() {
  const module = join(BUILD, 'trampolines.wasm');
  mkdirSync(BUILD, { recursive: true });
  run('wat2wasm', [join(BENCH, 'harness/trampolines.wat'), '-o', module]);
  return module;
}

/** The allocator alone, as one would measure its code. @param {string} name @param {string[]} objects */
export function linkAllocator(name, objects) {
  const module = join(BUILD, `${name}.alone.wasm`);
  run(LINKER, ['--no-entry', '--gc-sections', '--strip-all', '--import-memory',
    ...MALLOC_NAMES.map((function_) => `--export=${function_}`), ...objects, '-o', module]);
  return module;
}

/** A file of the npm packages of bench/package.json, which are installed when one is first wanted. @param {string} path */
export function fromNpm(path) {
  const file = join(BENCH, 'node_modules', path);
  if (!existsSync(file)) run('npm', ['ci', '--silent', '--prefix', BENCH]);
  return file;
}

/** The version of an npm package of bench/package.json. @param {string} name */
export function npmVersion(name) {
  return JSON.parse(readFileSync(fromNpm(join(name, 'package.json')), 'utf8')).version;
}

/** The version of an installed Debian package. @param {string} name */
export function debianVersion(name) {
  return run('dpkg-query', ['--show', '--showformat=${Version}', name]);
}

const SOURCES = join(BUILD, 'sources');

/** The directory with Debian's source of a package, which is fetched when it is first wanted. @param {string} name */
export function debianSource(name) {
  const directory = join(SOURCES, name);
  if (!existsSync(directory)) run(join(BENCH, 'lib/fetch'), [SOURCES, name]);
  return directory;
}

/** The version of a source that debianSource has fetched. @param {string} name */
export function sourceVersion(name) {
  const file = readdirSync(SOURCES).find((each) => each.startsWith(`${name}_`) && each.endsWith('.dsc'));
  return file?.slice(name.length + 1, -'.dsc'.length) ?? 'unknown';
}

/** The first of several files that exists. @param {string[]} paths */
export function firstExisting(...paths) {
  return paths.find((path) => existsSync(path));
}
