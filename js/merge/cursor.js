// A place in a binary module, and the indices before it that must change.

import { MergeError } from './error.js';
import { widthOf, writeLeb } from './leb128.js';

/**
 * New indices by index space (FUNC ... DATA of opcodes.js) and old index. No map for a space, or an index beyond its
 * map: stays as it is.
 * @typedef {(Uint32Array | undefined)[]} Maps
 */

const decoder = new TextDecoder();

/** @param {Uint8Array} bytes */
const hex = bytes => [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(' ');

export class Cursor {
  /**
   * @param {Uint8Array} bytes @param {string} file
   * @param {number} [base] where in the file `bytes` begins
   * @param {Maps} [maps]
   */
  constructor(bytes, file, base = 0, maps = []) {
    this.bytes = bytes;
    this.file = file;
    this.base = base;
    this.maps = maps;
    this.at = 0;
    /** What must change, four numbers each: where, how wide it is, how wide it will be, the new value. @type {number[]} */
    this.sites = [];
  }

  /** @param {string} problem said with what stands there @param {number} [at] @returns {never} */
  refuse(problem, at = this.at) {
    const found = hex(this.bytes.subarray(at, at + 4)) || 'nothing more';
    throw new MergeError(`${this.file}, offset 0x${(this.base + at).toString(16)}: ${problem}: ${found}`);
  }

  /** @param {number} count */
  skip(count) {
    const { at, bytes } = this;
    if (at + count > bytes.length) this.refuse(`${count} bytes should follow, ${bytes.length - at} do`);
    this.at += count;
  }

  byte() {
    this.skip(1);
    return this.bytes[this.at - 1];
  }

  /** An unsigned number; exact up to 2^53, which is more than sizes and indices need. */
  number() {
    if (this.bytes[this.at] < 0x80) return this.bytes[this.at++];
    let value = 0, scale = 1, byte;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte & 0x80);
    return value;
  }

  /** The bytes of a name. */
  block() {
    const length = this.number();
    this.skip(length);
    return this.bytes.subarray(this.at - length, this.at);
  }

  text() {
    return decoder.decode(this.block());
  }

  /**
   * Notes that the index between `start` and here is to change, if it is. `signed`: it stands in a signed number,
   * which needs one bit more.
   * @param {number} space @param {number} start @param {number} index @param {boolean} [signed]
   */
  note(space, start, index, signed) {
    const to = this.maps[space]?.[index] ?? index, width = this.at - start;
    if (to !== index) this.sites.push(start, width, Math.max(width, widthOf(signed ? to * 2 : to)), to);
  }

  /** The bytes from ... to with the noted changes, which are forgotten. @param {number} from @param {number} to */
  rewritten(from, to) {
    const { bytes, sites } = this;
    let grown = 0;
    for (let i = 0; i < sites.length; i += 4) grown += sites[i + 2] - sites[i + 1];
    const out = new Uint8Array(to - from + grown);
    let write = 0;
    if (!grown) out.set(bytes.subarray(from, to));
    for (let i = 0; i < sites.length; i += 4) {
      const at = sites[i], width = sites[i + 2];
      if (grown) out.set(bytes.subarray(from, at), write);
      write += at - from;
      writeLeb(out, write, sites[i + 3], width);
      write += width;
      from = at + sites[i + 1];
    }
    if (grown) out.set(bytes.subarray(from, to), write);
    sites.length = 0;
    return out;
  }
}

/** @param {Uint8Array[]} pieces */
export function concatenated(pieces) {
  if (pieces.length === 1) return pieces[0];
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
