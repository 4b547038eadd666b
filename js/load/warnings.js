// What load() warns of: a program that can be loaded, but was linked in a way that goes wrong later. It looks at what is known by then: the
// header, the memory before the program's own code runs, and the names of its functions. `memory.wasm inspect` reads the whole file, and
// warns in the same words (js/wasm/badly-linked.js).

import { kFeatures } from '../features.js';
import { firstGlobal } from '../wasm/first-global.js';
import { A_FUNCTION } from '../wasm/sections.js';

/**
 * @typedef {import('../wasm/badly-linked.js').Facts} Facts
 * @typedef {{ id: string, problem: string, cure: string }} Warning
 * @typedef {(warning: Warning) => void} OnWarning
 */

/**
 * What is wrong with how a program was linked: the facts of each, by the name of its text.
 * @param {import('./input.js').Input} program
 * @param {import('./link.js').Linked} linked
 * @param {WebAssembly.Memory} memory
 * @param {boolean} allocates whether the program allocates from the heap
 * @returns {[keyof Facts, any][]}
 */
export function badlyLinked(program, { exports, module }, memory, allocates) {
  /** @type {[keyof Facts, any][]} */
  const found = [];
  // A memory alone is for JavaScript; what a linker of C made was meant to be called.
  if ('__heap_base' in exports && !Object.values(exports).some((value) => typeof value === 'function')) found.push(['no-exports', undefined]);
  const { initial, maximum } = program.header?.memories[program.header.heapMemory ?? -1] ?? {};
  if (allocates && initial === maximum && initial !== undefined) found.push(['memory-cannot-grow', { pages: initial, base: '__heap_base' in exports }]);
  const own = allocates ? [] : kMallocs.filter((name) => name in exports || isNamed(module, name));
  if (own.length && !ofHeap(program.header)) found.push(['own-malloc', own]);
  return [...found, ...stackProblems(program, exports, memory)];
}

/** What a program's own heap is called. Without names AssemblyScript's shows by `__new`, if the program exports its runtime. */
export const kMallocs = ['malloc', 'dlmalloc', '__rust_alloc', 'emmalloc_malloc', '~lib/rt/tlsf/allocateBlock', '__new'];

/** Whether it imports functions of the heap all the same. @param {import('../wasm/header.js').Header | undefined} header */
const ofHeap = (header) => header?.imports.some(({ module, name, kind }) => kind === A_FUNCTION && module === 'env' && /^malloc$|^_Znwm$/.test(name));

/** More than that is not searched: names are for people, and a program of megabytes should load fast. */
const kSearched = 1 << 20;

/** Whether a function of the module has that name. @param {WebAssembly.Module} module @param {string} name */
function isNamed(module, name) {
  const [section = new ArrayBuffer(0)] = WebAssembly.Module.customSections(module, 'name');
  // There a name stands behind its length.
  return section.byteLength <= kSearched && new TextDecoder('latin1').decode(section).includes(String.fromCharCode(name.length) + name);
}

/**
 * Whether a linker may have wrapped the constructors around each export: then it has made these functions last, and the one that runs the
 * constructors first. Their code has to be looked at (js/wasm/wrapped.js).
 * @param {import('./input.js').Input} program
 */
export function mayBeWrapped({ header }) {
  if (!header || header.exports.some(({ name }) => kEntries.includes(name))) return false;
  const imported = header.imports.filter(({ kind }) => kind === A_FUNCTION).length;
  const { functions, types } = header;
  const own = header.exports.filter(({ kind, index }) => kind === A_FUNCTION && index >= imported);
  const last = imported + functions.length - own.length;
  return own.length > 0 && last > imported && types[functions[0]] === '() -> nothing' && own.every(({ index }) => index >= last);
}

const kEntries = ['_initialize', '__wasm_call_ctors', '_start'];

/**
 * A linker of C puts the stack's address first among the globals, and __heap_base behind all that is the program's.
 * @param {import('./input.js').Input} program
 * @param {Record<string, any>} exports
 * @param {WebAssembly.Memory} memory
 * @returns {[keyof Facts, any][]}
 */
function stackProblems({ head, header }, { __heap_base: base }, memory) {
  const stack = head && header && firstGlobal(head, header);
  const end = base instanceof WebAssembly.Global ? Number(base.value) >>> 0 : 0;
  if (!stack || stack % 16 || stack > end || end > memory.buffer.byteLength) return [];
  // Nothing has run yet: what is not 0 below the stack's top is data. With --stack-first there is none.
  const below = new Uint32Array(memory.buffer, 0, stack / 4);
  const data = stack === end ? 4 * (below.findLastIndex((word) => word !== 0) + 1) : 0;
  const start = data && 4 * below.findIndex((word) => word !== 0);
  return [
    .../** @type {[keyof Facts, any][]} */ (data ? [['stack-into-data', { start, end: data, stack }]] : []),
    .../** @type {[keyof Facts, any][]} */ (stack - data < kSmallStack ? [['small-stack', stack - data]] : []),
  ];
}

/** printf of a floating-point number needs as much. */
export const kSmallStack = 8192;

/**
 * The texts come when there is something to say. A program is loaded without them too: then a warning has its name and no more.
 * @param {[keyof Facts, any][]} found
 * @param {import('./input.js').Input} program
 * @param {Uint8Array | undefined} suspect all of a program that may be wrapped
 * @param {OnWarning | undefined} onWarning
 */
export async function warn(found, { header, name }, suspect, onWarning = ({ problem, cure }) => console.warn(`memory.wasm: ${name} ${problem} ${cure}`)) {
  const texts = await kFeatures.explain().catch(() => undefined);
  if (suspect && header && texts?.wrapsExports(suspect, header)) found.push(['wrapped-exports', false]);
  for (const [id, facts] of found) onWarning(texts?.problemInWords(id, facts) ?? inShort(id));
}

/** @param {keyof Facts} id @returns {Warning} */
const inShort = (id) => ({ id, problem: `was linked in a way that goes wrong later: ${id}.`, cure: 'For what that is, and its cure: memory.wasm inspect' });
