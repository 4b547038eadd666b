// A place in a binary module, and the indices before it that must change.

import { MergeError } from '../merge/error.js';
import { leb } from './leb128.js';

/**
 * New indices by index space (FUNC ... DATA of opcodes.js) and old index. No map for a space, or nothing from it: the index
 * stays as it is.
 * @typedef {(((index: number) => number | undefined) | undefined)[]} Maps
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
    /** What must change: where, how many bytes stand there, and the bytes that will. @type {{ start: number, width: number, to: number[] }[]} */
    this.sites = [];
  }

  /** @param {string} problem said with what stands there @param {number} [at] @returns {never} */
  refuse(problem, at = this.at) {
    const found = hex(this.bytes.subarray(at, at + 4)) || 'nothing';
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
    let value = 0, scale = 1, byte;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte & 0x80);
    return value;
  }

  /** @param {number} count */
  take(count) {
    this.skip(count);
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** What stands behind its length. */
  block() {
    return this.take(this.number());
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
    const to = this.maps[space]?.(index) ?? index;
    if (to !== index) this.change(start, leb(to, Math.max(this.at - start, signed ? leb(to * 2).length : 1)));
  }

  /** What stands between `start` and here becomes `to`. @param {number} start @param {number[]} to */
  change(start, to) {
    this.sites.push({ start, width: this.at - start, to });
  }

  /** The bytes from ... to with the noted changes, which are forgotten. @param {number} [from] @param {number} [to] */
  rewritten(from = 0, to = this.bytes.length) {
    const { bytes, sites } = this, grown = sites.reduce((sum, site) => sum + site.to.length - site.width, 0);
    // Not `slice`: that of Node's Buffers copies nothing.
    const out = new Uint8Array(/** @type {any} */ (grown ? to - from + grown : bytes.subarray(from, to)));
    let shift = -from;
    /** What doesn't change moves when something before it has grown. @param {number} end */
    const copy = end => grown && out.set(bytes.subarray(from, end), from + shift);
    for (const { start, width, to } of sites) {
      copy(start);
      out.set(to, start + shift);
      from = start + width;
      shift += to.length - width;
    }
    copy(to);
    this.sites = [];
    return out;
  }
}

/** A piece of a module. @typedef {Uint8Array | number[]} Piece */

/** @param {Piece[]} pieces @returns {Uint8Array} */
export const concatenated = (pieces) => {
  if (pieces.length === 1) return /** @type {Uint8Array} */ (pieces[0]);
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
};
