// C functions as JavaScript functions: arguments go into memory for the time of the call, the result comes out. A call that returns a promise (an export made
// promising, JSPI) keeps its arguments until that is settled.

import { bytesOf, encoded, isBytes } from './bytes.js';
import { textOf } from './allocator.js';
import { Block } from './block.js';
import { shown } from '../errors.js';
import { checkOptions, kAnything, kArray, kFlag } from '../options.js';
import { kScalars } from './scalars.js';
import { byValue, bytesFor, CTypeBase } from './types.js';
import { View } from './views.js';
import { inWords } from './wide.js';

/** @import { CType } from './types.js' */

/**
 * @typedef {import('./heap.js').Heap} Heap
 * @typedef {import('./scope.js').Scope} Scope
 * @typedef {import('./scalars.js').ScalarType} ScalarType
 * @typedef {import('./bytes.js').Bytes} Bytes
 *
 * @typedef {ScalarType | 'number' | 'string' | 'bytes' | 'buffer' | 'strings' | CType<any, any, any>} ParameterType
 *   a number of C, checked to fit; number: any number, which C converts; pointer: an address, a Block or a Callback; string: `const char *`; bytes: two parameters of C,
 *   `const void *, size_t`, from a string, a typed array, an ArrayBuffer, a Block or a View; buffer: the same, copied back after the call; strings: two parameters of C,
 *   `char **, size_t`; a struct: `const struct *`. Bytes that are in the heap already are not copied.
 * @typedef {ScalarType | 'void' | 'number' | 'string' | 'owned string' | CType<any, any, any>} ResultType
 *   string: `const char *` that stays the program's, null for NULL; owned string: one that is freed here; a struct: `const struct *`,
 *   copied, null for NULL
 *
 * @typedef {object} CFunction of a C function
 * @property {readonly ParameterType[]} [parameters]
 * @property {ResultType} [result] 'void' if it is not given
 * @property {boolean} [async] the export is promising (WebAssembly.promising): the function returns a promise
 */

/**
 * What a function takes for a parameter.
 * @template T
 * @typedef {T extends CType<any, infer I, any> ? I : T extends 'number' ? number : T extends ScalarType ? import('./types.js').InputOf<T> : T extends 'string' ? string : T extends 'bytes' ? string | Bytes | Block | View<any> : T extends 'buffer' ? Bytes | Block | View<any> : T extends 'strings' ? readonly string[] : never} Argument
 */

/**
 * What a function gives for its result.
 * @template R
 * @typedef {R extends CType<infer V, any, any> ? V | null : R extends 'number' ? number : R extends ScalarType ? import('./types.js').ValueOf<R> : R extends 'string' | 'owned string' ? string | null : void} Result
 */

/**
 * The JavaScript function that a signature makes.
 * @template S
 * @typedef {(...values: S extends { parameters: infer P extends readonly ParameterType[] } ? { -readonly [I in keyof P]: Argument<P[I]> } : []) => Awaitable<S, S extends { result: infer R } ? Result<R> : void>} Wrapped
 */

/**
 * @template S
 * @template T
 * @typedef {S extends { async: true } ? Promise<T> : T} Awaitable
 */

/**
 * What C gets for a value: one argument or two. `back` copies what C wrote to where the value came from.
 * @typedef {{ passed: any[], back?: () => void }} Passed
 * @typedef {(value: any, name: string, scope: Scope) => Passed} Converter
 */

/** @type {Record<string, Converter>} */
const kParameters = {
  number(value, name) {
    if (typeof value !== 'number') throw new TypeError(`${name} must be a number; found ${shown(value)}`);
    return { passed: [value] };
  },
  string: (value, name, scope) => ({ passed: inWords(scope.heap, scope.allocString(cText(value, name))) }),
  bytes(value, name, scope) {
    const bytes = typeof value === 'string' ? encoded(value) : value;
    return (
      inHeap(bytes, name, scope.heap) ?? copied(bytesOrThrow(bytes, name, 'a string, a typed array, an ArrayBuffer, a Block or a View', value), name, scope)
    );
  },
  buffer(value, name, scope) {
    const inPlace = inHeap(value, name, scope.heap);
    if (inPlace) return inPlace;
    const { passed } = copied(bytesOrThrow(value, name, 'a typed array, an ArrayBuffer, a Block or a View', value), name, scope);
    return { passed, back: () => bytesOf(value, name).set(scope.heap.subarray(passed[0], Number(passed[1]))) };
  },
  strings(value, name, scope) {
    if (!Array.isArray(value)) throw new TypeError(`${name} must be an array of strings; found ${shown(value)}`);
    value.forEach((text, index) => cText(text, `${name}[${index}]`));
    return { passed: inWords(scope.heap, scope.allocStrings(value), value.length) };
  },
};

/**
 * A text that C reads to its end.
 * @param {unknown} value
 * @param {string} name
 */
function cText(value, name) {
  const text = textOf(value, name);
  if (text.includes('\0')) throw new TypeError(`${name} must have no NUL, at which C ends the text; found ${shown(text)}. Pass it as 'bytes'.`);
  return text;
}

