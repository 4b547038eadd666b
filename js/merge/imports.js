// The imports of a program: those that the heap satisfies are replaced by the heap's functions.
//
// Every index of the program's own keeps its value, so its code can be copied as it is:
//
//   functions before   imports: a b malloc free | defined: f g h
//   functions after    imports: a b             | defined: malloc free f g h, and the heap's others
//
// The functions that take the places of imports are the first defined ones: when those imports come last, no index moves. When they don't,
// imports change places so that they do; then what names those few is rewritten, and nothing else is.

import { each, IMPORTED, index } from '../wasm/format.js';
import { leb } from '../wasm/leb128.js';
import { FUNC, TYPE } from '../wasm/opcodes.js';
import { A_FUNCTION, A_MEMORY, FUNCTIONS, IMPORTS } from '../wasm/sections.js';
import { addList } from './output.js';
import { addMemory, placeFunctions } from './plan.js';

/** @typedef {import('../wasm/cursor.js').Cursor} Cursor */

/**
 * The sections of imports and of functions, which depend on each other.
 * @param {import('./plan.js').Plan} plan
 * @param {import('./output.js').Output} out
 * @param {import('./merge.js').MergeOptions} options
 */
export const importSection = (plan, out, { leave }) => {
  const { heap, maps, types, imported, placed, report } = plan;
  const { memory } = heap;
  /** The heap's functions by name. */
  const offered = new Map(heap.exports.filter(({ kind }) => kind === A_FUNCTION).map(({ name, index }) => [name, index]));
  /** The old indices of the functions that stay imports. @type {number[]} */
  const kept = [];
  /** Those that the heap satisfies: the old index, and the place in `placed`. One that is imported twice has one place. @type {number[][]} */
  const taken = [];

  /** The function of the heap that satisfies an import, or -1. @param {string} module @param {string} name @param {string} type */
  const satisfying = (module, name, type) => {
    const ours = module === memory.module ? offered.get(name) : undefined;
    if (ours === undefined || leave?.(module, name)) return -1;
    const fits = type && type === heap.types[heap.functions[ours]];
    (fits ? report.resolved : report.mismatched).push(`${module}.${name}`);
    return fits ? ours : -1;
  };

  /** Reads an import. @param {Cursor} program @returns {boolean} whether a function of the heap takes its place */
  const read = (program) => {
    const module = program.text();
    const name = program.text();
    const kind = program.byte();
    const item = IMPORTED[kind] ?? program.refuse('unknown import', program.at - 1);
    const type = item(program);
    const old = imported[kind]++;
    if (kind === A_MEMORY) {
      if (module === memory.module && name === memory.name) plan.memory = old;
      addMemory(plan, program, type);
    }
    if (kind !== A_FUNCTION) return false;
    const ours = satisfying(module, name, types[type]);
    const [first] = placed;
    if (ours < 0) kept.push(old);
    else {
      if (!first.includes(ours)) first.push(ours);
      taken.push([old, first.indexOf(ours)]);
    }
    return ours >= 0;
  };

  /** All are read: those that stay come first, and behind them the functions of the heap that take the others' places. */
  const place = () => {
    const total = imported[A_FUNCTION];
    const repeated = taken.length - placed[0].length;
    /** @type {number[]} */
    const map = [];
    const move = (/** @type {number} */ from, /** @type {number} */ to) => {
      map[from] = to;
      if (from !== to) maps[FUNC] = (old) => (old < total ? map[old] : old - repeated);
      plan.grows ||= leb(to).length > leb(from).length;
    };
    kept.forEach(move);
    for (const [from, at] of taken) move(from, kept.length + at);
    if (maps[FUNC]) report.code = 'rewritten';
  };

  /** @param {Cursor} program */
  const imports = (program) => {
    /** @type {Uint8Array[]} */
    const left = [];
    each(program, () => {
      const start = program.at;
      if (!read(program)) left.push(program.bytes.subarray(start, program.at));
    });
    place();
    addList(out, IMPORTS, left.length, left);
  };

  /** @param {Cursor} program */
  const functions = (program) => {
    const count = program.number();
    const start = program.at;
    each(program, (cursor) => index(cursor, TYPE), count);
    placeFunctions(plan, kept.length, count);
    const [before, after] = placed.map((all) => all.map((old) => leb(heap.functions[old] + types.length - heap.types.length)));
    addList(out, FUNCTIONS, before.length + count + after.length, [...before, program.bytes.subarray(start), ...after]);
  };

  return { [IMPORTS]: imports, [FUNCTIONS]: functions };
};
