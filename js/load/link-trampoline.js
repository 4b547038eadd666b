// Link mode 'trampoline': each function of the heap that the program imports is a JS function that calls on. The slowest way and
// the one that needs the least: it works with a compiled module, and a debugger shows the JS stack of every allocation.

import { noted } from '../toolkit/trap-argument.js';
import { linkLateBound, mallocBeforeLink } from './late-bound.js';

/** @type {import('./link.js').Linker} */
export const linkTrampoline = (parts) => linkLateBound(parts, 'trampoline', trampolines);

/**
 * @param {string[]} names
 * @returns {import('./late-bound.js').Trampolines}
 */
function trampolines(names) {
  /** @type {Record<string, any>} */
  const targets = Object.create(null);
  /** @type {Record<string, Function>} */
  const functions = Object.create(null);
  for (const name of names) {
    targets[name] = () => {
      throw mallocBeforeLink(name);
    };
    // No function of the heap takes more than four arguments, and a spread would cost more than the call.
    functions[name] = (/** @type {any} */ a, /** @type {any} */ b, /** @type {any} */ c, /** @type {any} */ d) => {
      try {
        return targets[name](a, b, c, d);
      } catch (error) {
        throw noted(error, a);
      }
    };
  }
  return { functions, bind: (heapExports) => names.forEach((name) => (targets[name] = heapExports[name])) };
}