/**
 * @param {any} value
 * @param {string} name
 * @param {string} expected
 * @param {unknown} found
 * @returns {Bytes}
 */
function bytesOrThrow(value, name, expected, found) {
  if (isBytes(value)) return value;
  throw new TypeError(`${name} must be ${expected}; found ${shown(found)}`);
}

/**
 * Bytes that are in the heap's memory already: C gets their address.
 * @param {any} value
 * @param {string} name
 * @param {Heap} heap
 * @returns {Passed | undefined}
 */
function inHeap(value, name, heap) {
  if (value instanceof Block || value instanceof View) {
    heap.subarray(value.pointer, value.byteLength);
    return { passed: inWords(heap, value.pointer, value.byteLength) };
  }
  if (!ArrayBuffer.isView(value) || value.buffer !== heap.memory.buffer) return undefined;
  const { byteOffset, byteLength } = bytesOf(value, name);
  return { passed: inWords(heap, byteOffset, byteLength) };
}

/**
 * @param {Bytes} value
 * @param {string} name
 * @param {Scope} scope
 * @returns {Passed}
 */
function copied(value, name, scope) {
  const bytes = bytesOf(value, name);
  return { passed: inWords(scope.heap, scope.allocBytes(bytes), bytes.length) };
}

/**
 * @param {ParameterType} type
 * @param {Heap} heap
 * @returns {Converter}
 */
function converterOf(type, heap) {
  const scalar = byValue(type, heap);
  if (scalar) return (value, name, { heap }) => ({ passed: [scalar.toC(value, name, heap)] });
  if (type instanceof CTypeBase) return (value, name, scope) => ({ passed: inWords(heap, scope.allocBytes(bytesFor(type, value, name, heap))) });
  if (Object.hasOwn(kParameters, type)) return kParameters[type];
  throw new TypeError(`unknown parameter type ${shown(type)}. Types are ${[...Object.keys(kScalars), ...Object.keys(kParameters)].join(', ')} and structs.`);
}

/** @type {Record<string, (value: any, heap: Heap) => any>} */
const kResults = {
  void: () => undefined,
  number: (value) => value,
  string: (value, heap) => (value ? heap.readString(value) : null),
  'owned string'(value, heap) {
    try {
      return kResults.string(value, heap);
    } finally {
      heap.free(value);
    }
  },
};

/**
 * @param {ResultType} type
 * @param {Heap} heap
 * @returns {(value: any, heap: Heap) => any}
 */
function resultOf(type, heap) {
  const scalar = byValue(type, heap);
  if (scalar) return scalar.fromC;
  if (type instanceof CTypeBase) return (value, heap) => (value ? heap.read(type, value) : null);
  if (Object.hasOwn(kResults, type)) return kResults[/** @type {string} */ (type)];
  throw new TypeError(`unknown result type ${shown(type)}. Types are ${[...Object.keys(kResults), ...Object.keys(kScalars)].join(', ')} and structs.`);
}

/** @type {import('../options.js').Kinds} */
const kSignature = { parameters: kArray, result: kAnything, async: kFlag };

/**
 * @param {Heap} heap
 * @param {Function} func the export
 * @param {CFunction} [signature]
 * @param {string} [name] of the function, for errors
 * @returns {(...values: any[]) => any} throws TypeError and RangeError for values that don't fit
 */
export function wrap(heap, func, signature = {}, name = func?.name) {
  if (typeof func !== 'function') throw new TypeError(`expected an exported function, found ${shown(func)}. Is it exported under this name?`);
  checkOptions(signature, kSignature, `the signature of ${name}`);
  const { parameters = [], result = 'void', async: asynchronous = false } = signature;
  const converters = parameters.map((type) => converterOf(type, heap));
  const convert = resultOf(result, heap);
  return (...values) => {
    if (values.length !== parameters.length) throw new TypeError(`${name} takes ${parameters.length} arguments; found ${values.length}`);
    const returned = heap.scope((scope) => {
      const all = converters.map((converter, index) => converter(values[index], `argument ${index + 1}`, scope));
      const finish = (/** @type {any} */ value) => {
        for (const { back } of all) back?.();
        return convert(value, heap);
      };
      const value = func(...all.flatMap(({ passed }) => passed));
      return typeof value?.then === 'function' ? value.then(finish) : finish(value);
    });
    return asynchronous ? Promise.resolve(returned) : returned;
  };
}

/**
 * @param {Heap} heap
 * @param {object} exports
 * @param {Record<string, CFunction>} table
 * @returns {any}
 */
export function bind(heap, exports, table) {
  const functions = /** @type {Record<string, Function>} */ (exports);
  const missing = Object.keys(table).filter((name) => typeof functions[name] !== 'function');
  if (missing.length)
    throw new TypeError(`the program does not export ${missing.join(', ')}. Link it with ${missing.map((name) => `-Wl,--export=${name}`).join(' ')}`);
  return Object.fromEntries(Object.entries(table).map(([name, signature]) => [name, wrap(heap, functions[name], signature ?? null, name)]));
}
