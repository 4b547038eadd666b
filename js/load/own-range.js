// Which addresses a module that is not position-independent takes for itself: its data, its stack, and what lies between.

import { Cursor } from '../wasm/cursor.js';
import { eachSection } from '../wasm/each-section.js';
import { least, most } from '../wasm/extremes.js';
import { each, globalType, instructions } from '../wasm/format.js';
import { readHeader } from '../wasm/header.js';
import { I32_CONST } from '../wasm/instructions.js';
import { A_GLOBAL, DATA_SEGMENTS, GLOBALS } from '../wasm/sections.js';

const kPage = 65536;
/** No linker lets a stack begin lower. */
const kLowestStack = 1024;

/**
 * @param {Uint8Array} bytes of the whole module
 * @param {string} name
 */
export function ownRange(bytes, name) {
  const { data, globals } = read(bytes, name);
  const { exports, imports, memories } = /** @type {import('../wasm/header.js').Header} */ (readHeader(bytes, true));
  const imported = imports.filter(({ kind }) => kind === A_GLOBAL).length;
  const heapBase = exports.find((entry) => entry.name === '__heap_base' && entry.kind === A_GLOBAL);
  const base = heapBase && globals[heapBase.index - imported]?.value;
  // The stack pointer is the first global that wasm-ld writes.
  const [stack] = globals.filter(({ mutable, value }) => mutable && value !== undefined && value >= kLowestStack && value % 16 === 0);
  const starts = [...data.map(({ start }) => start), ...(stack ? [stack.value ?? 0] : [])];
  const ends = [...data.map(({ end }) => end), ...(stack ? [stack.value ?? 0] : []), ...(base === undefined ? [] : [base])];
  return { start: least(starts), end: most(ends), least: (memories[0]?.initial ?? 0) * kPage };
}

/**
 * @param {Uint8Array} bytes
 * @param {string} name
 */
function read(bytes, name) {
  const cursor = new Cursor(bytes, name);
  /** @type {{ start: number, end: number }[]} */
  const data = [];
  /** @type {{ mutable: boolean, value: number | undefined }[]} */
  const globals = [];
  eachSection(cursor, (id) => {
    if (id === GLOBALS) each(cursor, () => globals.push(readGlobal(cursor)));
    else if (id === DATA_SEGMENTS) each(cursor, () => data.push(...readSegment(cursor)));
  });
  return { data, globals };
}

/** @param {Cursor} cursor */
function readGlobal(cursor) {
  globalType(cursor);
  const mutable = cursor.bytes[cursor.at - 1] === 1;
  return { mutable, value: constant(cursor) };
}

/**
 * A segment with an address that is not a constant comes from the host, who knows what lies there.
 * @param {Cursor} cursor
 */
function readSegment(cursor) {
  const flags = cursor.number();
  if (flags === 2) cursor.number();
  const start = flags === 1 ? undefined : constant(cursor);
  const { length } = cursor.block();
  return start === undefined || !length ? [] : [{ start, end: start + length }];
}

/**
 * The value of a constant expression, if it is one i32.const.
 * @param {Cursor} cursor
 */
function constant(cursor) {
  const { at: start, bytes } = cursor;
  instructions(cursor);
  if (bytes[start] !== I32_CONST) return undefined;
  const number = new Cursor(bytes, cursor.file);
  number.at = start + 1;
  const value = number.signed();
  return number.at === cursor.at - 1 ? value >>> 0 : undefined;
}
