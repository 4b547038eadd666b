// Bytes as such: whatever holds them in JavaScript, as one Uint8Array.

/** @param {unknown} value @returns {value is ArrayBufferLike | ArrayBufferView} */
export const isBytes = (value) => ArrayBuffer.isView(value) || isBuffer(value);

/**
 * An ArrayBuffer or SharedArrayBuffer, of this realm or another: a frame or a vm context has constructors of its own.
 * @param {unknown} value
 */
const isBuffer = (value) => /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));

/**
 * The same bytes, without copying them.
 * @param {ArrayBufferLike | ArrayBufferView} data
 */
export const asBytes = (data) => (ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data));

/** A piece of a module. @typedef {Uint8Array | number[]} Piece */

/**
 * @param {Piece[]} pieces
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function concatenate(pieces) {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * Like `concatenate`, but a single array of bytes is not copied.
 * @param {Piece[]} pieces
 * @returns {Uint8Array}
 */
export const concatenated = (pieces) => (pieces.length === 1 && !Array.isArray(pieces[0]) ? pieces[0] : concatenate(pieces));
