// Other people's tests of malloc and of the memory and string functions, from Debian's source packages, over libmemory.a and over
// memory.wasm. `tests/conformance/others/run` fetches them and calls this. They are hosted programs: wasi-libc serves them, without its own
// malloc. Nothing of them is in the repository; shims/ has the headers of our own that stand in for their frameworks.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const out = join(root, 'build/others');
const shims = fileURLToPath(new URL('shims', import.meta.url));
const kLibraries = '/usr/lib/wasm32-wasi';
const kBuiltins = '/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a';
const kPatience = 300_000; // ms for one test

const in_ = (directory, pattern) => (package_) => {
  const folder = join(out, package_, directory);
  return readdirSync(folder).filter((name) => pattern.test(name)).sort().map((name) => join(folder, name));
};

/** The tests of each package. */
const kSuites = [
  { package: 'glibc', files: in_('malloc', /^(tst-(malloc|calloc|realloc|memalign|posix_memalign|reallocarray|mallocalign1|malloc-too-large)|mallocbug)\.c$/), shims: 'glibc' },
  { package: 'glibc', files: in_('string', /^(tester|inl-tester|tst-strlen|tst-cmp|bug-strncat1|bug-strpbrk1|bug-strspn1)\.c$/), shims: 'glibc' },
  { package: 'jemalloc', files: in_('test/integration', /^(malloc|aligned_alloc|posix_memalign|overflow)\.c$/), shims: 'jemalloc' },
  { package: 'mimalloc', files: in_('test', /^test-api(-fill)?\.c$/), shims: 'mimalloc' },
  { package: 'dietlibc', files: in_('test/stdlib', /^tst-(malloc|calloc)\.c$/) },
  { package: 'dietlibc', files: in_('test/string', /\.c$/) },
  { package: 'dietlibc', files: in_('test', /^(calloc|mem.*|str(chr|cmp|cpy|ncpy|nlen|rchr|str))\.c$/) },
  { package: 'newlib', files: in_('newlib/testsuite/newlib.string', /\.c$/) },
  { package: 'gcc-12', files: usersOfMalloc, language: 'gnu89' },
  { package: 'gcc-12', files: in_('gcc/testsuite/gcc.c-torture/execute', /^(mem|str(len|cmp|cpy|ncmp)|string-).*\.c$/), language: 'gnu89' },
  { package: 'gcc-12', files: runnable('gcc/testsuite/g++.dg/init', /^new\d+\.C$/) },
];

/** What a test wants that no standard does. */
/** @type {Map<string, string>} */
const kOtherwise = new Map([
  ...['dietlibc-tst-malloc.c', 'glibc-tst-malloc.c', 'glibc-tst-realloc.c'].map((name) => [name, 'wants NULL from realloc(p, 0), which is undefined since C23']),
  ['mimalloc-test-api.c', "takes a function's address for a huge number, which it isn't in WebAssembly: calloc-overflow"],
  ['gcc-12-20020406-1.c', 'declares a function with another type than it has, for which the linker puts a trap'],
]);

/** gcc's programs that allocate. */
function usersOfMalloc(package_) {
  return in_('gcc/testsuite/gcc.c-torture/execute', /\.c$/)(package_).filter((file) => /\b(malloc|calloc|realloc) *\(/.test(readFileSync(file, 'latin1')));
}

/** gcc's tests in C++ that are meant to be run. */
function runnable(directory, pattern) {
  return (package_) => in_(directory, pattern)(package_).filter((file) => /dg-do run/.test(readFileSync(file, 'latin1')));
}

const kErrnoSetters = ['malloc', 'calloc', 'realloc', 'reallocarray', 'aligned_alloc', 'memalign', 'posix_memalign'].map((name) => `--wrap=${name}`);

/** What a tool had to say, or nothing when it succeeded. */
function complaint(tool, ...options) {
  const { status, stderr } = spawnSync(`${tool}-19`, options, { encoding: 'utf8', timeout: kPatience });
  return status === 0 ? undefined : (stderr.split('\n').find((line) => /error/.test(line)) ?? stderr).slice(0, 200);
}

function compile(source, object, from, { shims: folder, language = 'gnu11' }) {
  const cpp = source.endsWith('.C');
  const support = folder ? [join(shims, folder), join(shims, folder, 'support')].flatMap((path) => ['-iquote', path, `-I${path}`]) : [];
  const headers = [...support, '-iquote', from];
  return complaint(cpp ? 'clang++' : 'clang', '--target=wasm32-wasi', '--sysroot=/usr', '-O1', '-w', '-fno-builtin', '-mbulk-memory', '-D_GNU_SOURCE',
    '-D_WASI_EMULATED_SIGNAL', '-D_WASI_EMULATED_PROCESS_CLOCKS',
    ...(cpp ? ['-std=c++17', '-fno-exceptions'] : [`-std=${language}`, '-include', join(shims, 'declare.h')]), ...headers, '-c', source, '-o', object);
}

/** wasi-libc without its malloc and the string functions that are ours, which then come from the heap's library. */
function libraryWithoutMalloc() {
  const library = join(out, 'libc-without-malloc.a');
  copyFileSync(join(kLibraries, 'libc.a'), library);
  complaint('llvm-ar', 'd', library, 'dlmalloc.o', 'sbrk.o', 'abort.o', 'memalign.o', 'posix_memalign.o', 'aligned_alloc.o', 'reallocarray.o');
  return library;
}

function link(object, program, heap) {
  return complaint('wasm-ld', join(kLibraries, 'crt1-command.o'), object, join(out, 'errno.o'), ...heap, join(out, 'libc-without-malloc.a'), join(kLibraries, 'libm.a'),
    join(kLibraries, 'libwasi-emulated-signal.a'), join(kLibraries, 'libwasi-emulated-process-clocks.a'), kBuiltins,
    ...kErrnoSetters, '-z', 'stack-size=1048576', '--stack-first', '--export=__heap_base', '--gc-sections', '-o', program);
}

/** Runs a program in a worker: how it ended, as text, or nothing when all was well. */
function run(program, heap) {
  return new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { program, heap } });
    const patience = setTimeout(() => finish('still running after five minutes'), kPatience);
    const finish = (result) => {
      clearTimeout(patience);
      worker.terminate();
      resolve(result);
    };
    worker.on('message', finish);
    worker.on('error', (error) => finish(error.message));
  });
}

