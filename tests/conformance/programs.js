// The clauses as programs: how they are built and linked to the heap.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { load } from '../../dist/memory.js';
import { compile, kDist, link } from '../wasm/toolchain.js';

const kLinked = ['--export=__heap_base', '--export-table', '--stack-first', '-z', 'stack-size=65536', '--max-memory=67108864'];

/** @type {Record<string, string[]>} program: the sources of its clauses */
const kSources = { c: ['c23.c', 'posix.c'], cpp: ['cpp23.cpp'], handler: ['handler.cpp'], replaced: ['replaced.cpp'] };

/** Those that libmemory.a must be linked into. */
export const kLinkedOnly = ['handler', 'replaced'];

/** The objects of a program, as C23 and C++23; compiled once. @type {Map<string, string[]>} */
const objects = new Map();
function objectsOf(name) {
  if (!objects.has(name)) objects.set(name, ['program.c', ...kSources[name]].map(compileClauses));
  return objects.get(name);
}
const compileClauses = (file) => compile(`tests/conformance/clauses/${file}`, file.endsWith('.c') ? '-std=c2x' : '-std=c++23');

/** The link modes of memory.js, as the built one names them. */
export async function linkModes() {
  const refusal = await load(new Uint8Array(), { link: 'none' }).catch((error) => error.message);
  return [...refusal.matchAll(/'(\w+)'/g)].map(([, mode]) => mode).filter((mode) => !['auto', 'none'].includes(mode));
}

/**
 * A program that gets its heap from memory.wasm when it is loaded.
 * @param {string} name of kSources
 * @param {string} mode
 */
export async function loaded(name, mode) {
  const file = link(`conformance-${name}.wasm`, objectsOf(name), '--allow-undefined', ...kLinked);
  const program = await load(pathToFileURL(file), { link: mode, heap: pathToFileURL(join(kDist, 'memory.wasm')) });
  return clausesOf(program.exports, program.memory);
}

/** A program with libmemory.a linked in. */
export async function linked(name) {
  const file = link(`conformance-${name}-static.wasm`, [...objectsOf(name), join(kDist, 'libmemory.a')], '--export-memory', ...kLinked);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)));
  exports._initialize();
  return clausesOf(exports, exports.memory);
}

/** @typedef {{ where: string, says: string, run: () => string | undefined }} Clause */

function clausesOf(exports, memory) {
  const text = (pointer) => {
    const bytes = new Uint8Array(memory.buffer, pointer >>> 0);
    return pointer ? Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString() : undefined;
  };
  const clauses = Array.from({ length: exports.count() }, (_, i) => ({
    where: text(exports.where(i)),
    says: text(exports.says(i)),
    run: () => text(exports.run(i)),
  }));
  return { exports, clauses: /** @type {Clause[]} */ (clauses) };
}
