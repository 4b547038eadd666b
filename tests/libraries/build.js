// A library and its program, compiled once and linked three times: with our heap, to be loaded with our heap, and with the malloc of
// wasi-libc. C is compiled as docs/c-library.md says, C++ against the libc++ that Debian has for wasm32-wasi.

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { kDist, kRoot } from '../toolchain/llvm.js';
import { fetchSource } from './fetch.js';

// clang, wasm-ld and dpkg-source by these names, whatever the system calls them.
process.env.PATH = execFileSync(join(kRoot, '.ci/need'), ['clang', 'lld', 'wasi-libc++', 'dpkg-source'], { encoding: 'utf8' }).trim();

const kOut = join(kRoot, 'build/libraries');
const kWasi = '/usr/lib/wasm32-wasi';
const run = promisify(execFile);

const kC = ['clang', '--target=wasm32', `-I${kDist}/include`, '-std=gnu11'];
const kCpp = ['clang++', '--target=wasm32-wasi', `-I${kDist}/include`, '-std=c++17', '-fno-exceptions', '-fno-rtti'];
const isCpp = (file) => /\.(cpp|cc)$/.test(file);

/** What each way of linking has behind the objects. */
const kLinks = {
  static: ['-lmemory_c', '-lmemory'],
  loaded: ['--allow-undefined', '--export=__heap_base', '-lmemory_c'],
  wasi: ['-lmemory_c', `-L${kWasi}`, '-lc'],
};

/** @param {string} source @param {string} folder @param {string[]} options */
async function compile(source, folder, options) {
  const object = join(folder, `${source.startsWith('tests/') ? 'program-' : ''}${basename(source)}.o`);
  const [driver, ...target] = isCpp(source) ? kCpp : kC;
  if (!existsSync(object) || source.startsWith('tests/')) await run(driver, [...target, '-nostdlib', '-O2', '-w', ...options, '-c', source, '-o', object], { cwd: kRoot });
  return object;
}

/** Two at a time. @template T, U @param {T[]} items @param {(item: T) => Promise<U>} use */
async function eachOf(items, use) {
  const results = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await use(items[index]);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

/**
 * @param {import('./list.js').Library} library
 * @returns {Promise<{ static: string, loaded: string, wasi: string }>} the files
 */
export async function buildLibrary({ name, from, sources, include, options = [] }) {
  const folders = from.map(fetchSource);
  const folder = join(kOut, name);
  mkdirSync(folder, { recursive: true });
  const program = ['c', 'cpp'].map((ending) => `tests/libraries/programs/${name}.${ending}`).find((file) => existsSync(join(kRoot, file)));
  const flags = [...include(...folders).map((path) => `-I${path}`), '-Itests/libraries/programs', ...options];
  const objects = await eachOf([...sources(...folders), program], (source) => compile(source, folder, flags));
  const cpp = isCpp(program) ? [`-L${kWasi}`, '-lc++', '-lc++abi'] : [];
  const files = {};
  for (const [way, libraries] of Object.entries(kLinks)) {
    files[way] = join(folder, `${name}-${way}.wasm`);
    await run('wasm-ld', [
      ...objects, '--no-entry', '--stack-first', '-z', 'stack-size=1048576', '--export-if-defined=_initialize', '--export=__wasm_call_ctors', `-L${kDist}`, ...cpp, ...libraries, '-o', files[way],
    ]);
  }
  return files;
}
