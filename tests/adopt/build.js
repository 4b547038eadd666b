// Programs for the tests of adoption: C with wasi-libc, so with its dlmalloc inside.

import { readFileSync } from 'node:fs';
import { readModule } from '../../js/adopt/module.js';
import { kDist, program, run } from '../toolchain/llvm.js';

export const heap = (name = 'memory.wasm') => new Uint8Array(readFileSync(`${kDist}/${name}`));

const kFlags = ['--target=wasm32-wasi', '-mexec-model=reactor', '-Wl,--no-entry', '-L/usr/lib/wasm32-wasi', '-I/usr/include/wasm32-wasi', '-nostdlib', '-Wl,--export=_initialize', '/usr/lib/wasm32-wasi/crt1-reactor.o', '-lc'];

/** Compiles a program of this folder. @param {string} name @param {string} label of this build @param {string[]} options */
export const built = (name, label, options) =>
  new Uint8Array(program(19, `tests/adopt/programs/${name}.c`, `adopt-${name}-${label}`, [...options, ...kFlags, `${run('clang-19', '-print-resource-dir').trim()}/lib/wasi/libclang_rt.builtins-wasm32.a`]));

/** The functions of malloc's family that `exported` exports, under names that say it. */
const kFamily = ['malloc', 'free', 'calloc', 'realloc', 'aligned_alloc', 'posix_memalign'];
export const exported = kFamily.map((name) => `-Wl,--export=${name}`);

/**
 * A module without its custom sections, and its exports of malloc and the like renamed: nothing has a name any more.
 * @param {Uint8Array} bytes
 * @param {boolean} [keepExports] for JavaScript that came with it
 */
export function stripped(bytes, keepExports = false) {
  const { sections } = readModule(bytes, 'program');
  const out = Buffer.concat([bytes.subarray(0, 8), ...sections.filter(({ id }) => id).map(({ whole, end }) => bytes.subarray(whole, end))]);
  if (keepExports) return new Uint8Array(out);
  const { sections: kept } = readModule(new Uint8Array(out), 'program');
  const { start, end } = kept.find(({ id }) => id === 7);
  for (const name of kFamily) {
    const at = out.indexOf(Buffer.from([name.length, ...Buffer.from(name), 0]), start);
    if (at >= 0 && at < end) out[at + name.length] = '_'.charCodeAt(0);
  }
  return new Uint8Array(out);
}

/** WASI, as far as a program asks for it that writes nothing. @param {WebAssembly.Module} module */
export function stubs(module) {
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => 0;
  return imports;
}

/** @param {Uint8Array} bytes */
export function started(bytes) {
  const module = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(module, stubs(module));
  exports._initialize?.();
  return exports;
}
