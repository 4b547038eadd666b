// The export section: the program's exports, and the heap's behind them. It waits until it is known whether the start function is exported, too.

import { each, index } from '../wasm/format.js';
import { leb } from '../wasm/leb128.js';
import { FUNC } from '../wasm/opcodes.js';
import { A_FUNCTION, A_MEMORY, EXPORTS, START } from '../wasm/sections.js';
import { addList, addSection, nameOf } from './output.js';
import { chooseMemory, refuse } from './plan.js';

/** @typedef {import('../wasm/bytes.js').Piece} Piece */
/** @typedef {import('../wasm/cursor.js').Cursor} Cursor */

/**
 * The sections of exports and of the start function.
 * @param {import('./plan.js').Plan} plan
 * @param {import('./output.js').Output} out
 * @param {Required<Pick<import('./merge.js').MergeOptions, 'exportAs'>> & import('./merge.js').MergeOptions} options
 */
export const exportSection = (plan, out, { exportAs, deferStart }) => {
  /** Writes the exports, now that it is known whether the start function is one of them. @type {(...started: Piece[]) => void} */
  let emit;

  /** @param {Cursor} program */
  const exports = (program) => {
    /** @type {Set<string>} */
    const names = new Set();
    const count = program.number();
    const start = program.at;
    const read = () => {
      const name = program.text();
      const kind = program.byte();
      const old = index(program, kind + 1);
      if (kind === A_MEMORY && name === 'memory' && plan.memory < 0) plan.memory = old;
      names.add(name);
    };
    each(program, read, count);
    chooseMemory(plan);
    const added = plan.heap.exports.flatMap(({ name, kind, index }) => {
      const as = exportAs(name);
      if (!as) return [];
      if (names.has(as)) refuse(plan, `exports ${as} already`);
      return [[...nameOf(as), kind, ...leb(plan.heapMaps[kind + 1]?.(index) ?? index)]];
    });
    emit = (...started) => addList(out, EXPORTS, count + added.length + started.length, [program.rewritten(start), ...added, ...started]);
  };

  /** @param {Cursor} [program] on the index of its start function, if it has one */
  const starts = (program) => {
    if (!program) return emit();
    const old = index(program, FUNC);
    const as = deferStart && exportAs('start');
    if (as) return emit([...nameOf(as), A_FUNCTION, ...leb(plan.maps[FUNC]?.(old) ?? old)]);
    emit();
    addSection(out, START, [program.rewritten()]);
  };

  return { [EXPORTS]: exports, [START]: starts };
};
