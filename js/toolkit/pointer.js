// Addresses and sizes, as JavaScript gives them to C. Numbers that C would wrap, cut or misread are refused here, for the whole toolkit.

import { hex, shown } from '../errors.js';

/**
 * Where C takes an address: a number, in a 64-bit memory a BigInt too, or an object that stands for one.
 * @typedef {number | bigint | import('./block.js').Block | import('./callback.js').Callback} Pointer
 */

/** The first number that is no address, of 32 or of 64 bits: beyond 2^53 numbers are not exact, and no engine has so large a memory. */
const endOf = (/** @type {{ isWide: boolean } | undefined} */ heap) => (heap?.isWide ? 2 ** 53 : 2 ** 32);

/**
 * The address as an unsigned number. WebAssembly returns those above 2 GiB as negative numbers: such a number is an address if the memory reaches there.
 * @param {import('./heap.js').Heap} heap
 * @param {Pointer} pointer
 * @param {string} [name] what it is, for errors
 * @returns {number}
 */
export function addressOf(heap, pointer, name = 'a pointer') {
  if (typeof pointer === 'number') return pointer === pointer >>> 0 ? pointer : unsignedAddress(heap, pointer, name);
  if (typeof pointer === 'bigint' && heap.isWide) return unsignedAddress(heap, Number(pointer), name);
  const owner = /** @type {{ heap?: unknown, pointer?: unknown } | null} */ (pointer)?.heap;
  if (owner === heap) return /** @type {import('./block.js').Block} */ (pointer).pointer;
  if (owner) throw new TypeError(`${name} must be of this heap; found ${shown(pointer)} of another one`);
  throw new TypeError(`${name} must be a number or a Block; found ${shown(pointer)}`);
}

/**
 * @param {import('./heap.js').Heap} heap
 * @param {number} pointer
 * @param {string} name
 */
function unsignedAddress(heap, pointer, name) {
  if (pointer >= 0 && isWhole(heap, pointer)) return pointer;
  const { byteLength } = heap.memory.buffer;
  const address = pointer >>> 0;
  if (pointer === (pointer | 0) && address < byteLength) return address;
  const inMemory = pointer === (pointer | 0) ? ` (${hex(address)} is beyond the memory, which ends at ${hex(byteLength)})` : '';
  throw new RangeError(`${name} must be an integer from 0 to ${endOf(heap) - 1}; found ${pointer}${inMemory}`);
}

/**
 * @param {{ isWide: boolean } | undefined} heap
 * @param {number} value
 */
const isWhole = (heap, value) => Number.isSafeInteger(value) && value < endOf(heap);

/**
 * A number of bytes or of elements.
 * @param {unknown} size
 * @param {string} [name]
 * @param {{ isWide: boolean }} [heap] whose memory it is in
 * @returns {number}
 */
export function sizeOf(size, name = 'a size', heap) {
  if (typeof size === 'number' && size === size >>> 0) return size;
  if (typeof size === 'number' && size >= 0 && isWhole(heap, size)) return size;
  throw new RangeError(`${name} must be an integer from 0 to ${endOf(heap) - 1}; found ${shown(size)}`);
}
