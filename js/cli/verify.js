// `memory.wasm verify`: is the memory.wasm that ships beside this file what its source compiles to? Builds the source and compares.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What ships, in the build of the preset dist: memory.wasm after wasm-opt. */
const SHIPPED = 'src/wasm/shipped/memory.wasm';

/** @param {Uint8Array} bytes */
const hash = (bytes) => `sha256-${createHash('sha256').update(bytes).digest('base64')}`;

/**
 * @param {Uint8Array} shipped
 * @param {string} source a checkout of the project
 * @returns {{ same: boolean, text: string }}
 */
export function verify(shipped, source) {
  if (!existsSync(join(source, 'CMakePresets.json')))
    throw new Error(`${source} is not the source of memory.wasm: it has no CMakePresets.json. Pass the folder of a checkout.`);
  build(source);
  return compare(shipped, readFileSync(join(source, 'build/dist', SHIPPED)));
}

/** Builds that one file, not dist/: what ships may be beside this command in the same folder. @param {string} source */
function build(source) {
  for (const options of [
    ['--preset', 'dist'],
    ['--build', '--preset', 'dist', '--target', SHIPPED],
  ]) {
    const { error, status, stderr, stdout } = spawnSync('cmake', options, { cwd: source, encoding: 'utf8' });
    if (error) throw new Error(`cmake can't be run: ${error.message}. Is CMake installed?`);
    if (status !== 0) throw new Error(`${source} does not build:\n${(stderr || stdout).trim().split('\n').slice(-5).join('\n')}`);
  }
}

/** @param {Uint8Array} shipped @param {Uint8Array} built */
export function compare(shipped, built) {
  if (Buffer.compare(shipped, built) === 0)
    return { same: true, text: `memory.wasm is what the source compiles to: ${shipped.length.toLocaleString('en')} bytes, ${hash(shipped)}` };
  const first = shipped.findIndex((byte, at) => byte !== built[at]);
  const text =
    `memory.wasm is not what the source compiles to. It has ${shipped.length} bytes (${hash(shipped)}), the build ${built.length} (${hash(built)}); they differ from byte ${first < 0 ? shipped.length : first} on. ` +
    'Is the source of the same version, and the compiler the one that CONTRIBUTING.md names?';
  return { same: false, text };
}
