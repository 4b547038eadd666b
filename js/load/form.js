// Whether a file is a WebAssembly module at all, and what has probably happened to one that can't be compiled.

import { failure, messageOf } from '../errors.js';
import { concatenate } from '../wasm/bytes.js';
import { decode } from '../wasm/text.js';

const kMagic = '0,97,115,109';

/** @param {Uint8Array} bytes */
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/**
 * @param {Uint8Array} bytes the beginning of a file
 * @param {string} name
 */
export function checkMagic(bytes, name) {
  const version = hex(bytes.subarray(4, 8));
  if (bytes.subarray(0, 4).join() !== kMagic) {
    throw failure('NotWebAssemblyError', [name, hex(bytes.subarray(0, 4)) || 'an empty file', adviceFor(bytes)]);
  }
  if (version.endsWith('00 01 00')) throw failure('NotWebAssemblyError component', [name]);
  if (bytes.length >= 8 && version !== '01 00 00 00') throw failure('NotWebAssemblyError version', [name, version]);
}

/** @param {Uint8Array} bytes */
function adviceFor(bytes) {
  const start = decode(bytes.subarray(0, 99)).trimStart();
  if (start.startsWith('<')) return ' That is an HTML page: the server has no file of that name and answered with a page instead.';
  if (start.startsWith('version https://git-lfs')) return ' It stands for a file in Git LFS: git lfs pull brings that.';
  return start.startsWith('(module') ? ' It is text: assemble it (wat2wasm).' : '';
}

/** The names of sections, by their numbers. */
const kSections = 'custom type import function table memory global export start element code data data-count tag'.split(' ');

/** A section's number, and its size of at most five bytes. */
const kLongestHead = 6;

/** Follows the sections of a file as it arrives: so it is known afterwards whether the file ended inside one. */
export class SectionWalk {
  /** What has arrived of the next section's head. */
  #head = new Uint8Array();
  /** How many bytes are still to come of the section that the file is in. */
  #missing = 8; // magic word and version
  #section = 'header';

  /** @param {Uint8Array} piece */
  follow(piece) {
    let at = this.#missing;
    while (at < piece.length) {
      const before = this.#head.length;
      const head = (this.#head = concatenate([this.#head, piece.subarray(at, at + kLongestHead - before)]));
      const end = head.findIndex((byte, index) => index > 0 && byte < 0x80);
      if (end < 0 && head.length < kLongestHead) break;
      this.#section = kSections[head[0]];
      const size = head.subarray(1, end + 1).reduceRight((sum, byte) => sum * 0x80 + (byte & 0x7f), 0);
      // What is no section says nothing of what follows.
      at = end < 0 || !this.#section ? Infinity : at - before + end + 1 + size;
      this.#head = new Uint8Array();
    }
    this.#missing = Math.max(0, at - piece.length);
  }

  /** The section in which the file has ended, and how many of its bytes are missing; undefined if it ended behind one, or has something else. */
  get cutShort() {
    if (this.#head.length) return { section: 'list of sections', missing: 1 };
    return this.#missing > 0 && this.#missing < Infinity ? { section: `${this.#section} section`, missing: this.#missing } : undefined;
  }
}

/** Fewer of the marks below may be there by chance. */
const kFewMarks = 3;

/**
 * What has happened to a file that can't be compiled, if that shows: bytes became text, and text has line ends and no bytes of any value.
 * @param {Uint8Array} bytes
 * @returns {['line-ends' | 'text'] | []}
 */
function damageOf(bytes) {
  let [afterReturn, feeds, replaced] = [0, 0, 0];
  for (let at = 8; at < bytes.length; at++) {
    if (bytes[at] === 0x0a) {
      feeds++;
      if (bytes[at - 1] === 0x0d) afterReturn++;
    } else if (bytes[at] === 0xbd && bytes[at - 1] === 0xbf && bytes[at - 2] === 0xef) replaced++;
  }
  if (replaced >= kFewMarks) return ['text'];
  return feeds >= kFewMarks && afterReturn === feeds ? ['line-ends'] : [];
}

/**
 * The error for a file that can't be compiled.
 * @param {string} name
 * @param {unknown} error of the engine, or of the reader of the header
 * @param {number} received how many bytes the file has
 * @param {SectionWalk | undefined} walk over all of it, if all of it is here
 * @param {Uint8Array} bytes those of it that are still here
 */
export function invalidModule(name, error, received, walk, bytes) {
  const [damage] = damageOf(bytes);
  const cutShort = walk?.cutShort;
  const facts = [name, messageOf(error), received];
  if (cutShort && !damage) return failure('InvalidModuleError cut-short', [...facts, cutShort.section, cutShort.missing], error);
  return failure(['InvalidModuleError', ...(damage ? [damage] : [])].join(' '), facts, error);
}
