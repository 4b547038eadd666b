// Link mode 'merge': program and heap become one module while the program arrives, so that engines inline malloc and free into
// the program. The merger is a file of its own, loaded when it is used.

import { concatenate } from './binary.js';
import { MemoryWasmError, messageOf } from './errors.js';
import { open } from './input.js';
import { instantiate } from './instantiate.js';
import { alreadyCompiled, linkDirect } from './link-direct.js';
import { memoryFor, noMemory, withMemory } from './program-memory.js';

/** @typedef {import('./link-direct.js').Parts} Parts */
/** @typedef {import('./link-direct.js').Linked} Linked */

/**
 * @param {Parts} parts
 * @returns {Promise<Linked>}
 */
export async function linkMerge({ program, heap, imports }) {
  return merge(await loadMerger(), program, await heap.bytes(), imports, (chunk) => chunk);
}

/**
 * From this size on, 'auto' does not merge a program whose code must be rewritten: that costs some 7 ms a megabyte (docs/merge.md), which a
 * program that comes from near by would wait for. Where the code is only copied, merging costs less than a millisecond a megabyte.
 */
const kRewriteLimit = 16e6;

/**
 * Merges if it can be done at little cost, and links directly if not, if the merger isn't there, or doesn't know something that the program has.
 * @param {Parts} parts
 * @returns {Promise<Linked>}
 */
export async function linkMergeOrDirect({ program, heap, imports }) {
  const [heapBytes, merger] = await Promise.all([heap.bytes(), loadMerger().catch(() => undefined)]);
  /** @type {Uint8Array[]} */
  const seen = [];
  try {
    if (merger && !tooCostly(merger, program, heapBytes, imports)) return await merge(merger, program, heapBytes, imports, (chunk) => (seen.push(chunk), chunk));
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
 * @param {typeof import('./merge/index.js')} merger
 * @param {import('./input.js').Input} program
 * @param {Uint8Array} heapBytes
 * @param {import('./instantiate.js').Imports} imports
 */
function tooCostly(merger, { head, total = 0, name }, heapBytes, imports) {
  if (!head || total < kRewriteLimit) return false;
  const { push, report } = orNamed(() => begin(merger, name, heapBytes, imports));
  orNamed(() => push(head, false)); // the head has the imports, which decide
  return report.code === 'rewritten';
}

/**
 * @param {typeof import('./merge/index.js')} merger
 * @param {string} name
 * @param {Uint8Array} heapBytes
 * @param {import('./instantiate.js').Imports} imports
 */
const begin = ({ merger }, name, heapBytes, imports) =>
  merger(heapBytes, { file: name, leave: (module, name) => imports[module]?.[name] !== undefined });

/**
 * @param {typeof import('./merge/index.js')} merger
 * @param {import('./input.js').Input} program
 * @param {Uint8Array} heapBytes
 * @param {import('./instantiate.js').Imports} imports
 * @param {(chunk: Uint8Array) => Uint8Array} see is shown every chunk of the program
 * @returns {Promise<Linked>}
 */
async function merge(merger, program, heapBytes, imports, see) {
  const { head, header, name } = program;
  if (!head || !header) throw alreadyCompiled(name, 'merge');
  if (!header.memory) throw noMemory(name);
  const { push, report } = orNamed(() => begin(merger, name, heapBytes, imports));
  const module = await program.compile(head, (chunk, last) => orNamed(() => push(see(chunk), last)));
  if (report.mismatched.length) throw mismatched(name, report.mismatched);
  const imported = header.memoryImport && memoryFor(program, imports);
  const initialBytes = imported?.buffer.byteLength ?? header.memory.initial * 65536;
  const instance = await instantiate(module, imported ? withMemory(program, imports, imported) : imports, name);
  const [exports, heapExports] = split(instance.exports, merger.PREFIX);
  const memory = /** @type {WebAssembly.Memory} */ (heapExports.memory);
  return { link: 'merge', module, instance, exports, memory, heapExports, initialBytes, maximum: header.memory.maximum };
}

/** The merger, fetched once. */
export async function loadMerger() {
  try {
    return await import('./merge/index.js');
  } catch (error) {
    throw new MemoryWasmError('MergeError', `memory.merge.js could not be loaded: ${messageOf(error)}. Put it beside memory.js, or choose link 'direct'.`, error);
  }
}

/**
 * @template T
 * @param {() => T} step of the merger
 */
function orNamed(step) {
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

/**
 * @param {string} name
 * @param {string[]} imports
 */
const mismatched = (name, imports) =>
  new MemoryWasmError(
    'ImportMismatchError',
    `${name} declares an import with another type than what is provided: ${imports.join(', ')}. Is malloc declared as void *malloc(size_t), and does the program's memory fit?`,
  );
