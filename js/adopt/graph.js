// Who calls whom, and what can be reached.

import { A_FUNCTION } from '../wasm/sections.js';

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./module.js').Module} Module */

/**
 * @param {Facts[]} own
 * @returns {Map<number, number[]>} by function: who calls it
 */
export function callersOf(own) {
  /** @type {Map<number, number[]>} */
  const callers = new Map();
  for (const { index, calls } of own) {
    for (const callee of calls) {
      const known = callers.get(callee);
      if (known) known.push(index);
      else callers.set(callee, [index]);
    }
  }
  return callers;
}

/**
 * What calls reach from some functions on, these included.
 * @param {Iterable<number>} roots
 * @param {(Facts | undefined)[]} facts
 * @param {(index: number) => boolean} [isLeaf] functions whose calls don't count
 * @returns {Set<number>}
 */
export function reach(roots, facts, isLeaf = () => false) {
  const reached = new Set();
  const open = [...roots];
  while (open.length) {
    const index = /** @type {number} */ (open.pop());
    if (reached.has(index)) continue;
    reached.add(index);
    if (!isLeaf(index)) for (const called of facts[index]?.calls ?? []) open.push(called);
  }
  return reached;
}

/**
 * Functions that can still run when some call nothing any more: what exports, tables and the start function reach.
 * @param {Module} module
 * @param {(Facts | undefined)[]} facts
 * @param {(index: number) => boolean} isReplaced
 */
export function liveFunctions({ exports, elements, start }, facts, isReplaced) {
  const roots = [...exports.filter(({ kind }) => kind === A_FUNCTION).map(({ index }) => index), ...elements, ...(start === undefined ? [] : [start])];
  return reach(roots, facts, isReplaced);
}
