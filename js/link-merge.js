// Link mode 'merge': program and heap become one module while the program arrives, so that engines inline malloc and free into
// the program. It lies beside the merger, in the file memory.merge.js, loaded when it is used.

import { concatenate } from './binary.js';
import { messageOf } from './errors.js';
import { PREFIX, merger } from './merge/index.js';

/** @typedef {import('./core.js').Core} Core */
/** @typedef {import('./link-direct.js').Parts} Parts */
/** @typedef {import('./link-direct.js').Linked} Linked */

/**
 * @param {Core} core
 * @param {Parts} parts
 * @returns {Promise<Linked>}
 */
export async function linkMerge(core, { program, heap, imports }) {
  return merge(core, program, await heap.bytes(), imports, (chunk) => chunk);
}

/**
 * From this size on, 'auto' does not merge a program whose code must be rewritten: that costs some 7 ms a megabyte (docs/merge.md), which a
 * program that comes from near by would wait for. Where the code is only copied, merging costs less than a millisecond a megabyte.
 */
const kRewriteLimit = 16e6;

/**
 * Merges if it can be done at little cost, and links directly if not or if the merger doesn't know something that the program has.
 * @param {Core} core
 * @param {Parts} parts
 * @returns {Promise<Linked>}
 */
export async function linkMergeOrDirect(core, { program, heap, imports }) {
  const { linkDirect, MemoryWasmError, open } = core;
  const heapBytes = await heap.bytes();
  /** @type {Uint8Array[]} */
  const seen = [];
  try {
    if (!tooCostly(core, program, heapBytes, imports)) return await merge(core, program, heapBytes, imports, (chunk) => (seen.push(chunk), chunk));
  } catch (error) {
    if (!(error instanceof MemoryWasmError && error.name === 'MergeError')) throw error;
  }
  const heapAgain = await open(heapBytes, { label: heap.name });
  // A program that the merger has not begun with is as it was.
  if (!seen.length) return linkDirect({ program, heap: heapAgain, imports });
  const rest = (await program.bytes()).subarray(program.head?.length);
  return linkDirect({ program: await open(concatenate([...seen, rest]), { label: program.name }), heap: heapAgain, imports });
}

/**
 * @param {Core} core
 * @param {import('./input.js').Input} program
 * @param {Uint8Array} heapBytes
 * @param {import('./instantiate.js').Imports} imports
 */
function tooCostly(core, { head, total = 0, name }, heapBytes, imports) {
  if (!head || total < kRewriteLimit) return false;
  const { push, report } = orNamed(core, () => begin(name, heapBytes, imports));
  orNamed(core, () => push(head, false)); // the head has the imports, which decide
  return report.code === 'rewritten';
}

/**
 * @param {string} name
 * @param {Uint8Array} heapBytes
 * @param {import('./instantiate.js').Imports} imports
 */
const begin = (name, heapBytes, imports) =>
  merger(heapBytes, { file: name, leave: (module, name) => imports[module]?.[name] !== undefined });

/**
 * @param {Core} core
 * @param {import('./input.js').Input} program
 * @param {Uint8Array} heapBytes
 * @param {import('./instantiate.js').Imports} imports
 * @param {(chunk: Uint8Array) => Uint8Array} see is shown every chunk of the program
 * @returns {Promise<Linked>}
 */
async function merge(core, program, heapBytes, imports, see) {
  const { alreadyCompiled, failure, instantiate, memoryFor, noMemory, withMemory } = core;
  const { head, header, name } = program;
  if (!head || !header) throw await alreadyCompiled(name, 'merge');
  if (!header.memory) throw await noMemory(name);
  const { push, report } = orNamed(core, () => begin(name, heapBytes, imports));
  const module = await program.compile(head, (chunk, last) => orNamed(core, () => push(see(chunk), last)));
  if (report.mismatched.length) throw await failure('ImportMismatchError', [name, report.mismatched.join(', ')]);
  const imported = header.memoryImport && (await memoryFor(program, imports));
  const initialBytes = imported?.buffer.byteLength ?? header.memory.initial * 65536;
  const instance = await instantiate(module, imported ? withMemory(program, imports, imported) : imports, name);
  const [exports, heapExports] = split(instance.exports, PREFIX);
  const memory = /** @type {WebAssembly.Memory} */ (heapExports.memory);
  return { link: 'merge', module, instance, exports, memory, heapExports, initialBytes, maximum: header.memory.maximum };
}

/**
 * @template T
 * @param {Core} core
 * @param {() => T} step of the merger
 */
function orNamed({ MemoryWasmError }, step) {
  try {
    return step();
  } catch (error) {
    throw new MemoryWasmError('MergeError', `${messageOf(error)}. Link 'direct' needs to know less of the files: try it.`, error);
  }
}

/**
 * The exports of the program and, without their prefix, those of the heap.
 * @param {WebAssembly.Exports} exports
 * @param {string} prefix
 */
function split(exports, prefix) {
  const all = Object.entries(exports);
  const ofHeap = all.filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]);
  const ofProgram = all.filter(([name]) => !name.startsWith(prefix));
  return [Object.freeze(Object.assign(Object.create(null), Object.fromEntries(ofProgram))), Object.fromEntries(ofHeap)];
}
