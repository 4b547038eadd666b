// Makes libmemory_c.a and the headers that go with it: the part of wasi-libc (musl) that needs no system and is no heap.
//
//     node tools/libc.mjs --wasi=/usr --builtins=FILE --own=FILE --heap=FILE --clang=... --nm=... --ar=... --out=FOLDER
//
// Writes FOLDER/libmemory_c.a, FOLDER/include and FOLDER/licenses. src/libc/CMakeLists.txt calls it.
//
// An object of wasi-libc's archive is taken if a header of kHeaders declares one of its functions, or if another object that is taken
// needs it. It is left out if it defines the heap, or what our own objects define (exit, assert, what stdio writes to), or if it
// reaches a system call. So `#include <time.h>` has mktime, but a program that calls time() doesn't link: the linker names it.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const kHeaders = [
  'alloca',
  'assert',
  'complex',
  'ctype',
  'endian',
  'errno',
  'fenv',
  'inttypes',
  'limits',
  'locale',
  'math',
  'search',
  'stdint',
  'stdio',
  'stdlib',
  'string',
  'strings',
  'sys/types',
  'time',
  'wchar',
  'wctype',
].map((name) => `${name}.h`);

/** Headers of ours that have the rest of the same name beside them: include/stdlib.h says how. */
const kBeside = ['stdlib.h', 'string.h'];

