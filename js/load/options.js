// The options of `load`: which there are, and what can be used together. (docs/contract.md has the table.)

import { shown } from '../errors.js';
import { kHeaps } from '../heaps.js';
import { checkOptions, kAnything, kFlag, kFunction, kImports, kObject, kSignal, kText, oneOf } from '../options.js';

const kLinks = ['auto', 'merge', 'direct', 'table', 'trampoline'];

/** An option that is on, or off, or an object of its own options. @type {import('../options.js').Kind} */
const kChoice = ['true, false or an object', (value) => kFlag[1](value) || kObject[1](value)];

/** The debug heap is asked for by an object, since `debug: true` was another option before 1.0. @type {import('../options.js').Kind} */
const kDebug = ['an object, or false', (value) => value === false || kObject[1](value)];

/** A promise is an object. @type {import('../options.js').Kind} */
const kHeap = [
  `${oneOf(Object.keys(kHeaps))[0]}, or a file: a URL, a Response, bytes or a WebAssembly.Module`,
  (value) => kText[1](value) || kObject[1](value),
];

/** @type {import('../options.js').Kinds} */
export const kOptions = {
  heap: kHeap,
  imports: kImports,
  link: oneOf(kLinks),
  integrity: kAnything,
  checkViews: kFlag,
  onHeap: kFunction,
  onProgress: kFunction,
  onWarning: kFunction,
  signal: kSignal,
};

/** @type {import('../options.js').Kinds} */
const kAllOptions = { ...kOptions, check: kChoice, debug: kDebug, join: kObject, stack: kAnything, makeShared: kFlag, adopt: kChoice };

/** The options that a feature's option can be used with. A feature adds a line. @type {Record<string, string[]>} */
const kCombines = {
  check: [...Object.keys(kOptions), 'debug', 'adopt'],
  debug: [...Object.keys(kOptions), 'check', 'adopt'],
  join: ['imports', 'link', 'checkViews', 'onHeap', 'onProgress', 'signal', 'stack'],
  stack: ['join', 'imports', 'link', 'checkViews', 'onHeap', 'onProgress', 'signal'],
  makeShared: Object.keys(kOptions),
  adopt: [...Object.keys(kOptions).filter((name) => name !== 'link'), 'debug', 'check'],
};

/**
 * What can't be used with a heap: its link modes, where it hasn't all, and the options that it doesn't go with.
 * @type {Record<string, { links: string[], without: string[] }>}
 */
const kHeapLimits = {
  release: { links: kLinks, without: ['debug'] },
  small: { links: kLinks, without: ['check', 'adopt', 'debug'] },
  secure: { links: ['auto', 'merge', 'direct'], without: ['check', 'adopt', 'debug'] },
  shared: { links: ['auto', 'direct'], without: ['check', 'adopt', 'debug'] },
  memory64: { links: kLinks, without: ['check', 'adopt', 'debug'] },
};

/** The link modes of options that haven't all. @type {Record<string, string[]>} */
const kOptionLinks = { check: ['auto', 'merge', 'direct'], join: ['auto', 'direct'] };

/**
 * Refuses, by name, options that there are not, and those that don't combine.
 * @param {Record<string, any>} options
 * @param {import('../options.js').Kinds} [kinds] the options that the function has
 * @param {string} [caller] the function
 */
export function checkLoadOptions(options, kinds = kAllOptions, caller = 'load') {
  if (options?.memory !== undefined) throw new TypeError(`${caller} has no option 'memory': since 1.0 it is 'heap'`);
  checkOptions(options, kinds, caller, 'options');
  // What is switched off is as if it were left out.
  checkCombination(Object.keys(options).filter((name) => options[name] !== undefined && options[name] !== false));
  checkHeapLimits(options);
  checkOptionLinks(options);
}

/** @param {string[]} used */
function checkCombination(used) {
  for (const [option, combines] of Object.entries(kCombines)) {
    const other = used.includes(option) && used.find((name) => name !== option && !combines.includes(name));
    if (other) throw together(`options.${option}`, `options.${other}`, `options.${option}`, combines);
  }
}

/** @param {Record<string, any>} options */
function checkHeapLimits({ heap, link = 'auto', ...options }) {
  if (typeof heap !== 'string' || !Object.hasOwn(kHeapLimits, heap)) return;
  const { links, without } = kHeapLimits[heap];
  const wrong = without.find((name) => options[name]);
  if (wrong) throw together(`options.heap '${heap}'`, `options.${wrong}`);
  if (!links.includes(link)) throw together(`options.heap '${heap}'`, `options.link '${link}'`, 'this heap', links);
}

/** @param {Record<string, any>} options */
function checkOptionLinks({ link = 'auto', ...options }) {
  for (const [name, links] of Object.entries(kOptionLinks)) {
    if (options[name] && !links.includes(link)) throw together(`options.${name}`, `options.link '${link}'`, `options.${name}`, links);
  }
  if (options.stack !== undefined && !options.join) throw new TypeError('options.stack is for a thread that joins: it needs options.join');
}

/**
 * @param {string} one
 * @param {string} other
 * @param {string} [owner]
 * @param {string[]} [possible] what goes with it
 */
const together = (one, other, owner, possible) =>
  new TypeError(`${one} and ${other} can't be used together${possible ? `; with ${owner} go ${possible.join(', ')}` : ''}`);

/** Whether `heap` is a word for a heap, not a file. @param {string} heap */
export const isWord = (heap) => !/[./:]/.test(heap);

/**
 * The source of the heap: a word names one that ships, anything else is a file. Where the file is, is asked when it is needed.
 * @param {unknown} heap
 * @returns {() => any}
 */
export function heapSource(heap = 'release') {
  if (typeof heap !== 'string' || !isWord(heap)) return () => heap;
  if (Object.hasOwn(kHeaps, heap)) return kHeaps[/** @type {import('../heaps.js').HeapName} */ (heap)];
  throw new TypeError(`options.heap must be ${kHeap[0]}; found ${shown(heap)}`);
}
