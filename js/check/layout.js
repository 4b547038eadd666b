// Where a program has its data and its stack, as far as its file shows it.
//
//     data first    | NULL page | data | stack  | heap      the linkers' old order
//     stack first   | NULL page . stack | data  | heap      the new one: the stack runs into address 0
//     no stack      | NULL page | data          | heap      without a global for it nothing is on it; only lld's files say that they are lld's

import { least, most } from '../wasm/extremes.js';

/**
 * @typedef {object} Facts what the file has
 * @property {number} initial bytes of memory
 * @property {number | undefined} pointer the stack pointer's first value
 * @property {boolean} stackless whether lld linked it, and left the stack pointer out
 * @property {{ from: number, to: number }[]} segments of data whose addresses are known
 * @property {Record<string, number>} symbols addresses exported under the linker's names
 *
 * @typedef {object} Layout
 * @property {number} nullPage its end
 * @property {number} end of data and stack, where the heap may begin
 * @property {{ low: number, high: number } | undefined} stack
 */

const NULL_PAGE = 1024;

/** @param {Facts} facts @returns {Layout} */
export const layoutOf = ({ initial, pointer, stackless, segments, symbols }) => {
  const end = symbols.__heap_base ?? initial;
  const data = least(segments.map(({ from }) => from));
  // Data that is all zero has no segment: where none is, it may begin anywhere.
  if (stackless && segments.length) return { nullPage: Math.min(NULL_PAGE, data) & ~7, end, stack: undefined };
  if (!pointer || pointer > initial) return { nullPage: 0, end, stack: undefined };
  const dataEnd = most(segments.map(({ to }) => to).filter((to) => to <= pointer));
  const low = Math.min(symbols.__stack_low ?? (dataEnd || 0), pointer);
  // A stack that begins at 0 may use its lowest addresses; but when it does, it is about to overflow.
  const nullPage = Math.min(NULL_PAGE, data, low || (pointer / 16) & ~7);
  return { nullPage, end, stack: { low, high: pointer } };
};
