// What a program is to be linked with.

import { kHeaps } from '../heaps.js';
import { inWords, kNeeded, kVersion, suits } from '../load/interface.js';
import { parseHeap } from '../merge/heap.js';
import { Cursor } from '../wasm/cursor.js';
import { locals } from '../wasm/format.js';
import { END, I32_CONST } from '../wasm/instructions.js';
import { describe } from './describe.js';

/** The words for the heaps that ship, for help and errors. */
export const kHeapWords = Object.keys(kHeaps).join(', ');

/** Those that take the place of a malloc inside a program (docs/contract.md). */
export const kAdoptHeaps = ['release', 'debug'];

/** @typedef {ReturnType<typeof heapIn>} Heap */

/** @param {Uint8Array} bytes @param {string} file */
export function heapIn(bytes, file) {
  const { imports, exports, functions, start, data, customs } = describe(bytes, file),
    { memory } = imports[0] ?? {};
  if (!memory || imports.length > 1 || start !== undefined || data.length) {
    throw refused(`${file} is not a heap: a heap imports a memory and nothing else, has no data and no start function`);
  }
  /** Its functions, with their types. */
  const offered = new Map(exports.filter(({ kind }) => kind === 'function').map(({ name, index }) => [name, functions[index]]));
  checkInterface(bytes, file, offered);
  return { file, bytes, memory, offered, customs };
}

/**
 * As load does, but the heap doesn't run here: it may be for another engine.
 * @param {Uint8Array} bytes
 * @param {string} file
 * @param {Map<string, unknown>} offered
 */
function checkInterface(bytes, file, offered) {
  const missing = kNeeded.filter((name) => !offered.has(name));
  if (missing.length) throw refused(`${file} does not export ${missing.join(', ')}: it is not memory.wasm, or one of another version`);
  const version = versionIn(parseHeap(bytes, file));
  if (version !== undefined && suits(version)) return;
  const found = version === undefined ? 'an unknown version' : `version ${inWords(version)}`;
  throw refused(`${file} has ${found} of the heap's interface, and this command is for ${inWords(kVersion)}`);
}

/**
 * What heap_version returns: a constant, which is all that the function has.
 * @param {import('../merge/heap.js').Heap} heap
 */
function versionIn({ file, exports, bodies }) {
  const { index = -1 } = exports.find(({ name }) => name === 'heap_version') ?? {};
  const cursor = new Cursor(bodies[index], file);
  locals(cursor);
  if (cursor.byte() !== I32_CONST) return undefined;
  const version = cursor.number();
  return cursor.byte() === END ? version : undefined;
}

/** @param {string} problem */
const refused = (problem) => new Error(`${problem}. Leave out --heap, or name a word: ${kHeapWords}.`);
