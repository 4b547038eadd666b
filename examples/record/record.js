// What JavaScript must know of the C program's record: where its fields lie, and how to show them.

/**
 * @typedef {{ id: number, x: number, y: number }} Record
 * @typedef {import('./memory.js').Heap} Heap
 */

/** The fields of struct Record { int id; float x; float y; } as clang lays them out for wasm32. */
export const kFields = /** @type {const} */ ([
  { name: 'id', offset: 0 },
  { name: 'x', offset: 4 },
  { name: 'y', offset: 8 },
]);
export const kFieldBytes = 4;

/**
 * @param {Heap} heap
 * @param {number} pointer what createRecord returned
 * @returns {Record}
 */
export function readRecord({ dataView }, pointer) {
  return { id: dataView.getInt32(pointer, true), x: dataView.getFloat32(pointer + 4, true), y: dataView.getFloat32(pointer + 8, true) };
}

/** @param {number} pointer */
export const addressText = (pointer) => `0x${pointer.toString(16).padStart(8, '0')}`;

/**
 * `length` bytes as they lie in memory, in hexadecimal.
 * @param {Heap} heap
 * @param {number} pointer
 * @param {number} length
 */
export const bytesText = ({ u8 }, pointer, length) =>
  [...u8.subarray(pointer, pointer + length)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/**
 * The shortest decimal number that a C float keeps: 1.1 is stored as 1.10000002384185791015625.
 * @param {number} value
 */
export function floatText(value) {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

const kInteger = new Intl.NumberFormat('en');

/** @param {number} bytes */
export const bytesInWords = (bytes) => `${kInteger.format(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;

/** @param {number} number */
export const integerText = (number) => kInteger.format(number);
