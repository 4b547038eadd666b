// The options of `load`: which there are, what they were called before 1.0, and what features add to them.

import { kHeaps } from '../heaps.js';

/**
 * What a feature's file registers: an option of `load` that it adds.
 * @typedef {object} Feature
 * @property {string[]} combines the options that it can be used with
 */

/** @type {Map<string, Feature>} */
const kFeatures = new Map();

const kOptions = ['heap', 'imports', 'link', 'integrity', 'checkViews', 'onHeap', 'onProgress', 'signal'];
const kLinks = ['auto', 'merge', 'direct', 'table', 'trampoline'];

/** Options that have another name since 1.0. */
const kRenamed = new Map([['memory', 'heap']]);

/**
 * Adds an option to `load`.
 * @param {string} option
 * @param {Feature} feature
 */
export const addFeature = (option, feature) => void kFeatures.set(option, feature);

/**
 * Refuses, by name, options that `load` doesn't have, and those that don't combine.
 * @param {Record<string, unknown>} options
 */
export function checkOptions(options) {
  const given = Object.keys(options).filter((name) => options[name] !== undefined);
  const known = [...kOptions, ...kFeatures.keys()];
  for (const name of given) {
    if (known.includes(name)) continue;
    const renamed = kRenamed.get(name);
    throw new TypeError(`load has no option '${name}'${renamed ? `: since 1.0 it is '${renamed}'` : `; it has ${known.join(', ')}`}`);
  }
  for (const [option, { combines }] of kFeatures) {
    if (!given.includes(option)) continue;
    const other = given.find((name) => name !== option && !combines.includes(name));
    if (other) throw new TypeError(`options.${option} and options.${other} can't be used together; with options.${option} go ${combines.join(', ')}`);
  }
  checkLink(options.link);
}

/** @param {unknown} link */
function checkLink(link = 'auto') {
  if (!kLinks.includes(/** @type {string} */ (link))) {
    throw new TypeError(`options.link must be ${kLinks.map((mode) => `'${mode}'`).join(', ')}; found '${link}'`);
  }
}

/**
 * The source of the heap: a word names one that ships, anything else is a file.
 * @param {unknown} heap
 * @returns {any}
 */
export function heapSource(heap = 'release') {
  if (typeof heap !== 'string' || /[./:]/.test(heap)) return heap;
  if (!Object.hasOwn(kHeaps, heap)) {
    throw new TypeError(`options.heap must be ${Object.keys(kHeaps).map((word) => `'${word}'`).join(', ')}, or a file: a URL, a Response, bytes or a WebAssembly.Module; found '${heap}'`);
  }
  return kHeaps[/** @type {import('../heaps.js').HeapName} */ (heap)]();
}
