// A JavaScript function as a function pointer of C: `heap.callback((a, b) => ..., { parameters: ['pointer', 'pointer'], result: 'i32' })`.

import { kDispose, released } from './block.js';
import { byValue, CTypeBase } from './types.js';
import { kScalars } from './scalars.js';
import { asTableEntry, place, tableOf, vacate } from './table.js';
import { shown } from '../errors.js';
import { checkOptions, kAnything, kArray } from '../options.js';

/** @import { CType } from './types.js' */

/**
 * @typedef {import('./heap.js').Heap} Heap
 * @typedef {import('./scalars.js').ScalarType} ScalarType
 *
 * @typedef {ScalarType | 'string' | CType<any, any, any>} CallbackParameter what C passes: a number; string: `const char *`, null for NULL; a struct: `const struct *`, copied,
 *   null for NULL
 * @typedef {ScalarType | 'void' | CType<any, any, any>} CallbackResult a number, an enum or a pointer
 */

/**
 * What a callback gets for a parameter.
 * @template T
 * @typedef {T extends 'string' ? string | null : T extends CType<infer V, any, any> ? V | null : import('./types.js').ValueOf<T>} CallbackValue
 */

/**
 * What a callback returns for its result.
 * @template R
 * @typedef {R extends ScalarType | CType<any, any, any> ? import('./types.js').InputOf<R> : void} CallbackReturn
 */

/**
 * @template {readonly CallbackParameter[]} P
 * @template {CallbackResult} R
 * @typedef {(...values: { -readonly [I in keyof P]: CallbackValue<P[I]> } extends infer V extends any[] ? V : never) => CallbackReturn<R>} CallbackFunction
 */

/**
 * @template {readonly CallbackParameter[]} P
 * @template {CallbackResult} R
 * @typedef {object} CallbackSignature
 * @property {P} [parameters]
 * @property {R} [result] 'void' if it is not given
 */

/** A function pointer that calls a JavaScript function. Where a number is wanted, it is its index in the program's table. */
export class Callback {
  #table;
  #index;

  /**
   * @internal
   * @param {Heap} heap
   * @param {WebAssembly.Table} table
   * @param {number} index
   */
  constructor(heap, table, index) {
    /** The heap of the program that calls it. */
    this.heap = heap;
    this.#table = table;
    this.#index = index;
  }

  /** The function pointer. Throws ReleasedError when the callback is released. */
  get pointer() {
    if (!this.#index) throw released('this callback');
    return this.#index;
  }

  get [Symbol.toStringTag]() {
    return 'Callback';
  }

  valueOf() {
    return this.pointer;
  }

  /** C must not call it any more: a call traps. Throws ReleasedError the second time. */
  release() {
    vacate(this.#table, this.pointer);
    this.#index = 0;
  }

  /** For `using`: releases the callback unless that is done already. */
  [kDispose]() {
    if (this.#index) this.release();
  }
}

/**
 * @param {Heap} heap
 * @param {import('./heap.js').Program} program
 * @param {Function} func
 * @param {{ parameters?: readonly CallbackParameter[], result?: CallbackResult }} signature
 */
export function makeCallback(heap, program, func, signature) {
  if (typeof func !== 'function') throw new TypeError(`a callback must be a function; found ${shown(func)}`);
  checkOptions(signature, { parameters: kArray, result: kAnything }, 'the signature of a callback');
  const { parameters = [], result = 'void' } = signature;
  const converters = parameters.map((type) => converterOf(type, heap));
  const returned = result === 'void' ? undefined : scalarOrThrow(result, heap);
  const entry = (/** @type {any[]} */ ...values) => {
    const value = func(...values.map((value, index) => converters[index].convert(value, heap)));
    return returned?.toC(value, 'the result of the callback', heap);
  };
  const table = tableOf(program);
  return new Callback(
    heap,
    table,
    place(
      table,
      asTableEntry(
        entry,
        converters.map(({ wasm }) => wasm),
        returned ? [returned.wasm] : [],
      ),
    ),
  );
}

/**
 * @param {CallbackParameter} type
 * @param {Heap} heap
 * @returns {{ wasm: import('./table.js').ValueType, convert: (value: any, heap: Heap) => any }}
 */
function converterOf(type, heap) {
  const address = heap.isWide ? 'i64' : 'i32';
  if (type === 'string') return { wasm: address, convert: (value, heap) => (value ? heap.readString(value) : null) };
  if (type instanceof CTypeBase && !byValue(type, heap)) return { wasm: address, convert: (value, heap) => (value ? heap.read(type, value) : null) };
  const { wasm, fromC } = scalarOrThrow(type, heap);
  return { wasm, convert: fromC };
}

/**
 * @param {unknown} type
 * @param {Heap} heap
 */
function scalarOrThrow(type, heap) {
  const scalar = byValue(type, heap);
  if (scalar) return scalar;
  throw new TypeError(
    `a callback has the unknown type ${shown(type)}. Parameters are ${Object.keys(kScalars).join(', ')}, string or a struct; a result is one of the numbers or void.`,
  );
}
