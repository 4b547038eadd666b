// Link mode 'trampoline': each function of the heap that the program imports is a JS function that calls on. The slowest way and
// the one that needs the least: it works with a compiled module, and a debugger shows the JS stack of every allocation.

import { linkLateBound, mallocBeforeLink } from './late-bound.js';

/**
 * @param {import('../extras/core.js').Core} core
 * @param {import('./link-direct.js').Parts} parts
 */
export const linkTrampoline = (core, parts) => linkLateBound(core, parts, 'trampoline', (names) => trampolines(core, names));

/**
 * @param {import('../extras/core.js').Core} core
 * @param {string[]} names
 * @returns {import('./late-bound.js').Trampolines}
 */
function trampolines(core, names) {
  /** @type {Record<string, Function>} */
  const targets = {};
  for (const name of names) {
    targets[name] = () => {
      throw mallocBeforeLink(core, name);
    };
  }
  // No function of the heap takes more than four arguments, and a spread would cost more than the call.
  const trampoline = (/** @type {string} */ name) => [
    name,
    (/** @type {any} */ a, /** @type {any} */ b, /** @type {any} */ c, /** @type {any} */ d) => targets[name](a, b, c, d),
  ];
  return {
    functions: Object.fromEntries(names.map(trampoline)),
    bind: (heapExports) => void Object.assign(targets, heapExports),
  };
}
