// The binary format, item by item: each function walks the cursor over one item and notes the indices in it that must
// change. Nothing is validated but that items and indices lie within their bounds: the engine does the rest.

import { END } from './instructions.js';
import { BLOCK_TYPE, FUNC, HEAP_TYPE, IMMEDIATES, LEB, MEMARG, MEMORY, PAGE, TABLE, TAG, TYPE, UNKNOWN } from './opcodes.js';
import { leb } from './leb128.js';

/** @typedef {import('./cursor.js').Cursor} Cursor */
/** @typedef {(cursor: Cursor) => any} Item */

const FUNCREF = 0x70;
const FUNCTION_TYPE = 0x60;
const STRUCT_TYPE = 0x5f;
const ARRAY_TYPE = 0x5e;
const SUB_TYPE = 0x50;
const FINAL_SUB_TYPE = 0x4f;
const GROUP = 0x4e;

/**
 * @param {Cursor} cursor
 * @param {Item} item takes at least one byte: so a count can't be larger than what follows it
 * @param {number} [count]
 */
export function each(cursor, item, count = cursor.number()) {
  while (count--) item(cursor);
}

/**
 * @param {Cursor} cursor
 * @param {number} space
 */
export function index(cursor, space) {
  const start = cursor.at;
  const value = cursor.number();
  cursor.note(space, start, value);
  return value;
}

/** Any LEB128 number. @type {Item} */
const number = (cursor) => cursor.wide();

/** Whether a byte is an abstract heap type: from exn (69) through any, extern, func to noexn (74). @param {number} byte */
const isHeapType = (byte) => byte > 0x68 && byte < 0x75;

/** An abstract type as a negative number, or a type index. @param {Cursor} cursor */
function heapType(cursor) {
  const start = cursor.at;
  const value = cursor.signed();
  if (value >= 0) cursor.note(TYPE, start, value, true);
  else if (!isHeapType(value + 0x80)) cursor.refuse('unknown type', start);
}

/** The types that a function of the heap can have, by their byte. */
const kNames = /** @type {Record<number, string>} */ ({
  0x7f: 'i32',
  0x7e: 'i64',
  0x7d: 'f32',
  0x7c: 'f64',
  0x7b: 'v128',
  0x70: 'funcref',
  0x6f: 'externref',
});

/**
 * A number (7b ... 7f), a reference (63, 64 and a heap type), or an abstract heap type for a nullable reference.
 * @param {Cursor} cursor
 * @returns {string} its name; '?' if it has none here
 */
export function valueType(cursor) {
  const byte = cursor.byte();
  if (byte === 0x63 || byte === 0x64) heapType(cursor);
  else if (!isHeapType(byte) && (byte < 0x7b || byte > 0x7f)) cursor.refuse('unknown type', cursor.at - 1);
  return kNames[byte] ?? '?';
}

/** Nothing (40), a value type, or a type index. @type {Item} */
function blockType(cursor) {
  const byte = cursor.bytes[cursor.at];
  if (byte === 0x40) cursor.at++;
  else if (byte > 0x40 && byte < 0x80) valueType(cursor);
  else heapType(cursor);
}

/**
 * Alignment and offset. Bit 6 of the alignment says that a memory index stands between them, otherwise it is memory 0.
 * @type {Item}
 */
function memarg(cursor) {
  const start = cursor.at;
  const flags = cursor.number();
  const memory = cursor.maps[MEMORY]?.(0);
  if (flags & 0x40) index(cursor, MEMORY);
  else if (memory) cursor.change(start, [flags | 0x40, ...leb(memory)]);
  cursor.wide();
}

/** @type {Item} */
function catchClause(cursor) {
  const kind = cursor.byte();
  if (kind > 3) cursor.refuse('unknown catch', cursor.at - 1);
  if (kind < 2) index(cursor, TAG);
  cursor.number();
}

/** @type {Item} */
function branchTable(cursor) {
  each(cursor, number);
  cursor.number();
}

