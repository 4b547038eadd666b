// Heaps of 64-bit memories. Their functions take and give addresses and sizes as BigInt; the toolkit counts in numbers, which are exact up to 2^53.
//
//   heap.exports.malloc(100n)    -> 72928n     as it is in WebAssembly
//   heap.functions.malloc(100)   -> 72928      for the toolkit: the same function where addresses have 32 bits

/**
 * Whether addresses have 64 bits. free(NULL) does nothing, and refuses a number where it takes a BigInt.
 * @param {Record<string, any>} exports of a heap
 */
export function isWide({ free }) {
  try {
    free(0);
    return false;
  } catch (error) {
    if (error instanceof TypeError) return true;
    throw error;
  }
}

/**
 * The functions of a heap of a 64-bit memory, as functions of numbers. `heap_protect` takes a key, which is no address.
 * @param {Record<string, any>} exports
 * @returns {Record<string, any>}
 */
export function withNumbers(exports) {
  const functions = Object.create(null);
  for (const [name, value] of Object.entries(exports)) {
    functions[name] =
      typeof value !== 'function' || name === 'heap_protect' ? value : (/** @type {number[]} */ ...values) => Number(value(...values.map(BigInt)) ?? 0);
  }
  return functions;
}

/**
 * An address or a size that a function of the heap gave. WebAssembly returns those above 2 GiB of a 32-bit memory as negative numbers.
 * @param {number} value
 */
export const unsigned = (value) => (value < 0 ? value + 2 ** 32 : value);

/**
 * Addresses and sizes, as a program takes them.
 * @param {{ isWide: boolean }} heap
 * @param {number[]} values
 * @returns {any[]}
 */
export const inWords = ({ isWide }, ...values) => (isWide ? values.map(BigInt) : values);

/**
 * A number of pages, or of places in a table, as a 64-bit memory or table counts them.
 * @param {boolean} wide
 * @param {number} count
 * @returns {any}
 */
export const counted = (wide, count) => (wide ? BigInt(count) : count);
