// The LLVMs of this machine, and programs compiled by each the way the README does it.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const kRoot = fileURLToPath(new URL('../..', import.meta.url));
export const kDist = join(kRoot, 'dist');
const kOut = join(kRoot, 'build/tests-toolchain');

const runs = (program) => spawnSync(program, ['--version']).status === 0;

/** The versions that have both a compiler and a linker here, as Debian names them. @returns {number[]} */
export const llvmVersions = () => Array.from({ length: 17 }, (_, index) => 14 + index).filter((version) => runs(`clang-${version}`) && runs(`wasm-ld-${version}`));

/**
 * Compiles and links in one call of the compiler. Returns what it wrote, or what it complained of.
 * @param {number} version of LLVM
 * @param {string} source in the repository
 * @param {string} name of the program
 * @param {string[]} options
 * @returns {{ bytes?: Buffer, complaint: string, file: string }}
 */
export function compile(version, source, name, options) {
  mkdirSync(kOut, { recursive: true });
  const file = join(kOut, `${name}-${version}.wasm`);
  const driver = `clang${source.endsWith('.c') ? '' : '++'}-${version}`;
  const { status, stderr } = spawnSync(driver, ['--target=wasm32', '-nostdlib', `-I${kDist}/include`, join(kRoot, source), '-o', file, ...options], { encoding: 'utf8' });
  return { bytes: status === 0 ? readFileSync(file) : undefined, complaint: stderr, file };
}

/** The same for a program that must come out. */
export function program(...request) {
  const { bytes, complaint } = compile(...request);
  if (!bytes) throw new Error(complaint);
  return bytes;
}

/** Runs a tool and returns what it printed. @param {string} tool @param {string[]} options */
export const run = (tool, ...options) => execFileSync(tool, options, { encoding: 'utf8' });
