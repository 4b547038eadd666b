// The numbers of C: how each lies in memory, how it crosses a call, and which JavaScript values fit. One table for structs, arrays, calls and callbacks.

import { shown } from '../errors.js';
import { addressOf } from './pointer.js';

/**
 * @typedef {'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'f32' | 'f64' | 'bool' | 'pointer'} ScalarType
 *
 * @typedef {object} Scalar
 * @property {number} size in bytes, which is its alignment too
 * @property {'Int8' | 'Uint8' | 'Int16' | 'Uint16' | 'Int32' | 'Uint32' | 'BigInt64' | 'BigUint64' | 'Float32' | 'Float64'} view what DataView calls it
 * @property {'i32' | 'i64' | 'f32' | 'f64'} wasm its type in a call
 * @property {(value: any, name: string, heap: import('./heap.js').Heap) => any} toC what C gets; throws TypeError for a value of another type, RangeError for one out of range
 * @property {Scalar} [wide] what it is in a 64-bit memory, if that is something else
 * @property {(value: any) => any} fromC the value in JavaScript of what memory or a call gives
 */

/**
 * @param {string} name
 * @param {string} expected
 * @param {unknown} value
 */
const misfit = (name, expected, value) => new TypeError(`${name} must be ${expected}; found ${shown(value)}`);

/**
 * @param {number} bits
 * @param {boolean} signed
 * @returns {Scalar}
 */
function integer(bits, signed) {
  const least = signed ? -(2 ** (bits - 1)) : 0;
  const most = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const expected = `an integer from ${least} to ${most}`;
  return {
    size: bits / 8,
    view: /** @type {Scalar['view']} */ (`${signed ? 'Int' : 'Uint'}${bits}`),
    wasm: 'i32',
    toC(value, name) {
      if (typeof value !== 'number') throw misfit(name, expected, value);
      if (!(Number.isInteger(value) && value >= least && value <= most)) throw new RangeError(`${name} must be ${expected}; found ${value}`);
      return value;
    },
    // A call gives an i32: of a narrower type its lower bits count, as C's.
    fromC: signed ? (value) => (value << (32 - bits)) >> (32 - bits) : (value) => (value << (32 - bits)) >>> (32 - bits),
  };
}

/**
 * @param {boolean} signed
 * @returns {Scalar}
 */
function bigInteger(signed) {
  const clamp = signed ? BigInt.asIntN : BigInt.asUintN;
  const expected = signed ? 'a BigInt from -2^63 to 2^63 - 1' : 'a BigInt from 0 to 2^64 - 1';
  return {
    size: 8,
    view: signed ? 'BigInt64' : 'BigUint64',
    wasm: 'i64',
    toC(value, name) {
      if (typeof value !== 'bigint') throw misfit(name, expected, value);
      if (clamp(64, value) !== value) throw new RangeError(`${name} must be ${expected}; found ${value}n`);
      return value;
    },
    fromC: (value) => clamp(64, value),
  };
}

/**
 * @param {32 | 64} bits
 * @returns {Scalar}
 */
const float = (bits) => ({
  size: bits / 8,
  view: `Float${bits}`,
  wasm: `f${bits}`,
  toC(value, name) {
    if (typeof value !== 'number') throw misfit(name, 'a number', value);
    if (bits === 32 && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) throw new RangeError(`${name} must fit into 32 bits; found ${value}`);
    return value;
  },
  fromC: (value) => value,
});

/** An address in a 64-bit memory. @type {Scalar} */
const kWidePointer = {
  size: 8,
  view: 'BigUint64',
  wasm: 'i64',
  toC: (value, name, heap) => BigInt(addressOf(heap, value, name)),
  fromC: Number,
};

/** @type {Record<ScalarType, Scalar>} */
export const kScalars = {
  i8: integer(8, true),
  u8: integer(8, false),
  i16: integer(16, true),
  u16: integer(16, false),
  i32: integer(32, true),
  u32: integer(32, false),
  i64: bigInteger(true),
  u64: bigInteger(false),
  f32: float(32),
  f64: float(64),
  bool: {
    size: 1,
    view: 'Uint8',
    wasm: 'i32',
    toC(value, name) {
      if (typeof value !== 'boolean') throw misfit(name, 'true or false', value);
      return Number(value);
    },
    fromC: (value) => !!value,
  },
  pointer: {
    size: 4,
    view: 'Uint32',
    wasm: 'i32',
    toC: (value, name, heap) => addressOf(heap, value, name),
    fromC: (value) => value >>> 0,
    wide: kWidePointer,
  },
};

/**
 * What a type is in a memory: an address has as many bits as the memory's addresses.
 * @param {{ isWide: boolean }} heap
 * @param {Scalar} scalar
 */
export const scalarIn = ({ isWide }, scalar) => (isWide ? (scalar.wide ?? scalar) : scalar);

/**
 * The numbers of a typed array.
 * @param {import('./allocator.js').TypedArrayType} Type
 * @returns {Scalar}
 */
export function scalarOf({ name }) {
  // Uint8ClampedArray clamps: every number fits.
  const view = name === 'Uint8ClampedArray' ? 'Float64' : name?.replace(/Array$/, '');
  const scalar = Object.values(kScalars).find((scalar) => scalar.view === view);
  if (!scalar) throw new TypeError(`the type of the numbers must be a typed array like Float64Array, a struct or a name like 'u32'; found ${shown(name)}`);
  return scalar;
}
