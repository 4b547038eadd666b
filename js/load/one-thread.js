// Programs that were built for one thread, and how far a file can be changed so that several can run it (option makeShared). What differs from
// a program that was linked with --shared-memory:
//
//     memory           says that it is shared, and how far it may grow
//     data segments    passive, copied once           active: each instance writes them into the memory again
//     stack pointer    exported: each thread has a stack of its own
//
// So two modules are made of such a program. The first thread's has the memory shared and the stack pointer exported. That of the threads which
// join has, besides, empty data segments and no start function. What C keeps in static variables is one for all threads, as it was meant for one.

import { Cursor } from '../wasm/cursor.js';
import { text } from '../wasm/encode.js';
import { concatenate } from '../wasm/bytes.js';
import { eachSection } from '../wasm/each-section.js';
import { firstGlobal } from '../wasm/first-global.js';
import { END, GLOBAL_GET, I32_CONST, I64_CONST } from '../wasm/instructions.js';
import { leb } from '../wasm/leb128.js';
import { A_GLOBAL, DATA_SEGMENTS, EXPORTS, IMPORTS, MEMORIES, START } from '../wasm/sections.js';

/** @typedef {import('../wasm/header.js').Header} Header */
/** @typedef {import('./input.js').Input} Input */

export const kStackPointer = '__stack_pointer';

/** 2 GiB, for a program that has no maximum: up to there an address is no negative number in JavaScript. */
const kMostPages = 32768;
const kSharedWithMaximum = 3,
  kWide = 4;
/** The flags of a data segment. */
const kPassive = 1,
  kOfMemory = 2;

/**
 * The two modules of a program that was built for one thread.
 * @param {Uint8Array} bytes all of it
 * @param {Header} header
 */
export function forThreads(bytes, header) {
  const changes = { ...sharedMemory(bytes, header), ...exportedStackPointer(bytes, header) };
  return {
    first: changed(bytes, changes),
    joining: changed(bytes, { ...changes, [START]: () => [], [DATA_SEGMENTS]: (/** @type {Cursor} */ cursor) => withoutData(cursor, header.heapMemory) }),
  };
}

/**
 * A change of a section: gets a cursor over its body, and returns the new one; nothing, if the section is to go.
 * @typedef {(cursor: Cursor) => Uint8Array | number[]} Change
 */

/**
 * @param {Uint8Array} bytes
 * @param {Record<number, Change>} changes by the section's number
 */
function changed(bytes, changes) {
  const pieces = [bytes.subarray(0, 8)];
  const cursor = new Cursor(bytes, '');
  eachSection(cursor, (id, end, start) => {
    if (!changes[id]) pieces.push(bytes.subarray(start, end));
    else {
      const made = changes[id](new Cursor(bytes.subarray(cursor.at, end), '', cursor.at));
      if (made.length) pieces.push(Uint8Array.of(id, ...leb(made.length)), Uint8Array.from(made));
    }
  });
  return concatenate(pieces);
}

/**
 * @param {Uint8Array} bytes
 * @param {Header} header
 * @returns {Record<number, Change>}
 */
function sharedMemory(bytes, { memories, heapMemory }) {
  const memory = memories[heapMemory ?? -1];
  if (!memory || memory.shared) return {};
  const { initial, maximum = Math.max(initial, kMostPages), is64, span } = memory;
  const limits = [kSharedWithMaximum | (is64 ? kWide : 0), ...leb(initial), ...leb(maximum)];
  return {
    [memory.import ? IMPORTS : MEMORIES](/** @type {Cursor} */ cursor) {
      cursor.at = span.end - cursor.base;
      cursor.change(span.start - cursor.base, limits);
      return cursor.rewritten();
    },
  };
}

/**
 * The stack pointer is the first global, and gets its name.
 * @param {Uint8Array} bytes
 * @param {Header} header
 * @returns {Record<number, Change>}
 */
function exportedStackPointer(bytes, header) {
  const { imports, exports } = header;
  if (exports.some(({ name }) => name === kStackPointer) || !isStackPointer(firstGlobal(bytes, header))) return {};
  const number = imports.filter(({ kind }) => kind === A_GLOBAL).length;
  return {
    [EXPORTS](cursor) {
      const count = cursor.number();
      cursor.change(0, leb(count + 1));
      return concatenate([cursor.rewritten(), text(kStackPointer), [A_GLOBAL], leb(number)]);
    },
  };
}

/**
 * Whether it can be the address of a stack's end.
 * @param {number} [value] of the first global
 */
const isStackPointer = (value = 0) => value > 0 && value % 16 === 0;

/**
 * @param {Cursor} cursor over the data segments
 * @param {number | undefined} memory whose active segments are emptied
 */
function withoutData(cursor, memory) {
  eachActive(cursor, memory, (start) => cursor.change(start, leb(0)));
  return cursor.rewritten();
}

/**
 * @param {Cursor} cursor over the data segments
 * @param {number | undefined} memory
 * @param {(start: number, length: number) => void} found called with the place of each active segment's bytes, with their length in front
 */
function eachActive(cursor, memory, found) {
  for (let count = cursor.number(); count > 0; count--) {
    const flags = cursor.number();
    const of = flags === kOfMemory ? cursor.number() : 0;
    if (flags !== kPassive) passOffset(cursor);
    const start = cursor.at;
    const { length } = cursor.block();
    if (flags !== kPassive && of === memory) found(start, length);
  }
}

/**
 * Where a segment goes: constants, globals and sums of them.
 * @param {Cursor} cursor
 */
function passOffset(cursor) {
  for (let opcode; opcode !== END;) {
    opcode = cursor.byte();
    if ([I32_CONST, I64_CONST, GLOBAL_GET].includes(opcode)) cursor.wide();
  }
}

/**
 * Whether each instance of the module writes its data into the memory.
 * @param {Uint8Array} bytes all of it
 * @param {Header} header
 */
export function writesData(bytes, { heapMemory }) {
  const cursor = new Cursor(bytes, '');
  let length = 0;
  eachSection(cursor, (id, end) => {
    if (id === DATA_SEGMENTS) eachActive(new Cursor(bytes.subarray(cursor.at, end), ''), heapMemory, (_, bytes) => (length += bytes));
  });
  return length > 0;
}
