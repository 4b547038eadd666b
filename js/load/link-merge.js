// Link mode 'merge': program and heap become one module while the program arrives, so that engines inline malloc and free into
// the program. The merger is memory.merge.js (js/merge), loaded when it is used.

import { failure } from '../errors.js';
import { kFeatures } from '../features.js';
import { apart, PREFIX } from '../wasm/prefix.js';
import { given } from './instantiate.js';
import { linkDirect } from './link-direct.js';
import { declaredEnd, declaredMemory, memoryFor, memoryImport } from './program-memory.js';

/** @typedef {typeof import('../merge/index.js')} Merging */
/** @typedef {import('./link.js').Parts} Parts */

/** The merger, fetched once. @returns {Promise<Merging>} */
export const loadMerger = () => kFeatures.merge();

/**
 * From this size on, 'auto' does not merge a program whose code must be rewritten: that costs some 7 ms a megabyte (docs/merge.md), which a
 * program that comes from near by would wait for. Where the code is only copied, merging costs less than a millisecond a megabyte.
 */
const kRewriteLimit = 16e6;

/**
 * @param {Merging} merging
 * @param {Parts} parts
 * @param {boolean} [orDirect] links directly if merging costs too much, or if the merger doesn't know something that the program has
 * @returns {import('./steps.js').Steps<import('./link.js').Linked>}
 */
export function* linkMerge(merging, parts, orDirect) {
  const { program } = parts;
  if (!program.head) throw failure('LinkModeError', [program.name, 'merge']);
  const declared = declaredMemory(program);
  const isWorthIt = (/** @type {string} */ code) => !orDirect || (program.total ?? 0) < kRewriteLimit || code !== 'rewritten';
  let merged;
  try {
    merged = yield* mergeAndCompile(merging, parts, program.head, isWorthIt);
  } catch (error) {
    if (!(error instanceof merging.MergeError)) throw error;
    if (!orDirect) throw failure('MergeError', [error.message], error);
    yield program.bytes(); // those that the merger has taken are there again once all are
  }
  return merged ? yield* instantiateMerged(parts, declared, merged) : yield* linkDirect(parts);
}

/**
 * @typedef {object} Merged
 * @property {WebAssembly.Module} module
 * @property {Map<string, string>} heapNames the names of the heap's exports, by those that they have in the module: the program may have others like them
 */

/**
 * @param {Merging} merging
 * @param {Parts} parts
 * @param {Uint8Array} head
 * @param {(code: 'copied' | 'rewritten') => boolean} goesOn asked once it is known what becomes of the code
 * @returns {import('./steps.js').Steps<Merged | undefined>}
 */
function* mergeAndCompile({ merger }, { program, heap, imports }, head, goesOn) {
  /** @type {Merged['heapNames']} */
  const heapNames = new Map();
  const { push, report } = merger(yield heap.bytes(), {
    file: program.name,
    heapFile: heap.name,
    deferStart: true,
    leave: (module, name) => given(imports, { module, name }) !== undefined,
    exportAs(name) {
      heapNames.set(PREFIX + name, name);
      return PREFIX + name;
    },
  });
  const start = push(head, false); // the head has the imports, which decide what becomes of the code
  return goesOn(report.code) ? { module: yield program.compile(start, push), heapNames } : undefined;
}

/**
 * @param {Parts} parts
 * @param {import('../wasm/header.js').Memory} declared
 * @param {Merged} merged
 * @returns {import('./steps.js').Steps<import('./link.js').Linked>}
 */
function* instantiateMerged({ program, imports, instantiate, onHeapExports }, declared, { module, heapNames }) {
  const imported = declared.import && memoryFor(program, declared, imports);
  const layers = [...(imported ? [memoryImport(declared, imported)] : []), imports];
  const instance = yield instantiate(module, layers, program.name);
  const { own, heap } = apart(instance.exports, (name) => heapNames.get(name));
  const end = declaredEnd(declared, heap.memory, false);
  onHeapExports(heap, heap.memory, declared.maximum);
  heap.start?.();
  return { link: 'merge', module, instance, exports: Object.freeze(own), end };
}
