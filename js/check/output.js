// Bytes that are written one after the other.

export class Output {
  constructor(size = 1024) {
    this.bytes = new Uint8Array(size);
    this.length = 0;
  }

  /** Room for `count` more bytes. @param {number} count */
  reserve(count) {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const { bytes } = this;
    this.bytes = new Uint8Array(needed * 2);
    this.bytes.set(bytes.subarray(0, this.length));
  }

  /** @param {number[]} values */
  put(...values) {
    this.reserve(values.length);
    for (const value of values) this.bytes[this.length++] = value;
  }

  /** @param {Uint8Array} from @param {number} start @param {number} end */
  copy(from, start, end) {
    const count = end - start;
    this.reserve(count);
    if (count > 32) this.bytes.set(from.subarray(start, end), this.length);
    else for (let i = 0; i < count; i++) this.bytes[this.length + i] = from[start + i];
    this.length += count;
  }

  /** An opcode and an unsigned number up to 2^32. @param {number} opcode @param {number} value */
  unsigned(opcode, value) {
    this.put(opcode);
    this.number(value);
  }

  /** @param {number} value unsigned, up to 2^32 */
  number(value) {
    this.reserve(5);
    for (; value > 0x7f; value >>>= 7) this.bytes[this.length++] = (value & 0x7f) | 0x80;
    this.bytes[this.length++] = value;
  }

  /** An opcode and a signed number of up to 53 bits. @param {number} opcode @param {number} value */
  signed(opcode, value) {
    this.reserve(10);
    this.bytes[this.length++] = opcode;
    while (value < -0x40 || value > 0x3f) {
      this.bytes[this.length++] = (value & 0x7f) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.bytes[this.length++] = value & 0x7f;
  }

  written() {
    return this.bytes.subarray(0, this.length);
  }
}
