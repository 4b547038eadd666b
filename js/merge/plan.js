// The plan of a merge: the new index of everything that the program and the heap name. What the heap adds comes behind what the program has, but
// for the functions that take the places of imports (imports.js).

import { Cursor } from '../wasm/cursor.js';
import { FUNC, MEMORY } from '../wasm/opcodes.js';
import { A_FUNCTION } from '../wasm/sections.js';
import { MergeError } from './error.js';

/** @typedef {import('../wasm/cursor.js').Counts} Counts */
/** @typedef {import('../wasm/cursor.js').Maps} Maps */
/** @typedef {ReturnType<typeof planOf>} Plan */

/** @param {import('../wasm/format.js').Limits} limits */
const kindOf = ({ is64, shared }) => `${is64 ? 64 : 32}-bit${shared ? ' shared' : ''}`;

/**
 * @param {import('./heap.js').Heap} heap
 * @param {string} file the program's name in errors
 */
export const planOf = (heap, file) => ({
  heap,
  file,
  /** New indices of what the program names, and of what the heap names. @type {Maps} */
  maps: [],
  /** @type {Maps} */
  heapMaps: [],
  /** How many of each the program has, once that is known. @type {Counts} */
  counts: [],
  /** The program's types, then the heap's. @type {string[]} */
  types: [],
  /** How many imports of each kind the program has. */
  imported: [0, 0, 0, 0, 0],
  /** The heap's functions that take the places of imports, and those that come last. @type {number[][]} */
  placed: [[], []],
  /** The kinds of the program's memories, imported and own. @type {string[]} */
  memories: [],
  /** Which of them the heap lives in; -1: not known yet. */
  memory: -1,
  /** Whether rewritten code may get longer. */
  grows: false,
  /** The program's name section. @type {Uint8Array | undefined} */
  names: undefined,
  report: /** @type {import('./merge.js').MergeReport} */ ({ resolved: [], mismatched: [], code: 'copied', dropped: [] }),
});

/** The contents of a section whose list is empty. */
const kNoItems = Uint8Array.of(0);

/** On a part of the program, which gets its new indices. @param {Plan} plan @param {Uint8Array} [bytes] @param {number} [base] where in the file they are */
export const ofProgram = ({ file, maps, counts }, bytes = kNoItems, base = 0) => new Cursor(bytes, file, base, maps, counts);

/** On a part of the heap, likewise. @param {Plan} plan @param {Uint8Array} [bytes] */
export const ofHeap = ({ heap, heapMaps }, bytes = kNoItems) => new Cursor(bytes, heap.file, bytes.byteOffset - heap.bytes.byteOffset, heapMaps);

/** @param {Plan} plan @param {string} problem @returns {never} */
export const refuse = ({ file }, problem) => {
  throw new MergeError(`${file}: ${problem}`);
};

/** Those of the heap are not among the program's. @param {Plan} plan @param {Cursor} cursor @param {import('../wasm/format.js').Limits} limits */
export const addMemory = ({ maps, memories }, cursor, limits) => {
  if (cursor.maps === maps) memories.push(kindOf(limits));
};

/** The heap lives in the memory that is imported under the name it uses itself, or exported as "memory", or the only one. @param {Plan} plan */
export const chooseMemory = (plan) => {
  const { counts, heap, heapMaps, memories } = plan;
  const { length } = memories;
  if (plan.memory < 0 && length > 1) refuse(plan, `has ${length} memories: which is the heap's? Export that one as "memory"`);
  const memory = Math.max(plan.memory, 0);
  const kind = memories[memory];
  const wanted = kindOf(heap.memory.limits);
  if (kind !== wanted) refuse(plan, `its memory is ${kind ?? 'missing'}, ${heap.file} is for one that is ${wanted}`);
  // A heap with a memory of its own (memory.debug.wasm) has it behind the one that it imports.
  heapMaps[MEMORY] = (old) => (old ? Number(counts[MEMORY]) + old - 1 : memory);
};

/**
 * The heap's functions stand before and behind the program's.
 * @param {Plan} plan
 * @param {number} kept how many of the program's imports stay
 * @param {number} count of functions that the program defines
 */
export const placeFunctions = ({ counts, heap, heapMaps, imported, placed }, kept, count) => {
  const [before, after] = placed;
  const behind = kept + before.length + count;
  counts[FUNC] = imported[A_FUNCTION] + count;
  /** @type {number[]} */
  const map = [];
  heapMaps[FUNC] = (old) => map[old];
  before.forEach((old, place) => (map[old] = kept + place));
  heap.functions.forEach((_, old) => (map[old] ??= behind + after.push(old) - 1));
};
