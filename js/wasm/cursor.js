// A place in a binary module. Reads the smallest parts (bytes, numbers, texts), checks that they lie in the module, and
// collects what must change before it is copied: indices, mostly.

import { concatenated } from './bytes.js';
import { leb, signedLeb } from './leb128.js';
import { decode } from './text.js';

/** A module that can't be read. The message says which file, at which offset, and what was found there. */
export class FormatError extends Error {
  name = 'FormatError';
}

/**
 * New indices by index space (FUNC ... DATA of opcodes.js) and old index. No map for a space, or nothing from it: the
 * index stays as it is.
 * @typedef {(((index: number) => number | undefined) | undefined)[]} Maps
 *
 * How many there are in each index space. A space without a number is not checked.
 * @typedef {(number | undefined)[]} Counts
 *
 * Where something changes, how many bytes stand there, and the bytes that will.
 * @typedef {{ start: number, width: number, to: number[] }} Change
 */

/** So many changes are kept at most: they take more memory than the bytes that they are made to. */
const kManyChanges = 1000;

/** Bytes of a 32-bit and of a 64-bit number at most. */
const kLongest = 5;
const kLongestWide = 10;

/** @param {Uint8Array} bytes */
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

export class Cursor {
  /** What must change. @type {Change[]} */
  #changes = [];
  /** The bytes from `#begin` to `#end` with the changes that are made already. @type {Uint8Array[]} */
  #changed = [];
  #begin = 0;
  #end = 0;

  /**
   * @param {Uint8Array} bytes
   * @param {string} file its name in errors
   * @param {number} [base] where in the file `bytes` begins
   * @param {Maps} [maps]
   * @param {Counts} [counts]
   */
  constructor(bytes, file, base = 0, maps = [], counts = []) {
    this.bytes = bytes;
    this.file = file;
    this.base = base;
    this.maps = maps;
    this.counts = counts;
    this.at = 0;
  }

  /**
   * @param {string} problem said with what stands there
   * @param {number} [at]
   * @returns {never}
   */
  refuse(problem, at = this.at) {
    const found = hex(this.bytes.subarray(at, at + 4)) || 'nothing';
    const file = this.file && `${this.file}, `;
    throw new FormatError(`${file}offset 0x${(this.base + at).toString(16)}: ${problem}: ${found}`);
  }

  /** @param {number} count */
  skip(count) {
    const { at, bytes } = this;
    if (at + count > bytes.length) this.refuse(`${count} bytes should follow, ${bytes.length - at} do`);
    this.at += count;
  }

  byte() {
    const { at, bytes } = this;
    if (at >= bytes.length) this.skip(1);
    this.at++;
    return bytes[at];
  }

  /** An unsigned number of 32 bits. */
  number() {
    const { at } = this;
    const value = this.#unsigned(kLongest);
    if (value > 0xffffffff) this.refuse('a number of more than 32 bits', at);
    return value;
  }

  /** An unsigned number of 64 bits; exact up to 2^53, which is more than sizes need. */
  wide() {
    return this.#unsigned(kLongestWide);
  }

  /** @param {number} longest */
  #unsigned(longest) {
    const { at, bytes } = this;
    let value = 0;
    let scale = 1;
    let byte;
    do {
      if (this.at - at === longest) this.refuse(`a number of more than ${longest} bytes`, at);
      if (this.at >= bytes.length) this.skip(1);
      byte = bytes[this.at++];
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte & 0x80);
    return value;
  }

  /** A signed number of 33 bits, as types have them: not negative for an index. */
  signed() {
    const { at } = this;
    const value = this.#unsigned(kLongest);
    const range = 2 ** (7 * (this.at - at));
    return value < range / 2 ? value : value - range;
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
    return decode(this.block());
  }

  /**
   * Notes that the index between `start` and here is to change, if it is; refuses one that is out of bounds.
   * @param {number} space
   * @param {number} start
   * @param {number} index
   * @param {boolean} [signed] whether it stands in a signed number, which needs one bit more
   */
  note(space, start, index, signed) {
    const count = this.counts[space];
    if (count !== undefined && index >= count) this.refuse(`index ${index} of ${count}`, start);
    const to = this.maps[space]?.(index) ?? index;
    if (to !== index) this.change(start, (signed ? signedLeb : leb)(to, this.at - start));
  }

  /**
   * What stands between `start` and here becomes `to`.
   * @param {number} start
   * @param {number[]} to
   */
  change(start, to) {
    this.#changes.push({ start, width: this.at - start, to });
    if (this.#changes.length > kManyChanges) this.#settle();
  }

  /**
   * The bytes from ... to with the noted changes, which are forgotten.
   * @param {number} [from] before the first change
   * @param {number} [to] behind the last
   */
  rewritten(from = 0, to = this.bytes.length) {
    return concatenated(this.rewrittenPieces(from, to));
  }

  /**
   * The same in pieces, those that don't change being parts of `bytes`.
   * @param {number} from
   * @param {number} to
   */
  rewrittenPieces(from, to) {
    if (this.#changes.length) this.#settle();
    const changed = this.#changed.splice(0);
    if (!changed.length) return [this.bytes.subarray(from, to)];
    return [this.bytes.subarray(from, this.#begin), ...changed, this.bytes.subarray(this.#end, to)];
  }

  /** Makes the noted changes, in a copy of the bytes from where the last ones end. */
  #settle() {
    const changes = this.#changes;
    if (!this.#changed.length) this.#begin = this.#end = changes[0].start;
    const last = changes[changes.length - 1];
    const from = this.#end;
    this.#end = last.start + last.width;
    const grown = changes.reduce((sum, { to, width }) => sum + to.length - width, 0);
    this.#changed.push(changedCopy(this.bytes.subarray(from, this.#end), changes, from, grown));
    this.#changes = [];
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {Change[]} changes in their order
 * @param {number} base where `bytes` begins
 * @param {number} grown by how many bytes the changes make it longer
 */
function changedCopy(bytes, changes, base, grown) {
  const out = new Uint8Array(bytes.length + grown);
  if (!grown) out.set(bytes);
  let from = 0;
  let at = 0;
  for (const { start, width, to } of changes) {
    const kept = start - base - from;
    if (grown) out.set(bytes.subarray(from, from + kept), at);
    at += kept;
    for (let i = 0; i < to.length; i++) out[at++] = to[i];
    from += kept + width;
  }
  if (grown) out.set(bytes.subarray(from), at);
  return out;
}
