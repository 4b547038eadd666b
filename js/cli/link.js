// `memory.wasm link`: the merge of load(), once and for all.

import { describe } from './describe.js';
import { merge, PREFIX } from '../merge/index.js';
import { withJoinedSections } from './custom.js';

/**
 * @typedef {object} LinkOptions
 * @property {string} file the program's name, for errors
 * @property {string} heapFile
 * @property {string[]} [exports] functions of the heap to export under their own names
 * @property {boolean} [exportHeap] export everything of the heap behind "memory.wasm/"
 */

/**
 * @param {Uint8Array} program
 * @param {Uint8Array} heap
 * @param {LinkOptions} options
 */
export function link(program, heap, { file, heapFile, exports = [], exportHeap = false }) {
  const ofHeap = describe(heap, heapFile), names = ofHeap.exports.map(({ name }) => name);
  const unknown = exports.filter(name => !names.includes(name));
  if (unknown.length) throw new Error(`${heapFile} has no ${unknown.join(', ')} to export. It has ${names.join(', ')}.`);
  const exportAs = (/** @type {string} */ name) => exports.includes(name) ? name : exportHeap ? PREFIX + name : undefined;
  const { bytes, ...report } = merge(program, heap, { file, exportAs });
  return { bytes: withJoinedSections(bytes, describe(program, file).customs, ofHeap.customs), ...report };
}

/** What Binaryen may find in a program, and may use in return: what the engines have had for years. */
const USUAL = ['MutableGlobals', 'SignExt', 'NontrappingFPToInt', 'BulkMemory', 'BulkMemoryOpt', 'Multivalue', 'ReferenceTypes', 'CallIndirectOverlong',
  'SIMD128', 'ExtendedConst', 'TailCall'];
/** For programs that have more; those without must not get it, because not every engine has it. */
const MORE = [...USUAL, 'Atomics', 'ExceptionHandling', 'GC', 'Memory64', 'RelaxedSIMD', 'MultiMemory'];

/**
 * Binaryen inlines the heap's fast paths for engines that don't, and drops what is not used.
 * @param {Uint8Array} bytes
 * @param {boolean} names whether names of functions are kept
 */
export async function optimize(bytes, names) {
  const { default: binaryen } = await import('binaryen').catch(error => {
    throw new Error(`--optimize needs Binaryen, which is not installed: npm install binaryen (${error.message})`);
  });
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setDebugInfo(names);
  const module = binaryen.readBinary(bytes);
  try {
    const features = /** @type {Record<string, number>} */ (/** @type {unknown} */ (binaryen.Features));
    const fits = [USUAL, MORE].some(list => {
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
