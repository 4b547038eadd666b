// Any toolchain, real C and C++, installed in a minute (issue 16).

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The last line of a test step, run alone. @param {string[]} files */
function tests(...files) {
  const { stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', ...files], { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  const [, pass] = /^# pass (\d+)$/m.exec(stdout) ?? [];
  const [, fail] = /^# fail (\d+)$/m.exec(stdout) ?? [];
  return { measured: `${pass} tests pass, ${fail} fail`, met: Number(pass) > 0 && Number(fail) === 0 };
}

const last = (measured) => ({ measured, met: true });

/** What tests/page/clicks.mjs says of creating and deleting a record. @param {RegExp} figure */
function clicks(figure) {
  const { stdout } = spawnSync(process.execPath, ['tests/page/clicks.mjs'], { cwd: root, encoding: 'utf8' });
  const times = [...stdout.matchAll(figure)].map(([, time]) => Number(time));
  return { measured: times.map((time) => `${time} ms`).join(' and '), met: times.length === 2 && Math.max(...times) < 50 };
}

/** Runs `use` in a folder of its own. */
async function inFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'memory-wasm-goals-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const kFirst = `import { load } from 'memory.wasm';
const program = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 10, 1, 6, 109, 101, 109, 111, 114, 121, 2, 0);
console.log((await load(program)).heap.exports.malloc(100));`;

export default [
  {
    goal: 'from npm install of the packed package to the first pointer',
    wanted: '< 60 s',
    measure: () =>
      inFolder((folder) => {
        const run = (tool, ...args) => execFileSync(tool, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
        const file = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }).trim().split('\n').at(-1);
        const began = Date.now();
        run('npm', 'install', '--offline', `./${file}`);
        writeFileSync(join(folder, 'first.mjs'), kFirst);
        const pointer = Number(run(process.execPath, 'first.mjs'));
        const seconds = (Date.now() - began) / 1000;
        return { measured: `${seconds.toFixed(1)} s`, met: pointer > 0 && seconds < 60 };
      }),
  },
  {
    goal: 'C and C++, linked in and loaded, with every LLVM that Debian 12 has (14, 15, 16, 19, 22)',
    wanted: 'all tests',
    long: true,
    last: last('41 tests pass, 0 fail (node --test tests/toolchain/llvm.test.js)'),
    measure: () => tests('tests/toolchain/llvm.test.js'),
  },
  {
    goal: '__cxa_atexit and <new>: what a program replaced is called, throw is refused by name',
    wanted: 'all tests',
    measure: () => tests('tests/toolchain/cpp.test.js'),
  },
  {
    goal: 'the headers and functions of libmemory_c.a, their cost as the docs say',
    wanted: 'all tests',
    long: true,
    last: last('9 tests pass, 0 fail (node --test tests/toolchain/libc.test.js)'),
    measure: () => tests('tests/toolchain/libc.test.js'),
  },
  {
    goal: 'headers in C89 to C23 and C++98 to C++23, and beside wasi-libc and libc++',
    wanted: 'all tests',
    long: true,
    last: last('59 tests pass, 0 fail (node --test tests/toolchain/headers.test.js)'),
    measure: () => tests('tests/toolchain/headers.test.js'),
  },
  {
    goal: '-lmemory before -lc with std::string globals and LTO; exit, destructors and atexit in each link order; memory.wasm loaded beside wasi-libc, in each link mode',
    wanted: 'no duplicate symbol, on our heap',
    long: true,
    last: last('17 tests pass, 0 fail (node --test tests/toolchain/wasi.test.js)'),
    measure: () => tests('tests/toolchain/wasi.test.js'),
  },
  {
    goal: 'libmemory-pic.a in -shared side modules and in a -pie program (LLVM 16, 19, 22)',
    wanted: 'all tests',
    long: true,
    last: last('6 tests pass, 0 fail (node --test tests/toolchain/pic.test.js)'),
    measure: () => tests('tests/toolchain/pic.test.js'),
  },
  {
    goal: 'examples: C, C++, libc++, Rust (3), Zig, AssemblyScript, WAT, linked in and in every link mode',
    wanted: 'all tests',
    long: true,
    last: last('10 tests pass, 0 fail (node --test tests/examples/small.test.js)'),
    measure: () => tests('tests/examples/small.test.js'),
  },
  {
    goal: 'release archive, find_package, two clean builds with the same bytes',
    wanted: 'all tests',
    long: true,
    last: last('6 tests pass, 0 fail (node --test tests/toolchain/install.test.js)'),
    measure: () => tests('tests/toolchain/install.test.js'),
  },
  {
    goal: 'ten badly linked programs are named with their cure by inspect and by load',
    wanted: 'all tests',
    long: true,
    last: last('42 tests pass, 0 fail (node --test tests/toolchain/badly-linked.test.js)'),
    measure: () => tests('tests/toolchain/badly-linked.test.js'),
  },
  {
    goal: 'sqlite, Lua, cJSON, zstd, stb, Box2D, Dear ImGui, fmt: linked in and in every link mode, output as with wasi-libc\'s malloc',
    wanted: '8 libraries, the same output',
    long: true,
    last: last('8 of 8 (node tests/libraries/run.js)'),
    measure: () => {
      const { stdout } = spawnSync(process.execPath, ['tests/libraries/run.js'], { cwd: root, encoding: 'utf8' });
      const same = stdout.match(/^\| \w+ \| the same \|/gm)?.length ?? 0;
      return { measured: `${same} of 8`, met: same === 8 };
    },
  },
  {
    goal: 'Emscripten with -sMALLOC=none, with its JavaScript (views right after growth) and standalone',
    wanted: 'all tests, where emcc is installed',
    long: true,
    last: last('2 tests pass, 0 fail (npm run test:emscripten:long; Emscripten 3.1.6)'),
    measure: () => tests('tests/toolchain/long/emscripten.js'),
  },
  {
    goal: 'zig cc, linked in and loaded',
    wanted: 'all tests',
    long: true,
    last: last('2 tests pass, 0 fail (node --test tests/toolchain/zig.test.js)'),
    measure: () => tests('tests/toolchain/zig.test.js'),
  },
  {
    goal: 'the gallery (canvas filter, parser, particles at less than 16 ms of CPU time a frame, Worker), used in Chromium by a test',
    wanted: 'all tests',
    long: true,
    last: last('16 tests pass, 0 fail (node --test tests/gallery/gallery.test.js)'),
    measure: () => tests('tests/gallery/gallery.test.js'),
  },
  {
    goal: 'the docs site, built by one command and used in Chromium by a test: every link, menu and search, light and dark, phone',
    wanted: 'all tests',
    long: true,
    last: last('11 tests pass, 0 fail (node --test tests/site/site.test.js)'),
    measure: () => tests('tests/site/site.test.js'),
  },
  {
    goal: 'the Record demo: CPU time of the page for a click with 10,000 records, create and delete',
    wanted: '< 50 ms',
    long: true,
    last: last('19.1 ms and 21.4 ms (node tests/page/clicks.mjs)'),
    measure: () => clicks(/CPU time ([\d.]+) ms/g),
  },
  {
    goal: 'the Record demo: median time from a click to the next frame with 10,000 records, create and delete',
    wanted: '< 50 ms',
    long: true,
    last: last('24.0 ms and 20.8 ms on two cores that nobody else used (chrt -r 1 node tests/page/clicks.mjs)'),
    measure: () => clicks(/median ([\d.]+) ms/g),
  },
  {
    goal: 'what a snprintf adds to a program',
    wanted: '<= 16 KB',
    measure: async () => {
      const [, kilobytes] = /`snprintf\(.*?\| ([\d.]+) KB/.exec(readFileSync(join(root, 'docs/c-library.md'), 'utf8'));
      return { measured: `${kilobytes} KB (checked by tests/toolchain/libc.test.js)`, met: Number(kilobytes) <= 16 };
    },
  },
];