/** The immediates from HEAP_TYPE on, in the order of opcodes.js. @type {Item[]} */
const kImmediates = [
  heapType,
  blockType,
  memarg,
  branchTable,
  (cursor) => each(cursor, valueType),
  (cursor) => each(cursor, catchClause),
  (cursor) => cursor.skip(4),
];

/**
 * Instructions up to `end`; without it a constant expression, up to its `end` instruction.
 * This is where the time of a merge goes, hence the short ways for what never changes.
 * @param {Cursor} cursor
 * @param {number} [end]
 */
export function instructions(cursor, end) {
  const { bytes, maps } = cursor;
  const last = end ?? bytes.length;
  const otherMemory = maps[MEMORY]?.(0);
  let { at } = cursor;
  let opcode;
  while (at < last && (end || opcode !== END)) {
    opcode = bytes[at++];
    const immediates = IMMEDIATES[opcode];
    if (!immediates) continue;
    if (immediates === LEB) while (bytes[at++] > 0x7f);
    else if (immediates === MEMARG && !otherMemory && !(bytes[at] & 0x40)) {
      while (bytes[at++] > 0x7f);
      while (bytes[at++] > 0x7f);
    } else if (immediates === BLOCK_TYPE && (bytes[at] === 0x40 || bytes[at] >> 3 === 0x0f))
      at++; // none, or a number
    else {
      cursor.at = at;
      immediatesOf(cursor, opcode);
      at = cursor.at;
    }
  }
  cursor.at = at;
  if (at > last || (!end && opcode !== END)) cursor.refuse('code runs over its end', last);
}

/**
 * @param {Cursor} cursor behind the opcode
 * @param {number} opcode
 */
export function immediatesOf(cursor, opcode) {
  const start = cursor.at - 1;
  const page = opcode > 0xfa && opcode < 0xff ? opcode - 0xfa : 0;
  if (page) opcode = cursor.number();
  let immediates = opcode < PAGE ? IMMEDIATES[page * PAGE + opcode] : UNKNOWN;
  if (immediates === UNKNOWN) cursor.refuse('unknown instruction', start);
  for (; immediates; immediates >>= 5) {
    const kind = immediates & 31;
    if (kind < LEB) index(cursor, kind);
    else if (kind === LEB) cursor.wide();
    else kImmediates[kind - HEAP_TYPE](cursor);
  }
}

/** The locals of a function, in runs of one type. @type {Item} */
export const locals = (cursor) => each(cursor, run);

/** @type {Item} */
function run(cursor) {
  cursor.number();
  valueType(cursor);
}

/**
 * @param {Cursor} cursor
 * @param {number} [end]
 */
export function body(cursor, end = cursor.bytes.length) {
  locals(cursor);
  instructions(cursor, end);
}

/**
 * @typedef {object} Limits of a memory or table
 * @property {number} initial pages
 * @property {number | undefined} maximum pages
 * @property {boolean} shared
 * @property {boolean} is64 addresses are 64-bit
 * @property {Extent} span where the limits stand in the file
 *
 * @typedef {object} Extent a range of the file
 * @property {number} start
 * @property {number} end
 */

/**
 * @param {Cursor} cursor
 * @returns {Limits}
 */
export function limits(cursor) {
  const start = cursor.at;
  const flags = cursor.byte();
  if (flags > 0xf) cursor.refuse('unknown limits', start);
  const initial = cursor.wide();
  const maximum = flags & 1 ? cursor.wide() : undefined;
  if (flags & 8) cursor.number(); // the page size, as a power of two
  const span = { start: cursor.base + start, end: cursor.base + cursor.at };
  return { initial, maximum, shared: !!(flags & 2), is64: !!(flags & 4), span };
}

/** @type {Item} */
function tableType(cursor) {
  valueType(cursor);
  limits(cursor);
}

/** @type {Item} */
export function table(cursor) {
  const initialized = cursor.bytes[cursor.at] === 0x40;
  if (initialized) cursor.skip(2);
  tableType(cursor);
  if (initialized) instructions(cursor);
}

/** @type {Item} */
export function globalType(cursor) {
  valueType(cursor);
  cursor.byte();
}

