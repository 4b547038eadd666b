// Reading and writing the WebAssembly binary format's smallest parts: LEB128 numbers, names, sections.
// It knows nothing of what a section means.

const kContinue = 0x80;

/** A place in a file. Reading past the end throws RangeError. */
export class Reader {
  /**
   * @param {Uint8Array} bytes
   * @param {number} [at]
   * @param {number} [end]
   */
  constructor(bytes, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte() {
    return this.take(1)[0];
  }

  /** An unsigned LEB128 number of at most `bits` bits. Exact up to 2^53, which no limit or size in a real file passes. */
  unsigned(bits = 32) {
    let value = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < kContinue) return value;
    }
    throw new RangeError(`the number before byte ${this.at} is longer than ${bits} bits`);
  }

  /** @param {number} length */
  take(length) {
    if (length > this.end - this.at) throw new RangeError(`the data ends at byte ${this.end}`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text() {
    return new TextDecoder().decode(this.take(this.unsigned()));
  }
}

/**
 * @param {number} value
 * @returns {number[]}
 */
export const unsigned = (value) =>
  value < kContinue ? [value] : [(value % kContinue) | kContinue, ...unsigned(Math.floor(value / kContinue))];

/** @param {string} value */
export const text = (value) => {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
};

/** @param {number[][]} items */
export const list = (items) => [...unsigned(items.length), ...items.flat()];

/**
 * @param {number} id
 * @param {number[][]} items
 */
export const section = (id, items) => {
  const body = list(items);
  return [id, ...unsigned(body.length), ...body];
};

export const kMagicAndVersion = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/**
 * The same bytes, without copying them.
 * @param {ArrayBuffer | ArrayBufferView} data
 */
export const asBytes = (data) =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

/** @param {unknown} value */
export const isBytes = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer;

/** @param {Uint8Array[]} parts */
export const concatenate = (parts) => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
