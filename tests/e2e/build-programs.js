// Compiles tests/e2e/programs into build/e2e, in every shape that the scenarios load. Needs clang, wasm-ld, wat2wasm, rustc, zig and asc.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIn } from '../check/languages.js';
import { kLanguages } from '../check/mistakes.js';

const programs = fileURLToPath(new URL('./programs', import.meta.url));
export const kOut = fileURLToPath(new URL('../../build/e2e', import.meta.url));

const run = (command, ...options) => execFileSync(command, options, { stdio: ['ignore', 'inherit', 'inherit'] });
const source = (file) => join(programs, file);
const out = (file) => join(kOut, file);

/** A tool as Debian calls it, whose plain name may be an older one's, or by its plain name. */
const tool = (name) => (spawnSync(`${name}-19`, ['--version']).error ? name : `${name}-19`);
const clang = tool('clang');
const linker = tool('wasm-ld');

export function compile(file, object, ...options) {
  run(clang, '--target=wasm32', '-O1', '-nostdlib', '-ffreestanding', '-Wall', '-Werror', '-c', file, '-o', object, ...options);
}

export function link(objects, wasm, ...options) {
  run(linker, '--no-entry', '--allow-undefined', ...[objects].flat(), '-o', wasm, ...options);
}

/** What a program exports of a heap that is linked into it, so that JavaScript has all of the toolkit. */
const kHeapExports = ['malloc', 'free', 'calloc', 'realloc', 'aligned_alloc', 'malloc_usable_size', 'heap_add_region', 'heap_footprint', 'heap_in_use', 'heap_largest_free',
  'heap_span_next', 'heap_span_bytes', 'heap_span_kind', 'heap_check', 'heap_trim', 'heap_reset', 'heap_state', 'heap_attach', 'heap_on_grow', 'heap_version', 'heap_layout'];

/** Programs in text that are built for 64-bit memories, too. */
const kWide = ['counter', 'full-memory', 'full-memory-may-grow', 'grows-and-writes', 'maximum-zero', 'no-malloc', 'passes-on', 'waits'];

