// The options of a function: an object of named values. An option that the function doesn't have, or a value of another kind, is a TypeError, so
// that nothing that a caller asked for is ignored. A function has a table of its options, by name, with the kind of each.

import { shown } from './errors.js';

/**
 * What a value must be: in words, and as a test.
 * @typedef {readonly [words: string, fits: (value: any) => boolean]} Kind
 *
 * @typedef {Record<string, Kind>} Kinds
 */

/** @type {Kind} */
export const kFlag = ['true or false', (value) => typeof value === 'boolean'];
/** @type {Kind} */
export const kFunction = ['a function', (value) => typeof value === 'function'];
/** @type {Kind} */
export const kObject = ['an object', (value) => typeof value === 'object' && value !== null];
/** @type {Kind} */
export const kArray = ['an array', Array.isArray];
/** @type {Kind} */
export const kText = ['a string', (value) => typeof value === 'string'];
/** @type {Kind} */
export const kCount = ['an integer from 0 to 4294967295', (value) => value === value >>> 0];
/** What is checked where it is used. @type {Kind} */
export const kAnything = ['anything', () => true];

/** Objects that a host gives may be of another realm, or made by a library. @type {Kind} */
export const kSignal = ['an AbortSignal', (value) => typeof value?.addEventListener === 'function'];

/** What a module imports, by module and name. @type {Kind} */
export const kImports = [
  'an object of objects: by module, and in it by name',
  (value) => kObject[1](value) && Object.values(value).every((part) => part === undefined || isNamespace(part)),
];

/** @param {any} value */
const isNamespace = (value) => kObject[1](value) || kFunction[1](value);

/** What is done with a finding. @type {Kind} */
export const kOnError = ["'throw', 'report' or a function", (value) => value === 'throw' || value === 'report' || kFunction[1](value)];

/** @param {readonly string[]} words @returns {Kind} */
export const oneOf = (words) => [words.map((word) => `'${word}'`).join(', '), (value) => words.includes(value)];

/**
 * @param {unknown} options
 * @param {Kinds} kinds
 * @param {string} owner whose options they are: a function, or an option that is an object itself
 * @param {string} [path] what a value is called, before its name
 */
export function checkOptions(options, kinds, owner, path = owner) {
  if (!kObject[1](options) || Array.isArray(options))
    throw new TypeError(`${path === owner ? owner : `the options of ${owner}`} must be an object; found ${shown(options)}`);
  for (const [name, value] of Object.entries(/** @type {object} */ (options))) {
    if (value === undefined) continue;
    if (!Object.hasOwn(kinds, name)) throw new TypeError(`${owner} has no option ${shown(name)}; it has ${Object.keys(kinds).join(', ')}`);
    const [words, fits] = kinds[name];
    if (!fits(value)) throw new TypeError(`${path}.${name} must be ${words}; found ${shown(value)}`);
  }
}
