// Compiles and links tests/check/programs/misuse.* in each language but C.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { kLanguages } from './mistakes.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The PATH with the compilers on it. */
const path = () => execFileSync(`${root}.ci/need`, ['rust', 'zig', 'asc'], { encoding: 'utf8' }).trim();

/** @type {Record<string, (source: string, program: string, run: (command: string, options: string[]) => void, functions: string[]) => void>} */
const kCompilers = {
  cpp(source, program, run) {
    run('clang++', ['--target=wasm32', '-std=c++20', '-O1', '-g', '-nostdlib', '-ffreestanding', '-fno-builtin', '-fno-exceptions', '-fno-rtti', '-c', source, '-o', `${program}.o`]);
    run('wasm-ld', ['--no-entry', '--allow-undefined', '--export=__heap_base', `${program}.o`, '-o', program]);
  },
  rs(source, program, run, functions) {
    run('rustc', ['--edition', '2021', '--target=wasm32-unknown-unknown', '--crate-type=staticlib', '-C', 'debuginfo=2', '-C', 'opt-level=0', '-C', 'panic=abort', source, '-o', `${program}.a`]);
    run('wasm-ld', ['--no-entry', '--allow-undefined', '--export=__heap_base', '--gc-sections', ...functions.map((name) => `--export=${name}`), `${program}.a`, '-o', program]);
  },
  ts(source, program, run) {
    run('asc', [source, '--runtime', 'stub', '--debug', '--sourceMap', '--outFile', program]);
  },
  zig(source, program, run) {
    run('zig', ['build-exe', source, '-target', 'wasm32-freestanding', '-O', 'Debug', '-fno-entry', '-rdynamic', '--import-symbols', `-femit-bin=${program}`]);
  },
};

/** @param {string} extension @param {string} program the file to make */
export function buildIn(extension, program) {
  const source = fileURLToPath(new URL(`./programs/misuse.${extension}`, import.meta.url)), { clean, mistakes } = kLanguages[extension];
  const env = { ...process.env, PATH: path() };
  kCompilers[extension](source, program, (command, options) => execFileSync(command, options, { env, stdio: ['ignore', 'ignore', 'pipe'] }), [clean, ...mistakes.map(([name]) => name)]);
}