class Exit extends Error {
  constructor(code) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** In the worker: WASI for programs that only print and exit, and the heap behind `env`. */
async function runHere({ program, heap }) {
  let memory, printed = '';
  const view = () => new DataView(memory.buffer);
  const kNoFile = 8;
  const known = {
    proc_exit(code) { throw new Exit(code); },
    fd_write(fd, vectors, count, result) {
      let bytes = 0;
      for (let i = 0; i < count; i++) {
        const [at, length] = [view().getUint32(vectors + 8 * i, true), view().getUint32(vectors + 8 * i + 4, true)];
        printed = (printed + Buffer.from(memory.buffer, at, length).toString('latin1')).slice(-2000);
        bytes += length;
      }
      view().setUint32(result, bytes, true);
      return 0;
    },
    fd_fdstat_get: () => 0,
    args_sizes_get: (a, b) => (view().setUint32(a, 0, true), view().setUint32(b, 0, true), 0),
    environ_sizes_get: (a, b) => (view().setUint32(a, 0, true), view().setUint32(b, 0, true), 0),
    args_get: () => 0,
    environ_get: () => 0,
    clock_time_get: (_, __, at) => (view().setBigUint64(at, 1n, true), 0),
    random_get: () => 0,
  };
  const wasi = new Proxy({}, { get: (_, name) => known[name] ?? (() => kNoFile) });
  let exports;
  if (heap) {
    const { load } = await import(`${root}/dist/memory.js`);
    const loaded = await load(readFileSync(program), { heap: readFileSync(heap), link: 'direct', imports: { wasi_snapshot_preview1: wasi } });
    ({ exports, memory } = loaded);
  } else {
    ({ exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(program)), { wasi_snapshot_preview1: wasi }));
    memory = exports.memory;
  }
  try {
    exports._start();
  } catch (error) {
    if (error instanceof Exit && error.code === 0) return undefined;
    return `${error.message.slice(0, 80)}: ${(printed.match(/.*FAIL.*/g) ?? printed.trim().split('\n').slice(-3)).join(' / ')}`;
  }
}

async function main(only) {
  mkdirSync(join(out, 'programs'), { recursive: true });
  libraryWithoutMalloc();
  const failed = compile(join(shims, 'errno.c'), join(out, 'errno.o'), shims, {});
  if (failed) throw new Error(failed);
  const counts = { passed: 0, failed: 0, differ: 0, unbuilt: 0 };
  for (const suite of kSuites) {
    for (const source of suite.files(suite.package)) {
      if (only && !source.includes(only)) continue;
      const name = `${suite.package}-${basename(source)}`;
      const object = join(out, 'programs', `${name}.o`);
      // A copy, so that glibc's "../test-skeleton.c" is the one of shims/.
      const copy = join(out, 'programs', basename(source));
      copyFileSync(source, copy);
      const reason = compile(copy, object, dirname(source), suite);
      if (reason) {
        counts.unbuilt++;
        console.log(`not built  ${name}: ${reason.replaceAll(out, '')}`);
        continue;
      }
      for (const [kind, library, heap] of [['libmemory.a', [join(root, 'dist/libmemory.a')]], ['memory.wasm', ['--allow-undefined'], join(root, 'dist/memory.wasm')]]) {
        const program = join(out, 'programs', `${name}.${kind}.wasm`);
        const error = link(object, program, library) ?? (await run(program, heap));
        const otherwise = error && kOtherwise.get(name);
        if (otherwise) console.log(`differs    ${name}, ${kind}: ${otherwise}`);
        else if (error) console.log(`FAILED     ${name}, ${kind}: ${error}`);
        counts[otherwise ? 'differ' : error ? 'failed' : 'passed']++;
      }
    }
  }
  console.log(`${counts.differ} want what no standard does, ${counts.unbuilt} need a C++ library or a POSIX system`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed || !counts.passed ? 1 : 0;
}

if (!isMainThread) parentPort.postMessage(await runHere(workerData));
else if (!existsSync(join(root, 'dist/libmemory.a'))) throw new Error('dist/ is not built: cmake --workflow --preset dist');
else await main(process.argv[2]);
