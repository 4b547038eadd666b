// A C function as a JavaScript function: arguments go into memory for the time of the call, the result comes out.

import { asBytes, isBytes } from '../wasm/bytes.js';
import { Struct } from './struct.js';

/**
 * @typedef {import('./heap.js').Heap} Heap
 * @typedef {import('./scope.js').Scope} Scope
 *
 * @typedef {'number' | 'u32' | 'i64' | 'u64' | 'bool' | 'pointer' | 'string' | 'bytes' | 'buffer' | 'strings' | Struct<any>} ParameterType
 *   number: any C number of up to 32 bits, or a float; i64, u64: BigInt; pointer: an address or a Block; string: `const char *`;
 *   bytes: two C parameters, `const void *, size_t`, from a string, a typed array or an ArrayBuffer; buffer: the same, copied back
 *   into the typed array after the call; strings: two C parameters, `char **, size_t`; a struct: `const struct *`
 * @typedef {'void' | 'number' | 'u32' | 'i64' | 'u64' | 'bool' | 'pointer' | 'string' | 'owned string' | Struct<any>} ResultType
 *   string: `const char *` that stays the program's, null for NULL; owned string: one that is freed here; a struct: `const struct *`,
 *   copied, null for NULL
 */

/**
 * A parameter type whose values C gets as they are.
 * @param {string} expected
 * @param {string} type what `typeof` says
 * @returns {Parameter}
 */
const plain = (expected, type) => [expected, (value) => typeof value === type, (value) => [value]];
const kNumber = plain('a number', 'number');
const kBigInt = plain('a BigInt', 'bigint');

/**
 * For each parameter type: which values fit, and what C gets for one.
 * @typedef {[string, (value: any) => boolean, (value: any, scope: Scope) => any[]]} Parameter
 * @type {Record<string, Parameter>}
 */
const kParameters = {
  number: kNumber,
  u32: kNumber,
  i64: kBigInt,
  u64: kBigInt,
  bool: plain('true or false', 'boolean'),
  pointer: ['a pointer or a Block', (value) => Number.isInteger(Number(value)), (value) => [Number(value)]],
  string: ['a string', (value) => typeof value === 'string', (value, scope) => [scope.allocString(value)]],
  bytes: ['a string, a typed array or an ArrayBuffer', (value) => typeof value === 'string' || isBytes(value), passBytes],
  buffer: ['a typed array or an ArrayBuffer', isBytes, passBytes],
  strings: ['an array of strings', (value) => Array.isArray(value) && value.every((text) => typeof text === 'string'), (value, scope) => [scope.allocStrings(value), value.length]],
};

/**
 * @param {any} value
 * @param {Scope} scope
 */
function passBytes(value, scope) {
  const pointer = scope.allocBytes(value);
  return [pointer, typeof value === 'string' ? new TextEncoder().encode(value).length : value.byteLength];
}

/**
 * What a result of each type is in JavaScript.
 * @type {Record<string, (value: any, heap: Heap) => any>}
 */
const kResults = {
  void: () => undefined,
  number: (value) => value,
  u32: (value) => value >>> 0,
  i64: (value) => value,
  u64: (value) => BigInt.asUintN(64, value),
  bool: (value) => !!value,
  pointer: (value) => value >>> 0,
  string: (value, heap) => (value ? heap.readString(value) : null),
  'owned string'(value, heap) {
    const text = kResults.string(value, heap);
    heap.free(value);
    return text;
  },
};

/**
 * Makes a JavaScript function of an export: `wrap(heap, exports.greet, ['string'], 'string')`. What the arguments take in the heap is freed
 * after the call, also when it throws.
 * @param {Heap} heap
 * @param {Function} func the export
 * @param {ParameterType[]} [parameters]
 * @param {ResultType} [result]
 * @returns {(...values: any[]) => any} throws TypeError for values that don't fit
 */
export function wrap(heap, func, parameters = [], result = 'void') {
  if (typeof func !== 'function') throw new TypeError(`wrap: expected an exported function, found ${func}. Is it exported under this name?`);
  for (const type of parameters) known(kParameters, type);
  known(kResults, result);
  return (...values) => {
    if (values.length !== parameters.length) throw new TypeError(`${parameters.length} arguments expected, found ${values.length}`);
    return heap.scope((scope) => {
      const passed = parameters.map((type, index) => pass(type, values[index], index, scope));
      const value = func(...passed.flat());
      parameters.forEach((type, index) => type === 'buffer' && copyBack(heap, passed[index][0], values[index]));
      if (result instanceof Struct) return value ? result.read(heap, value) : null;
      return kResults[result](value, heap);
    });
  };
}

/**
 * @param {object} types
 * @param {ParameterType | ResultType} type
 */
function known(types, type) {
  if (type instanceof Struct || Object.hasOwn(types, type)) return;
  throw new TypeError(`wrap: unknown type '${type}'. Types are a struct and ${Object.keys(types)}`);
}

/**
 * @param {ParameterType} type
 * @param {any} value
 * @param {number} index
 * @param {Scope} scope
 * @returns {any[]}
 */
function pass(type, value, index, scope) {
  if (type instanceof Struct) return [scope.allocStruct(type, value)];
  const [expected, fits, convert] = kParameters[type];
  if (!fits(value)) throw new TypeError(`argument ${index + 1} must be ${expected}; found ${typeof value === 'string' ? `'${value}'` : value}`);
  return convert(value, scope);
}

/**
 * @param {Heap} heap
 * @param {number} pointer
 * @param {ArrayBuffer | ArrayBufferView} target
 */
function copyBack(heap, pointer, target) {
  const bytes = asBytes(target);
  bytes.set(heap.subarray(pointer, bytes.length));
}