/** @type {Item} */
export function global(cursor) {
  globalType(cursor);
  instructions(cursor);
}

/** @type {Item} */
export function tag(cursor) {
  cursor.byte();
  index(cursor, TYPE);
}

/** What follows the kind in an import: function 0, table 1, memory 2, global 3, tag 4. @type {Item[]} */
export const IMPORTED = [(cursor) => index(cursor, TYPE), tableType, limits, globalType, tag];

/**
 * An element segment. Bit 0: passive or declarative; bit 1: names its table, or is declarative; bit 2: expressions
 * instead of indices. Where it doesn't name its table, which is table 0, it may have to: with the kind of its elements.
 * @type {Item}
 */
export function segment(cursor) {
  const start = cursor.at;
  const flags = cursor.number();
  if (flags > 7) cursor.refuse('unknown segment', start);
  const isOfTable0 = !(flags & 3);
  if (isOfTable0 && cursor.counts[TABLE] === 0) cursor.refuse('index 0 of 0', start);
  const inTable = isOfTable0 ? cursor.maps[TABLE]?.(0) : 0;
  if (inTable) cursor.change(start, [flags | 2, ...leb(inTable)]);
  if ((flags & 3) === 2) index(cursor, TABLE);
  if (!(flags & 1)) instructions(cursor);
  if (inTable) cursor.change(cursor.at, [flags ? FUNCREF : 0]);
  if (flags & 3) flags & 4 ? valueType(cursor) : cursor.byte();
  each(cursor, flags & 4 ? (item) => instructions(item) : functionIndex);
}

/**
 * A data segment.
 * @type {Item}
 */
export function dataSegment(cursor) {
  const start = cursor.at;
  const flags = cursor.number();
  if (flags > 2) cursor.refuse('unknown segment', start);
  if (flags === 2) index(cursor, MEMORY);
  if (flags !== 1) instructions(cursor);
  cursor.block();
}

/** @type {Item} */
const functionIndex = (cursor) => index(cursor, FUNC);

/**
 * A type, or a group of types that may name each other. Adds a text for each to `types`: that of a function type is like
 * "(i32, i64) -> i32", that of another is empty. A type in a group of its own, or one that says it is final, is the plain one.
 * @param {Cursor} cursor
 * @param {string[]} types
 */
export function typeGroup(cursor, types) {
  if (cursor.bytes[cursor.at] !== GROUP) return void types.push(subType(cursor));
  cursor.at++;
  const count = cursor.number();
  each(cursor, () => types.push(count === 1 ? subType(cursor) : (subType(cursor), '')), count);
}

/** @param {Cursor} cursor */
function subType(cursor) {
  const kind = cursor.bytes[cursor.at];
  if (kind !== SUB_TYPE && kind !== FINAL_SUB_TYPE) return compositeType(cursor);
  cursor.at++;
  const supertypes = cursor.number();
  each(cursor, (item) => index(item, TYPE), supertypes);
  const type = compositeType(cursor);
  return kind === FINAL_SUB_TYPE && !supertypes ? type : '';
}

/** @param {Cursor} cursor */
function compositeType(cursor) {
  const kind = cursor.byte();
  if (kind === FUNCTION_TYPE) return `(${valueTypes(cursor)}) -> ${valueTypes(cursor) || 'nothing'}`;
  if (kind === STRUCT_TYPE) each(cursor, field);
  else if (kind === ARRAY_TYPE) field(cursor);
  else cursor.refuse('unknown type', cursor.at - 1);
  return '';
}

/** @param {Cursor} cursor */
function valueTypes(cursor) {
  /** @type {string[]} */
  const names = [];
  each(cursor, () => names.push(valueType(cursor)));
  return names.join(', ');
}

/** A packed integer (77, 78) or value type, and whether it can change. @type {Item} */
export function field(cursor) {
  const byte = cursor.bytes[cursor.at];
  if (byte === 0x77 || byte === 0x78) cursor.at++;
  else valueType(cursor);
  cursor.byte();
}
