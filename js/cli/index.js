// The command's subcommands as functions: `import { inspect, link } from 'memory.wasm/cli'`.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kHeaps } from '../heaps.js';
import { checkOptions, kArray, kFlag, kObject, kText } from '../options.js';
import { adoptProgram } from './adopt.js';
import { describe } from './describe.js';
import { heapIn, kAdoptHeaps, kHeapWords } from './heap.js';
import { inspectProgram } from './inspect.js';
import { linkProgram, notes, optimized } from './link.js';

export { flags } from './flags.js';
export { inWords } from './inspect.js';
export { verify } from './verify.js';
export { watch } from './watch.js';

/**
 * @typedef {Uint8Array | string | URL} FileOrBytes the bytes of a file, or its path or file: URL
 *
 * @typedef {object} InspectOptions
 * @property {string | URL | Uint8Array} [heap] the heap to compare with: a word of load's option `heap` ('release' if it is not given), or a file
 * @property {string} [file] the program's name in reports and errors, if it is given as bytes
 *
 * @typedef {InspectOptions & LinkChoices} LinkOptions
 *
 * @typedef {object} LinkChoices
 * @property {string[]} [exports] functions of the heap to export under their own names
 * @property {boolean} [exportHeap] export everything of the heap behind "memory.wasm/"
 * @property {boolean} [check] the program checks every access to memory, and traps before one that may not be: with the debug heap, unless `heap` says otherwise
 * @property {boolean} [optimize] run Binaryen on the result: the package `binaryen` must be installed
 *
 * @typedef {import('../merge/index.js').MergeReport & { bytes: Uint8Array, notes: string[] }} Linked `bytes` is the module; `notes` say what its user should know
 */

/** @type {import('../options.js').Kinds} */
const kInspectOptions = { heap: ['a word, a file or bytes', (heap) => kText[1](heap) || heap instanceof URL || heap instanceof Uint8Array], file: kText };
/** @type {import('../options.js').Kinds} */
const kLinkOptions = { ...kInspectOptions, exports: kArray, exportHeap: kFlag, check: kFlag, optimize: kFlag };
/** @type {import('../options.js').Kinds} */
const kAdoptOptions = { ...kInspectOptions, roles: kObject, recipe: kObject, exportHeap: kFlag };

/**
 * Merges a program and its heap into one module that needs neither a loader nor a second file.
 * @param {FileOrBytes} program
 * @param {LinkOptions} [linkOptions]
 * @returns {Promise<Linked>}
 */
export async function link(program, linkOptions = {}) {
  checkOptions(linkOptions, kLinkOptions, 'link', 'options');
  const { exports = [], exportHeap = false, check = false, optimize = false, ...options } = linkOptions;
  const { bytes, description } = await opened(program, options.file);
  const chosen = { exports, exportHeap, check };
  const { bytes: merged, ...report } = linkProgram(bytes, description, await heapFor(options.heap ?? (check ? 'debug' : 'release')), chosen);
  const result = optimize ? await optimized(merged, description.customs.has('name')) : merged;
  return { ...report, bytes: result, notes: notes(description, report) };
}

/**
 * Puts the heap in the place of the malloc inside a program, if nothing stands against it: `mode` says what was done, `reasons` what stood against it.
 * @param {FileOrBytes} program
 * @param {InspectOptions & import('./adopt.js').AdoptChoices} [options]
 * @returns {Promise<import('../adopt/recipe.js').Adopted & { text: string }>}
 */
export async function adopt(program, options = {}) {
  checkOptions(options, kAdoptOptions, 'adopt', 'options');
  const { heap, file = 'the program', ...choices } = options;
  checkAdoptHeap(heap);
  const given = program instanceof Uint8Array;
  const bytes = given ? program : await read(pathOf(program));
  return adoptProgram(bytes, given ? file : basename(pathOf(program)), (await heapFor(heap)).bytes, choices);
}

/**
 * What a program imports and exports, where its data and stack are, how it can be linked, and the cure for each problem.
 * @param {FileOrBytes} program
 * @param {InspectOptions} [options]
 * @returns {Promise<import('./inspect.js').Inspection>}
 */
export async function inspect(program, options = {}) {
  checkOptions(options, kInspectOptions, 'inspect', 'options');
  const { heap, file } = options;
  const { description } = await opened(program, file);
  return inspectProgram(description, await heapFor(heap));
}

/**
 * @param {FileOrBytes} program
 * @param {string} [file]
 */
async function opened(program, file = 'the program') {
  const given = program instanceof Uint8Array;
  const path = given ? file : pathOf(program);
  const bytes = given ? program : await read(path);
  return { bytes, description: describe(bytes, given ? file : basename(path)) };
}

/** @param {string | URL} file */
const pathOf = (file) => (file instanceof URL || file.startsWith('file:') ? fileURLToPath(file) : file);

/**
 * The heap that is asked for: a word, a file or its bytes.
 * @param {FileOrBytes} [heap]
 */
async function heapFor(heap = 'release') {
  if (heap instanceof Uint8Array) return heapIn(heap, 'the heap');
  const known = typeof heap === 'string' && Object.hasOwn(kHeaps, heap) ? kHeaps[/** @type {import('../heaps.js').HeapName} */ (heap)]() : heap;
  if (known instanceof Uint8Array) return heapIn(known, String(heap));
  const path = pathOf(known);
  return heapIn(await readHeap(path), basename(path));
}

/**
 * As load: of the words, these are adopted with. A file is the caller's choice.
 * @param {FileOrBytes} [heap]
 */
function checkAdoptHeap(heap = 'release') {
  if (typeof heap !== 'string' || !Object.hasOwn(kHeaps, heap) || kAdoptHeaps.includes(heap)) return;
  throw new TypeError(`adoption has no heap '${heap}': it goes with ${kAdoptHeaps.join(' and ')}`);
}

/**
 * What is neither a word nor a file is most likely a word that was misspelt.
 * @param {string} path
 */
async function readHeap(path) {
  try {
    return await read(path);
  } catch (error) {
    throw new Error(`${/** @type {Error} */ (error).message} The heap is one of ${kHeapWords}, or a file.`, { cause: error });
  }
}

/**
 * The bytes of a file.
 * @param {string} path
 */
export async function read(path) {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new Error(`${path} can't be read: ${/** @type {Error} */ (error).message}.`);
  }
}
