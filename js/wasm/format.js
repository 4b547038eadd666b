// The binary format, item by item: each function walks the cursor over one item and notes the indices in it that must
// change. Nothing is validated: the engine does that with the result. What must be right is where items begin and end.

import { BLOCK_TYPE, DATA, FUNC, HEAP_TYPE, IMMEDIATES, MEMARG, MEMORY, PAGE, TABLE, TAG, TYPE, UNKNOWN } from './opcodes.js';
import { leb } from './leb128.js';

/** @typedef {import('./cursor.js').Cursor} Cursor */
/** @typedef {(cursor: Cursor) => any} Item */

const END = 0x0b, FUNCREF = 0x70;

/** @param {Cursor} cursor @param {Item} item @param {number} [count] */
export const each = (cursor, item, count = cursor.number()) => {
  while (count--) item(cursor);
};

/** @param {Cursor} cursor @param {number} space */
export const index = (cursor, space) => {
  const start = cursor.at, value = cursor.number();
  cursor.note(space, start, value);
  return value;
};

/** Any LEB128 number. @type {Item} */
const number = cursor => cursor.number();

/** Whether a byte is an abstract heap type: from exn (69) through any, extern, func to noexn (74). @param {number} byte */
const isHeapType = byte => byte > 0x68 && byte < 0x75;

/** One byte for an abstract type, or a type index as a non-negative signed number. @param {Cursor} cursor */
const heapType = (cursor) => {
  const start = cursor.at, value = cursor.number();
  if (cursor.at > start + 1 || value < 0x40) cursor.note(TYPE, start, value, true);
  else if (!isHeapType(value)) cursor.refuse('unknown type', start);
};

/**
 * A number (7b ... 7f), a reference (63, 64 and a heap type), or an abstract heap type for a nullable reference.
 * @type {Item}
 */
const valueType = (cursor) => {
  const byte = cursor.byte();
  if (byte === 0x63 || byte === 0x64) heapType(cursor);
  else if (!isHeapType(byte) && (byte < 0x7b || byte > 0x7f)) cursor.refuse('unknown type', cursor.at - 1);
};

/** Nothing (40), a value type, or a type index. @type {Item} */
const blockType = (cursor) => {
  const byte = cursor.bytes[cursor.at];
  if (byte === 0x40) cursor.at++;
  else if (byte > 0x40 && byte < 0x80) valueType(cursor);
  else heapType(cursor);
};

/**
 * Alignment and offset. Bit 6 of the alignment says that a memory index stands between them, otherwise it is memory 0.
 * @type {Item}
 */
const memarg = (cursor) => {
  const start = cursor.at, flags = cursor.number(), memory = cursor.maps[MEMORY]?.(0);
  if (flags & 0x40) index(cursor, MEMORY);
  else if (memory) cursor.change(start, [flags | 0x40, ...leb(memory)]);
  cursor.number();
};

/** @type {Item} */
const catchClause = (cursor) => {
  const kind = cursor.byte();
  if (kind > 3) cursor.refuse('unknown catch', cursor.at - 1);
  if (kind < 2) index(cursor, TAG);
  cursor.number();
};

/** The immediates from HEAP_TYPE on, in the order of opcodes.js. @type {Item[]} */
const RARE = [
  heapType,
  blockType,
  memarg,
  cursor => (each(cursor, number), cursor.number()),
  cursor => each(cursor, valueType),
  cursor => each(cursor, catchClause),
  cursor => cursor.skip(4),
];

/**
 * Instructions up to `end`; without it a constant expression, up to its `end` instruction.
 * This is where the time of a merge goes, hence the short ways.
 * @param {Cursor} cursor @param {number} [end]
 */
export const instructions = (cursor, end) => {
  const { bytes, maps } = cursor, last = end ?? bytes.length, otherMemory = maps[MEMORY]?.(0);
  // Single immediates above this and below HEAP_TYPE are numbers that stay: in a program all but functions, in the heap no index.
  const changing = maps[TYPE] ? DATA : FUNC;
  let { at } = cursor, opcode;
  while (at < last && (end || opcode !== END)) {
    opcode = bytes[at++];
    const immediates = IMMEDIATES[opcode];
    if (!immediates) continue;
    if (immediates > changing && immediates < HEAP_TYPE) while (bytes[at++] > 0x7f);
    else if (immediates === MEMARG && !otherMemory && !(bytes[at] & 0x40)) {
      while (bytes[at++] > 0x7f);
      while (bytes[at++] > 0x7f);
    } else if (immediates === BLOCK_TYPE && (bytes[at] === 0x40 || bytes[at] >> 3 === 0x0f)) at++; // no type, or a number
    else {
      cursor.at = at;
      immediatesOf(cursor, opcode);
      at = cursor.at;
    }
  }
  cursor.at = at;
  if (at > last) cursor.refuse('code runs over its end', last);
};

