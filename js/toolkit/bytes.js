// The bytes of JavaScript's data: of strings, ArrayBuffers and the views of them, of whatever realm.

import { asBytes, isBytes } from '../wasm/bytes.js';
import { decode, encode } from '../wasm/text.js';
import { shown } from '../errors.js';

export { isBytes };

/** @typedef {ArrayBufferLike | ArrayBufferView} Bytes */

/**
 * The same bytes, without copying them.
 * @param {Bytes} data
 * @param {string} [name]
 * @returns {Uint8Array}
 */
export function bytesOf(data, name = 'data') {
  if (!isBytes(data)) throw new TypeError(`${name} must be a typed array, a DataView or an ArrayBuffer; found ${shown(data)}`);
  const buffer = ArrayBuffer.isView(data) ? data.buffer : data;
  if (isDetached(buffer)) {
    throw new TypeError(
      `${name} is detached: its memory grew, or its buffer was transferred, after it was made. Make it anew, or use heap.view(), which stays.`,
    );
  }
  return asBytes(data);
}

/** @param {ArrayBufferLike} buffer */
function isDetached(buffer) {
  if (buffer.byteLength) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** @param {string} text */
export const encoded = (text) => encode(text);

/**
 * UTF-8 as text; what is no UTF-8 becomes U+FFFD.
 * @param {Uint8Array} bytes
 */
export const decoded = (bytes) =>
  // TextDecoder refuses views of memory that is shared or can be resized.
  decode(isPlain(bytes.buffer) ? bytes : bytes.slice());

/**
 * Whether it is an ArrayBuffer of a fixed size.
 * @param {ArrayBufferLike} buffer
 */
export const isPlain = (buffer) =>
  Object.prototype.toString.call(buffer) === '[object ArrayBuffer]' && !(/** @type {{ resizable?: boolean }} */ (buffer).resizable);
