// Whether a function does only what its role says. One may behave as realloc when it is tried and yet write to a log when there is no
// memory, or count its calls: a realloc that the compiler inlined into its one caller. Replaced, the program would miss that.
//
// A function with a role may use the allocator's own functions and what those touch, and functions that touch nothing else in static data. Calls
// that don't return (a panic) are not looked at: a program that gets there has come to its end.

import { typeOf } from './module.js';

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./module.js').Module} Module */

/** memcpy and the like; and abort. */
const kHarmlessImports = new Set(['(i32, i32, i32) -> i32', '(i32, i32, i32) -> nothing', '() -> nothing']);

/**
 * @param {Module} module
 * @param {(Facts | undefined)[]} facts
 * @param {Set<number>} family functions that malloc and free reach
 * @param {(address: number) => boolean} isState
 * @returns {(index: number, isRole: (index: number) => boolean) => boolean}
 */
export function purity(module, facts, family, isState) {
  const touched = new Set([...family].flatMap((index) => [...(facts[index]?.touches ?? [])]));
  const stack = module.globals.findIndex(({ mutable, type }) => mutable && type === 'i32');
  const isPure = (/** @type {number} */ index) => {
    const one = facts[index];
    if (!one) return kHarmlessImports.has(typeOf(module, index));
    if (one.indirect || [...one.globals].some((global) => global !== stack)) return false;
    return [...one.touches].every((address) => touched.has(address) || isState(address));
  };
  return (root, isRole) => {
    const seen = new Set([root]);
    const open = [root];
    while (open.length) {
      const index = /** @type {number} */ (open.pop());
      if (family.has(index) || (index !== root && isRole(index))) continue;
      if (!isPure(index)) return false;
      for (const callee of facts[index]?.returning ?? []) {
        if (seen.has(callee)) continue;
        seen.add(callee);
        open.push(callee);
      }
    }
    return true;
  };
}
