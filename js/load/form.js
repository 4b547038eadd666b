// Whether a file is a WebAssembly module at all, and what has probably happened to one that can't be compiled.

import { failure } from '../errors.js';
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

/** Fewer of the marks below may be there by chance. */
const kFewMarks = 3;

/**
 * What has happened to a file that can't be compiled, if that shows: bytes became text, and text has line ends and no bytes of any value.
 * @param {Uint8Array} bytes
 * @returns {['line-ends' | 'text'] | []}
 */
export function damageOf(bytes) {
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