/** With a 64-bit memory, and everything that is 32 bits wide 64. @param {string} wat */
const widened = (wat) => wat.replace(/\(memory \(export "memory"\)/g, '$& i64').replaceAll('i32', 'i64');

export function buildPrograms() {
  mkdirSync(kOut, { recursive: true });
  for (const wat of readdirSync(programs).filter((name) => name.endsWith('.wat'))) {
    run('wat2wasm', '--debug-names', '--enable-threads', '--enable-memory64', source(wat), '-o', out(`${basename(wat, '.wat')}.wasm`));
  }

  compile(source('record.c'), out('record.o'));
  const record = ['createRecord', 'deleteRecord', 'sumOfBlock', 'dataIsIntact'].map((name) => `--export=${name}`);
  link(out('record.o'), out('record.wasm'), ...record, '--export=__heap_base');
  link(out('record.o'), out('record-no-heap-base.wasm'), ...record);
  link(out('record.o'), out('record-imports-memory.wasm'), ...record, '--export=__heap_base', '--import-memory');
  link(out('record.o'), out('record-with-maximum.wasm'), ...record, '--initial-memory=131072', '--max-memory=524288');

  const toolkit = ['greet', 'version', 'nothing', 'sum', 'invert', 'totalLength', 'twice', 'negate', 'highest', 'product', 'origin', 'nowhere', 'fail'];
  compile(source('toolkit.c'), out('toolkit.o'));
  link(out('toolkit.o'), out('toolkit.wasm'), ...toolkit.map((name) => `--export=${name}`), '--export=__heap_base');

  compile(source('callbacks.c'), out('callbacks.o'));
  const callbacks = ['sortBy', 'onEvent', 'fire', 'mix', '__heap_base'].map((name) => `--export=${name}`);
  link(out('callbacks.o'), out('callbacks.wasm'), ...callbacks, '--export-table', '--growable-table');
  link(out('callbacks.o'), out('callbacks-fixed-table.wasm'), ...callbacks, '--export-table');
  link(out('callbacks.o'), out('callbacks-no-table.wasm'), ...callbacks);

  // The heap inside: linked statically, with all of it exported and with the least.
  const library = fileURLToPath(new URL('../../dist', import.meta.url));
  const inside = ['-L' + library, '-lmemory'];
  link(out('record.o'), out('record-static.wasm'), ...record, '--export-table', '--growable-table', ...kHeapExports.map((name) => `--export=${name}`), ...inside);
  link(out('record.o'), out('record-static-least.wasm'), ...record, '--export=malloc', '--export=free', ...inside);

  execFileSync(process.execPath, [join(library, 'cli.js'), 'link', out('record.wasm'), '--export-heap', '-o', out('record-merged.wasm')]);

  compile(source('host.c'), out('host.o'));
  const host = ['hostNumber', 'hostAdd', 'callBack', '__heap_base'].map((name) => `--export=${name}`);
  link(out('host.o'), out('host.wasm'), ...host, '--export-table', '--growable-table');
  link(out('host.o'), out('host-with-stack.wasm'), ...host, '--export=__stack_pointer', '--export-table', '--growable-table');
  for (const name of ['plugin', 'second-plugin', 'needy-plugin']) {
    compile(source(`${name}.c`), out(`${name}.o`), '-fPIC', '-fvisibility=default');
    link(out(`${name}.o`), out(`${name}.wasm`), '-shared', '--experimental-pic', '--export-all');
  }

  compile(source('secure.c'), out('secure.o'), '-fno-builtin');
  const attacked = ['allocate', 'zeroed', 'resized', 'release', 'poke', 'overwrite', 'copied', 'aligned'];
  link(out('secure.o'), out('secure.wasm'), ...attacked.map((name) => `--export=${name}`), '--export=__heap_base');

  // The same for 64-bit memories.
  const wide = ['-mwasm64', '--export-table', '--growable-table', '--export=__heap_base'];
  for (const [name, exports] of Object.entries({ record, toolkit: toolkit.map((name) => `--export=${name}`), callbacks })) {
    compile(source(`${name}.c`), out(`${name}64.o`), '--target=wasm64');
    link(out(`${name}64.o`), out(`${name}64.wasm`), ...exports, ...wide);
  }
  link(out('callbacks64.o'), out('callbacks-fixed-table64.wasm'), ...callbacks, '-mwasm64', '--export-table');
  link(out('callbacks64.o'), out('callbacks-no-table64.wasm'), ...callbacks, '-mwasm64');
  const wideInside = ['-L' + library, '-lmemory64'];
  link(out('record64.o'), out('record-static64.wasm'), ...record, ...wide, ...kHeapExports.map((name) => `--export=${name}`), ...wideInside);
  link(out('record64.o'), out('record-static-least64.wasm'), ...record, '-mwasm64', '--export=malloc', '--export=free', ...wideInside);
  for (const name of kWide) {
    writeFileSync(out(`${name}64.wat`), widened(readFileSync(source(`${name}.wat`), 'utf8')));
    run('wat2wasm', '--debug-names', '--enable-memory64', out(`${name}64.wat`), '-o', out(`${name}64.wasm`));
  }

  for (const language of Object.keys(kLanguages)) buildIn(language, out(`checked-${language}.wasm`));
  for (const level of ['-O0', '-O2']) {
    compile(source('../../check/programs/misuse.c'), out('checked.o'), level, '-g', '-fno-builtin', '-mbulk-memory', '-Wno-infinite-recursion');
    link(out('checked.o'), out(`checked${level}.wasm`), '--export=__heap_base', '-z', 'stack-size=8192');
    compile(source('misuse.c'), out('misuse.o'), level, '-fno-builtin', '-Wno-unused-result');
    link(out('misuse.o'), out(`misuse${level}.wasm`), '--export-dynamic', '--export=__heap_base', '--export=__data_end', ...misuses(source('misuse.c')));
    compile(source('misuse.cpp'), out('misuse-cpp.o'), level, '-fno-builtin', '-std=c++20', '-fno-exceptions', '-Wno-mismatched-new-delete');
    link(out('misuse-cpp.o'), out(`misuse-cpp${level}.wasm`), '--export-dynamic', ...misuses(source('misuse.cpp')));
  }

  const counter = ['constructions', 'increment'].map((name) => `--export=${name}`);
  compile(source('constructors.cpp'), out('constructors.o'));
  link(out('constructors.o'), out('constructors-exported.wasm'), ...counter, '--export=__wasm_call_ctors');
  compile(source('constructors.cpp'), out('constructors-initialize.o'), '-DOWN_INITIALIZE');
  link(out('constructors-initialize.o'), out('constructors-initialize.wasm'), ...counter, '--export=_initialize');
}

/** Exports of a program of misuses: its functions and `at`. @param {string} file */
const misuses = (file) =>
  [...readFileSync(file, 'utf8').matchAll(/^(?:EXPORT )?(?:void|int) (\w+)\(/gm)].map(([, name]) => `--export=${name}`).concat('--export=at');

if (process.argv[1] === fileURLToPath(import.meta.url)) buildPrograms();
