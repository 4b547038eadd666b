// memory.wasm, taken apart so that it can be put into any program. It is small (kilobytes); the program may not be.

import { Cursor } from './cursor.js';
import { each, limits, typeGroup } from './format.js';
import { A_MEMORY, CUSTOM, DATA_SEGMENTS, MEMORIES, START } from './sections.js';

/** @typedef {ReturnType<typeof parseHeap>} Heap */

/** @param {Cursor} cursor on the first byte of a file; leaves it on the first section */
export function header(cursor) {
  if (cursor.bytes.subarray(0, 8).join() !== '0,97,115,109,1,0,0,0') cursor.refuse('not a WebAssembly module', 0);
  cursor.at = 8;
}

/**
 * @param {Uint8Array} bytes of memory.wasm
 * @param {string} file its name, for errors
 */
export function parseHeap(bytes, file) {
  const cursor = new Cursor(bytes, file);
  /** The contents of each section. @type {(Uint8Array | undefined)[]} */
  const sections = [];
  /** The contents of its name section. @type {Uint8Array | undefined} */
  let names;
  /** @type {string[]} */
  const types = [];
  /** The memory it imports. @type {{ module: string, name: string, type: string }[]} */
  const memories = [];
  /** The type of each function. @type {number[]} */
  const functions = [];
  /** @type {{ name: string, kind: number, index: number }[]} */
  const exports = [];
  /** @type {Uint8Array[]} */
  const bodies = [];
  const check = (/** @type {unknown} */ ok) => ok || cursor.refuse('not a heap: one imports a memory, and has no memory, start function or data', 0);

  /** What is read of each section, by its number. @type {((() => unknown) | undefined)[]} */
  const read = [
    ,
    () => typeGroup(cursor, types),
    () => {
      const module = cursor.text(), name = cursor.text();
      check(cursor.byte() === A_MEMORY);
      memories.push({ module, name, type: limits(cursor) });
    },
    () => functions.push(cursor.number()),
    , , ,
    () => exports.push({ name: cursor.text(), kind: cursor.byte(), index: cursor.number() }),
    , ,
    () => bodies.push(cursor.block()),
  ];

  header(cursor);
  while (cursor.at < bytes.length) {
    const id = cursor.byte(), contents = sections[id] = cursor.block(), end = cursor.at;
    cursor.at -= contents.length;
    if (id === CUSTOM) {
      if (cursor.text() === 'name') names = bytes.subarray(cursor.at, end);
    } else if (read[id]) each(cursor, read[id]);
    cursor.at = end;
  }
  check(memories.length === 1 && bodies.length === functions.length && !sections[MEMORIES] && !sections[START] && !sections[DATA_SEGMENTS]);
  return { bytes, file, sections, names, types, memory: memories[0], functions, exports, bodies };
}
