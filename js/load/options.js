// The options of `load`: which there are, what they were called before 1.0, and what features add to them.

import { short } from '../errors.js';
import { kHeaps } from '../heaps.js';

const kOptions = ['heap', 'imports', 'link', 'integrity', 'checkViews', 'onHeap', 'onProgress', 'onWarning', 'signal'];
const kLinks = ['auto', 'merge', 'direct', 'table', 'trampoline'];

/** Options that have another name since 1.0. */
const kRenamed = new Map([['memory', 'heap']]);

/**
 * Options that features add, each with those that it can be used with (docs/contract.md has the table). A feature adds a line.
 * @type {Map<string, string[]>}
 */
const kFeatureOptions = new Map([
  ['check', [...kOptions, 'debug']],
  ['debug', [...kOptions, 'check', 'adopt']],
  ['join', ['imports', 'link', 'checkViews', 'onHeap', 'onProgress', 'signal', 'stack']],
  ['stack', ['join', 'imports', 'link', 'checkViews', 'onHeap', 'onProgress', 'signal']],
  ['makeShared', kOptions],
  ['adopt', [...kOptions.filter((name) => name !== 'link'), 'debug']],
]);

/**
 * What can't be used with a heap (docs/contract.md has the table): its link modes, where it hasn't all, and the options that it doesn't go with.
 * @type {Map<unknown, { links: string[], without: string[] }>}
 */
const kHeapLimits = new Map([
  ['release', { links: kLinks, without: ['debug'] }],
  ['small', { links: kLinks, without: ['check', 'adopt', 'debug'] }],
  ['secure', { links: ['auto', 'merge', 'direct'], without: ['check', 'adopt', 'debug'] }],
  ['shared', { links: ['auto', 'direct'], without: ['check', 'adopt', 'debug'] }],
  ['memory64', { links: kLinks, without: ['check', 'adopt', 'debug'] }],
]);

/** The link modes of options that haven't all. @type {Map<string, string[]>} */
const kOptionLinks = new Map([
  ['check', ['auto', 'merge', 'direct']],
  ['join', ['auto', 'direct']],
]);

/** @param {Record<string, any>} options */
function checkOptionLinks({ link = 'auto', ...options }) {
  for (const [name, links] of kOptionLinks) {
    if (options[name] && !links.includes(link))
      throw new TypeError(`options.${name} and options.link '${link}' can't be used together; with options.${name} go ${links.join(', ')}`);
  }
  if (options.stack !== undefined && !options.join) throw new TypeError('options.stack is for a thread that joins: it needs options.join');
}

/** @param {Record<string, any>} options */
function checkHeapLimits({ heap, link = 'auto', ...options }) {
  const limits = kHeapLimits.get(heap);
  if (!limits) return;
  const wrong = limits.without.find((name) => options[name]);
  if (wrong) throw new TypeError(`options.heap '${heap}' and options.${wrong} can't be used together`);
  if (kLinks.includes(link) && !limits.links.includes(link))
    throw new TypeError(`options.heap '${heap}' and options.link '${link}' can't be used together; with this heap go ${limits.links.join(', ')}`);
}

/**
 * Refuses, by name, options that there are not, and those that don't combine.
 * @param {Record<string, any>} options
 * @param {string[]} [own] the options that the function has
 * @param {string[]} [links] the link modes that it has
 * @param {string} [caller] the function
 */
export function checkOptions(options, own = [...kOptions, ...kFeatureOptions.keys()], links = kLinks, caller = 'load') {
  if (typeof options !== 'object' || options === null) throw new TypeError(`the options of ${caller} must be an object; found ${options}`);
  const used = Object.keys(options).filter((name) => options[name] !== undefined);
  for (const name of used) if (!own.includes(name)) throw unknown(name, own, caller);
  for (const [option, combines] of kFeatureOptions) {
    if (!used.includes(option)) continue;
    const other = used.find((name) => name !== option && !combines.includes(name));
    if (other) throw new TypeError(`options.${option} and options.${other} can't be used together; with options.${option} go ${combines.join(', ')}`);
  }
  checkTypes(options, links);
  checkHeapLimits(options);
  checkOptionLinks(options);
}

/**
 * @param {string} name
 * @param {string[]} own
 * @param {string} caller
 */
function unknown(name, own, caller) {
  const renamed = kRenamed.get(name);
  const cure = renamed ? `: since 1.0 it is '${renamed}'` : `; it has ${own.join(', ')}`;
  return new TypeError(`${caller} has no option '${short(name)}'${cure}`);
}

/**
 * @param {Record<string, any>} options
 * @param {string[]} links
 */
function checkTypes({ adopt, imports, link, checkViews, makeShared, onHeap, onProgress, onWarning, signal }, links) {
  const wrong = (/** @type {string} */ name, /** @type {string} */ what, /** @type {unknown} */ found) =>
    new TypeError(`options.${name} must be ${what}; found ${typeof found === 'string' ? `'${short(found)}'` : short(String(found))}`);
  if (link !== undefined && !links.includes(link)) throw wrong('link', links.map((mode) => `'${mode}'`).join(', '), link);
  if (adopt !== undefined && typeof adopt !== 'boolean' && (adopt === null || typeof adopt !== 'object'))
    throw wrong('adopt', "true, or an object like { malloc: 'func[123]', recipe }", adopt);
  if (imports !== undefined && (imports === null || typeof imports !== 'object')) throw wrong('imports', 'an object', imports);
  for (const [name, value] of Object.entries({ checkViews, makeShared })) {
    if (value !== undefined && typeof value !== 'boolean') throw wrong(name, 'true or false', value);
  }
  for (const [name, value] of Object.entries({ onHeap, onProgress, onWarning })) {
    if (value !== undefined && typeof value !== 'function') throw wrong(name, 'a function', value);
  }
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') throw wrong('signal', 'an AbortSignal', signal);
}

/** Whether `heap` is a word for a heap, not a file. @param {string} heap */
export const isWord = (heap) => !/[./:]/.test(heap);

/**
 * The source of the heap: a word names one that ships, anything else is a file. Where the file is, is asked when it is needed.
 * @param {unknown} heap
 * @returns {() => any}
 */
export function heapSource(heap = 'release') {
  if (typeof heap !== 'string' || !isWord(heap)) return () => heap;
  if (!Object.hasOwn(kHeaps, heap)) {
    throw new TypeError(
      `options.heap must be ${Object.keys(kHeaps)
        .map((word) => `'${word}'`)
        .join(', ')}, or a file: a URL, a Response, bytes or a WebAssembly.Module; found '${short(heap)}'`,
    );
  }
  return kHeaps[/** @type {import('../heaps.js').HeapName} */ (heap)];
}