/** What WASI and a module without threads would do differently. */
const kReplaced = {
  // Not thread_local: C++98 has none, and in later C++ it would look for a constructor.
  '__errno.h': (text) => text.replace(/#ifdef __cplusplus\nextern thread_local int errno;\n#else\n(.*)_Thread_local(.*\n)#endif/, '$1__thread$2'),
};

const { values: options } = parseArgs({
  options: Object.fromEntries(['wasi', 'builtins', 'own', 'heap', 'clang', 'nm', 'ar', 'out'].map((name) => [name, { type: 'string' }])),
});
const wasiHeaders = join(options.wasi, 'include/wasm32-wasi');

/** What a tool prints. llvm-nm warns of objects without symbols: of what it complains matters only when it fails. */
function run(tool, ...args) {
  const { status, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${tool} ${args.slice(0, 3).join(' ')} ...: ${stderr}`);
  return stdout;
}

// Headers ------------------------------------------------------------------------------------------------------------------------

const clang = (...args) => run(options.clang, '--target=wasm32-wasi', '-nostdlibinc', '-isystem', wasiHeaders, ...args, '-x', 'c', '/dev/null');
const includes = (headers) => headers.flatMap((header) => ['-include', header]);

/** The numbers that wasi-libc's constants come down to, so that the headers of the system interface can stay away. */
function wasiConstants() {
  const found = new Map();
  for (const [, name, value] of clang('-E', '-dM', '-include', 'wasi/api.h').matchAll(/^#define (__WASI_\w+) \(?(?:UINT\d+_C\()?(\d+)/gm))
    found.set(name, value);
  return found;
}

/** All headers of wasi-libc that these need, by their path under its include folder. */
const closureOf = (headers) =>
  clang('-M', ...includes(headers))
    .split(/[\s\\]+/)
    .filter((file) => file.startsWith(`${wasiHeaders}/`) && !file.includes('/wasi/'))
    .map((file) => file.slice(wasiHeaders.length + 1));

const asOurs = (path, text) => `#pragma GCC system_header
#include <memory_wasm_libc.h>
#if MEMORY_WASM_OTHER_LIBC
#include_next <${path}>
#else
${text}
#endif
`;

function writeHeaders() {
  const constants = wasiConstants();
  const closure = closureOf(kHeaders);
  for (const path of closure) {
    const replace = kReplaced[path] ?? ((text) => text);
    const text = replace(readFileSync(join(wasiHeaders, path), 'utf8'))
      .replace(/^#include <wasi\/api.h>\n/m, '')
      // Of 64 bits in a program for wasm64.
      .replace(/^#define (INTPTR|PTRDIFF|SIZE|UINTPTR)_MAX .*$/gm, '#define $1_MAX __$1_MAX__')
      .replace(/^#define (INTPTR|PTRDIFF)_MIN .*$/gm, '#define $1_MIN (-1-__$1_MAX__)')
      .replace(/\b__WASI_\w+/g, (name) => constants.get(name) ?? name);
    const file = join(options.out, 'include', kBeside.includes(path) ? `memory_wasm_libc/${path}` : path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, kBeside.includes(path) ? text : asOurs(path, text));
  }
  return new Set(closure.flatMap((path) => readFileSync(join(wasiHeaders, path), 'utf8').match(/\b[a-z_]\w*(?=\s*\()|\b\w+(?=;)/gi) ?? []));
}

// The archive --------------------------------------------------------------------------------------------------------------------

/** @typedef {{ archive: string, name: string, defines: Set<string>, needs: Set<string> }} Member */

/** What each object of an archive defines and needs. @param {string} archive @returns {Member[]} */
function membersOf(archive) {
  /** @type {Map<string, Member>} */
  const members = new Map();
  for (const line of run(options.nm, '-A', archive).split('\n')) {
    const [, name, kind, symbol] = /^.*: ?([^:]+\.o(?:bj)?): +[\da-f]* *(\w) (\S+)$/.exec(line) ?? [];
    if (!name) continue;
    const member = members.get(name) ?? { archive, name, defines: new Set(), needs: new Set() };
    members.set(name, member);
    if (kind === 'U' || kind === 'w') member.needs.add(symbol);
    else if (kind === kind.toUpperCase()) member.defines.add(symbol);
  }
  return [...members.values()];
}

const definitionsOf = (members) => new Set(members.flatMap(({ defines }) => [...defines]));

/** The members without those that define a name of `taken`, reach a system call, or need another one that does. */
function withoutSystem(members, taken) {
  const isSystem = (symbol) => /^__(imported_)?wasi_/.test(symbol);
  let kept = members.filter(({ defines }) => ![...defines].some((symbol) => taken.has(symbol)));
  for (;;) {
    const there = definitionsOf(kept);
    const lost = new Set([...definitionsOf(members)].filter((symbol) => !there.has(symbol) && !taken.has(symbol)));
    const next = kept.filter(({ needs }) => ![...needs].some((symbol) => isSystem(symbol) || lost.has(symbol)));
    if (next.length === kept.length) return kept;
    kept = next;
  }
}

/** The members that define a root, and those that they need in turn. */
function reachable(members, roots) {
  const definedBy = new Map(members.flatMap((member) => [...member.defines].map((symbol) => [symbol, member])));
  const reached = new Set(members.filter(({ defines }) => [...defines].some((symbol) => roots.has(symbol))));
  for (const member of reached) {
    for (const symbol of member.needs) if (definedBy.has(symbol)) reached.add(definedBy.get(symbol));
  }
  return [...reached];
}

const kEmptySection = Buffer.from('\0\x09\x08.llvmcmd', 'latin1');

/**
 * Replaces each section of debug information, which is most of an object, by an empty one of a name that linkers leave out. It can't
 * just go: symbols refer to it by its number. (llvm-objcopy takes it out all the same; no linker reads the result.) What would relocate
 * it goes.
 * @param {Buffer} object
 */
function withoutDebugInfo(object) {
  const pieces = [object.subarray(0, 8)];
  let at = 8;
  const leb = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = object[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < object.length) {
    const start = at++;
    const end = leb() + at;
    if (object[start] === 0) {
      const length = leb();
      const name = object.toString('latin1', at, at + length);
      if (name.startsWith('.debug_')) pieces.push(kEmptySection);
      else if (!name.startsWith('reloc..debug_')) pieces.push(object.subarray(start, end));
    } else pieces.push(object.subarray(start, end));
    at = end;
  }
  return Buffer.concat(pieces);
}

/** The objects of an archive in ar's format (GNU's): a header of 60 bytes before each. @param {string} archive */
function objectsOf(archive) {
  const bytes = readFileSync(archive);
  const objects = [];
  let longNames = '';
  for (let at = 8; at < bytes.length;) {
    const header = bytes.toString('latin1', at, at + 60);
    const size = parseInt(header.slice(48, 58), 10);
    const contents = bytes.subarray(at + 60, at + 60 + size);
    const short = header.slice(0, 16).trimEnd();
    if (short === '//') longNames = contents.toString('latin1');
    else if (/^\/\d/.test(short)) objects.push({ name: longNames.slice(Number(short.slice(1))).split('/\n')[0], bytes: contents });
    else if (short !== '/') objects.push({ name: short.replace(/\/$/, ''), bytes: contents });
    at += 60 + size + (size & 1);
  }
  return objects;
}

/** @param {Member[]} members */
function byArchive(members) {
  const groups = new Map();
  for (const member of members) groups.set(member.archive, [...(groups.get(member.archive) ?? []), member]);
  return groups;
}

function writeArchive(declared) {
  const own = membersOf(options.own);
  const heap = membersOf(options.heap).filter(({ name }) => !/^string\./.test(name)); // musl's own string functions call each other
  const libc = withoutSystem(membersOf(join(options.wasi, 'lib/wasm32-wasi/libc.a')), definitionsOf([...own, ...heap]));
  const builtins = membersOf(options.builtins);
  const roots = new Set([...declared, ...own.flatMap(({ needs }) => [...needs])]);
  const taken = reachable([...libc, ...builtins], new Set([...roots, ...definitionsOf(builtins)]));

  const names = byArchive([...taken, ...own]);
  const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-libc-'));
  try {
    const files = [...names].flatMap(([archive, members]) => {
      const wanted = new Set(members.map(({ name }) => name));
      return objectsOf(archive)
        .filter(({ name }) => wanted.has(name))
        .map(({ name, bytes }, index) => {
          // Two objects of an archive may have one name: each goes into a folder of its own.
          const file = join(scratch, basename(archive), String(index), name);
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, withoutDebugInfo(bytes));
          return file;
        });
    });
    const out = join(options.out, 'libmemory_c.a');
    rmSync(out, { force: true });
    run(options.ar, 'qcsD', out, ...files);
  } finally {
    rmSync(scratch, { recursive: true });
  }
  return taken.length;
}

/** The terms under which what was taken may be passed on. */
function writeLicences() {
  const folder = join(options.out, 'licenses');
  mkdirSync(folder, { recursive: true });
  const texts = {
    'wasi-libc': join(options.wasi, 'share/doc/wasi-libc/copyright'),
    'compiler-rt': join(options.wasi, `share/doc/${builtinsPackage()}/copyright`),
  };
  for (const [name, file] of Object.entries(texts)) {
    if (!existsSync(file)) throw new Error(`the licence of ${name} is not where Debian puts it: ${file}`);
    copyFileSync(file, join(folder, `${name}.txt`));
  }
}

const builtinsPackage = () =>
  readdirSync(join(options.wasi, 'share/doc')).find((name) => /^libclang-rt-\d+-dev-wasm32$/.test(name)) ?? 'libclang-rt-dev-wasm32';

const count = writeArchive(writeHeaders());
writeLicences();
console.log(`${basename(options.out)}/libmemory_c.a: ${count} objects of wasi-libc and compiler-rt`);
