// LEB128: seven bits a byte, lowest first, the top bit says that more follow. A number may be padded to more bytes
// than it needs, which is how an index is replaced in place.

/**
 * @param {number} value 0 ... 2^32-1
 * @param {number} [width] bytes that it takes at least
 * @returns {number[]}
 */
export const leb = (value, width = 1) => (value > 0x7f || width > 1 ? [(value & 0x7f) | 0x80, ...leb(value >>> 7, width - 1)] : [value]);

/**
 * A number that is not negative, as a signed one: bit 6 of its last byte would be the sign.
 * @param {number} value 0 ... 2^31-1
 * @param {number} [width]
 * @returns {number[]}
 */
export const signedLeb = (value, width = 1) => leb(value, Math.max(width, leb(value * 2).length));
