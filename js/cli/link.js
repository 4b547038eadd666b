// `memory.wasm link`: the merge of load(), once and for all.

import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { instrument } from '../check/instrument.js';
import { ON_BLOCK, standaloneTexts } from '../check/standalone.js';
import { merge, PREFIX } from '../merge/index.js';
import { withJoinedSections } from './custom.js';
import { findingsOf, heapMemory } from './findings.js';
import { checkValid } from './valid.js';

/** @typedef {import('./describe.js').Description} Program */
/** @typedef {import('./heap.js').Heap} Heap */

/**
 * @typedef {object} Choices
 * @property {string[]} exports functions of the heap to export under their own names
 * @property {boolean} [exportHeap] export everything of the heap behind "memory.wasm/"
 * @property {boolean} [check] the program checks every access to memory
 */

/**
 * @param {Uint8Array} bytes the program
 * @param {Program} program
 * @param {Heap} heap
 * @param {Choices} options
 */
export function linkProgram(bytes, program, heap, options) {
  checkValid(bytes, program.file, 'linked');
  check(program, heap, options);
  const { exports, exportHeap, check: checked } = options;
  const exportAs = (/** @type {string} */ name) => (exports.includes(name) ? name : exportHeap ? PREFIX + name : undefined);
  const { bytes: merged, ...report } = merge(checked ? selfChecking(bytes, program, heap) : bytes, heap.bytes, {
    file: program.file,
    heapFile: heap.file,
    exportAs,
    seesTables: checked,
  });
  const resolved = report.resolved.filter((name) => name !== `env.${ON_BLOCK}`);
  if (!resolved.length && !exports.length && !exportHeap && !checked) throw new Error(unused(program.file));
  return { bytes: withJoinedSections(merged, program.customs, heap.customs), ...report, resolved };
}

/** @param {string} file */
const unused = (file) =>
  `${file} uses nothing of the heap, so there is nothing to link and nothing was written: memory.wasm inspect ${file} says why. To put the heap in all the same, name what it is to export: --export malloc,free.`;

/** @param {Uint8Array} bytes @param {Program} program @param {Heap} heap */
function selfChecking(bytes, program, heap) {
  if (!heap.offered.has(ON_BLOCK))
    throw new Error(`--check needs a heap that says what becomes of its blocks, and ${heap.file} doesn't: leave out --heap, or take --heap debug.`);
  return instrument(bytes, { file: program.file, standalone: standaloneTexts }).bytes;
}

/** Throws where the result would be of no use. @param {Program} program @param {Heap} heap @param {Choices} options */
function check(program, heap, { exports, exportHeap }) {
  const { file } = program,
    blocking = findingsOf(program, heap).find(({ blocks }) => blocks);
  if (blocking) throw new Error(`${file} ${blocking.problem} ${blocking.cure}`);
  const unknown = exports.filter((name) => !heap.offered.has(name));
  if (unknown.length) throw new Error(`${heap.file} has no function ${unknown.join(', ')} to export. It has ${[...heap.offered.keys()].join(', ')}.`);
  const taken = program.exports.map(({ name }) => name),
    clashing = exports.filter((name) => taken.includes(name));
  if (clashing.length) throw new Error(`${file} exports ${clashing.join(', ')} already: leave that out of --export.`);
  if (exportHeap && taken.some((name) => name.startsWith(PREFIX)))
    throw new Error(`${file} exports a heap already: it was linked with --export-heap before. Leave that out, or link the original.`);
}

/**
 * What to know of a program that was linked.
 * @param {Program} program
 * @param {import('../merge/index.js').MergeReport} report
 */
export function notes(program, { mismatched, dropped }) {
  const memory = heapMemory(program),
    constructors = ['_initialize', '__wasm_call_ctors'].find((wanted) => program.exports.some(({ name }) => name === wanted));
  return [
    ...(mismatched.length ? [`still imported, because its type is not the heap's: ${mismatched.join(', ')}`] : []),
    ...(dropped.length ? [`left out, because its offsets are no longer true: ${dropped.join(', ')}. load() with link: 'direct' keeps it, for debugging.`] : []),
    ...(memory.most === memory.least
      ? [
          "malloc will always return NULL: linked like this the heap has only what it grows, and this memory can't grow. Link the program with a larger --max-memory, or without it.",
        ]
      : []),
    ...(constructors ? [`call its export ${constructors} once, before all others: there is no loader to do it`] : []),
  ];
}

/** What Binaryen may find in a program, and may use in return: what the engines have had for years. */
const USUAL = [
  'MutableGlobals',
  'SignExt',
  'NontrappingFPToInt',
  'BulkMemory',
  'BulkMemoryOpt',
  'Multivalue',
  'ReferenceTypes',
  'CallIndirectOverlong',
  'SIMD128',
  'ExtendedConst',
  'TailCall',
];
/** For programs that have more; those without must not get it, because not every engine has it. */
const MORE = [...USUAL, 'Atomics', 'ExceptionHandling', 'GC', 'Memory64', 'RelaxedSIMD', 'MultiMemory'];

/**
 * Binaryen inlines the heap's fast paths for engines that don't, and drops what is not used.
 * @param {Uint8Array} bytes
 * @param {boolean} names whether names of functions are kept
 */
export async function optimized(bytes, names) {
  const { default: binaryen } = await importBinaryen();
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setDebugInfo(names);
  const module = binaryen.readBinary(bytes);
  try {
    const features = /** @type {Record<string, number>} */ (/** @type {unknown} */ (binaryen.Features));
    const fits = [USUAL, MORE].some((list) => {
      module.setFeatures(/** @type {any} */ (list.reduce((all, name) => all | features[name], 0)));
      return Boolean(quietly(() => module.validate()));
    });
    if (!fits) throw new Error('Binaryen does not take the merged module: it uses features that this release of Binaryen does not know. Leave out --optimize.');
    module.optimize();
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

/**
 * From where this package is, else from where the command is run: a command installed for all projects, or by npx, has no Binaryen beside it.
 * @returns {Promise<typeof import('binaryen')>}
 */
async function importBinaryen() {
  try {
    return await import('binaryen');
  } catch {
    const folder = process.cwd();
    try {
      return await import(pathToFileURL(nodeModule.createRequire(join(folder, 'package.json')).resolve('binaryen')).href);
    } catch (error) {
      throw new Error(`--optimize needs Binaryen, which is installed neither with this command nor in ${folder}: npm install binaryen`, { cause: error });
    }
  }
}

/** Binaryen prints what it finds invalid. @template T @param {() => T} work */
function quietly(work) {
  const { log, error } = console;
  console.log = console.error = () => {};
  try {
    return work();
  } finally {
    Object.assign(console, { log, error });
  }
}
