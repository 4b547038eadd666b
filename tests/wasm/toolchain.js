// Compiles the programs of these tests, the way a user does: clang for wasm32 without a standard library.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const inRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const kDist = inRoot('dist');
const kOut = inRoot('build/tests-wasm');

/** The tool by its plain name, or with the version that Debian puts behind it. */
function find(name) {
  const found = [`${name}-19`, name].find((candidate) => spawnSync(candidate, ['--version']).status === 0);
  if (!found) throw new Error(`${name} is not installed (tried ${name}-19 and ${name})`);
  return found;
}

// no-builtin: the compiler would leave out allocations that it can see are for nothing.
const kFreestanding = ['--target=wasm32', '-nostdlib', '-O2', '-fno-builtin', '-mbulk-memory', '-Wall', '-Wextra', '-Werror', `-I${join(kDist, 'include')}`];

// Set by those who run the same tests again and again on another heap (tests/mutants/run.js).
const isBuilt = (file) => process.env.REUSE_TEST_PROGRAMS && existsSync(file);

// What the tools complain of goes to the terminal.
const kQuietly = { stdio: ['ignore', 'ignore', 'inherit'] };

/** Compiles one source file of the repository. Returns the object's path. */
export function compile(source, ...options) {
  mkdirSync(kOut, { recursive: true });
  const object = join(kOut, `${source.replaceAll('/', '_')}${options.includes('--target=wasm64') ? '64' : ''}.o`);
  if (isBuilt(object)) return object;
  const language = source.endsWith('.c') ? ['clang', '-std=c11'] : ['clang++', '-std=c++20', '-fno-exceptions', '-fno-rtti'];
  execFileSync(find(language[0]), [...kFreestanding, ...language.slice(1), '-c', inRoot(source), '-o', object, ...options], kQuietly);
  return object;
}

/** Links objects into a program without an entry. Returns its path. */
export function link(name, objects, ...options) {
  const program = join(kOut, name);
  if (isBuilt(program)) return program;
  execFileSync(find('wasm-ld'), ['--no-entry', ...objects, '-o', program, ...options], kQuietly);
  return program;
}

/** Compiles and links in one call of the compiler, exactly as the README tells users. */
export function compileAndLink(name, source, ...options) {
  mkdirSync(kOut, { recursive: true });
  const program = join(kOut, name);
  const driver = find(source.endsWith('.c') ? 'clang' : 'clang++');
  execFileSync(driver, ['--target=wasm32', '-nostdlib', `-I${join(kDist, 'include')}`, inRoot(source), `-L${kDist}`, '-lmemory', '-o', program, ...options], kQuietly);
  return program;
}

/** Runs a tool and returns what it printed. */
export const run = (tool, ...options) => execFileSync(tool, options, { encoding: 'utf8' });
