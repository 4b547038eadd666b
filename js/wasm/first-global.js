// The first global that a module defines. A linker of C puts the stack pointer there.

import { Cursor } from './cursor.js';
import { I32_CONST } from './instructions.js';
import { GLOBALS } from './sections.js';

const kI32 = 0x7f,
  kMutable = 1;

/**
 * Its initial value, if it is a mutable i32 with a constant.
 * @param {Uint8Array} bytes up to the exports, at least
 * @param {import('./header.js').Header} header
 */
export function firstGlobal(bytes, { sections }) {
  const section = sections.find(({ id }) => id === GLOBALS);
  if (!section) return undefined;
  const cursor = new Cursor(bytes.subarray(section.body.start, section.body.end), '');
  return cursor.number() && cursor.byte() === kI32 && cursor.byte() === kMutable && cursor.byte() === I32_CONST ? cursor.number() : undefined;
}
