// WAT to wasm, by Debian's wabt.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs a tool on files that it reads and writes: `run(in, out)`.
 * @param {string | Uint8Array} input @param {(input: string, output: string) => void} run
 * @returns {Uint8Array} what it wrote
 */
export function throughFiles(input, run) {
  const folder = mkdtempSync(join(tmpdir(), 'merge-'));
  try {
    writeFileSync(join(folder, 'in'), input);
    run(join(folder, 'in'), join(folder, 'out'));
    return new Uint8Array(readFileSync(join(folder, 'out')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// Not --enable-all: with typed function references this wabt refuses (global funcref (ref.func 0)).
const kFeatures = ['exceptions', 'threads', 'tail-call', 'memory64', 'multi-memory', 'extended-const', 'relaxed-simd'].map(name => `--enable-${name}`);

/** @param {string} wat @param {string[]} options of wat2wasm */
export const assemble = (wat, ...options) =>
  throughFiles(wat, (from, to) => execFileSync('wat2wasm', [from, '-o', to, ...kFeatures, ...options], { stdio: 'pipe' }));
