// LEB128: seven bits a byte, lowest first, the top bit says that more follow. A number may be padded to more bytes
// than it needs, which is how an index is replaced in place.

/** Bytes that `value` (0 ... 2^32-1) needs. @param {number} value */
export const widthOf = value => Math.ceil((32 - Math.clz32(value)) / 7) || 1;

/** Writes `value` into exactly `width` bytes. @param {Uint8Array} out @param {number} at @param {number} value @param {number} width */
export function writeLeb(out, at, value, width) {
  for (const last = at + width - 1; at < last; value >>>= 7) out[at++] = value & 0x7f | 0x80;
  out[at] = value;
}

/** @param {number} value @returns {Uint8Array} */
export function leb(value) {
  const bytes = new Uint8Array(widthOf(value));
  writeLeb(bytes, 0, value, bytes.length);
  return bytes;
}