/** @param {Cursor} cursor behind the opcode @param {number} opcode */
const immediatesOf = (cursor, opcode) => {
  const start = cursor.at - 1, page = opcode > 0xfa && opcode < 0xff ? opcode - 0xfa : 0;
  if (page) opcode = cursor.number();
  let immediates = opcode < PAGE ? IMMEDIATES[page * PAGE + opcode] : UNKNOWN;
  if (immediates === UNKNOWN) cursor.refuse('unknown instruction', start);
  for (; immediates; immediates >>= 5) {
    const kind = immediates & 31;
    if (kind < HEAP_TYPE) index(cursor, kind);
    else RARE[kind - HEAP_TYPE](cursor);
  }
};

/** The locals of a function, in runs of one type. @type {Item} */
export const locals = cursor => each(cursor, () => { cursor.number(); valueType(cursor); });

/** @param {Cursor} cursor @param {number} [end] */
export const body = (cursor, end = cursor.bytes.length) => {
  locals(cursor);
  instructions(cursor, end);
};

/** Limits of a memory or table. @param {Cursor} cursor @returns {string} the kind of memory */
export const limits = (cursor) => {
  const start = cursor.at, flags = cursor.number();
  if (flags > 0xf) cursor.refuse('unknown limits', start);
  cursor.number();
  if (flags & 1) cursor.number();
  if (flags & 8) cursor.number(); // the page size, as a power of two
  return `${flags & 4 ? 64 : 32}-bit${flags & 2 ? ' shared' : ''}`;
};

/** @type {Item} */
const tableType = (cursor) => {
  valueType(cursor);
  limits(cursor);
};

/** @type {Item} */
export const table = (cursor) => {
  const initialized = cursor.bytes[cursor.at] === 0x40;
  if (initialized) cursor.skip(2);
  tableType(cursor);
  if (initialized) instructions(cursor);
};

/** @type {Item} */
const globalType = (cursor) => {
  valueType(cursor);
  cursor.byte();
};

/** @type {Item} */
export const global = (cursor) => {
  globalType(cursor);
  instructions(cursor);
};

/** @type {Item} */
export const tag = (cursor) => {
  cursor.byte();
  index(cursor, TYPE);
};

/** What follows the kind in an import: function 0, table 1, memory 2, global 3, tag 4. @type {Item[]} */
export const IMPORTED = [cursor => index(cursor, TYPE), tableType, limits, globalType, tag];

/**
 * An element segment. Bit 0: passive or declarative; bit 1: names its table, or is declarative; bit 2: expressions
 * instead of indices. Where it doesn't name its table, which is table 0, it may have to: with the kind of its elements.
 * @type {Item}
 */
export const segment = (cursor) => {
  const start = cursor.at, flags = cursor.number(), inTable = flags & 3 ? 0 : cursor.maps[TABLE]?.(0);
  if (flags > 7) cursor.refuse('unknown segment', start);
  if (inTable) cursor.change(start, [flags | 2, ...leb(inTable)]);
  if ((flags & 3) === 2) index(cursor, TABLE);
  if (!(flags & 1)) instructions(cursor);
  if (inTable) cursor.change(cursor.at, [flags ? FUNCREF : 0]);
  if (flags & 3) flags & 4 ? valueType(cursor) : cursor.byte();
  each(cursor, flags & 4 ? () => instructions(cursor) : () => index(cursor, FUNC));
};

/**
 * A type, or a recursive group of them. Adds a text for each to `types`: when that of a plain function type of numbers is
 * equal to another's, the types are.
 * @param {Cursor} cursor @param {string[]} types
 */
export const typeGroup = (cursor, types) => {
  if (cursor.bytes[cursor.at] !== 0x4e) return types.push(subType(cursor));
  cursor.at++;
  each(cursor, () => types.push(`in a group ${subType(cursor)}`));
};

/** @param {Cursor} cursor */
const subType = (cursor) => {
  const { at, bytes } = cursor, kind = bytes[at];
  if (kind === 0x50 || kind === 0x4f) {
    cursor.at++;
    each(cursor, () => index(cursor, TYPE));
  }
  compositeType(cursor);
  return bytes.subarray(at, cursor.at).join();
};

/** @param {Cursor} cursor */
const compositeType = (cursor) => {
  const kind = cursor.byte();
  if (kind === 0x60) {
    each(cursor, valueType);
    each(cursor, valueType);
  } else if (kind === 0x5f) each(cursor, field);
  else if (kind === 0x5e) field(cursor);
  else cursor.refuse('unknown type', cursor.at - 1);
};

/** A packed integer (77, 78) or value type, and whether it can change. @type {Item} */
const field = (cursor) => {
  const byte = cursor.bytes[cursor.at];
  if (byte === 0x77 || byte === 0x78) cursor.at++;
  else valueType(cursor);
  cursor.byte();
};
