// memory.wasm, taken apart so that it can be put into any program. It is small (kilobytes); the program may not be.

import { Cursor } from '../wasm/cursor.js';
import { each, limits, typeGroup } from '../wasm/format.js';
import { A_MEMORY, CODE, CUSTOM, DATA_SEGMENTS, EXPORTS, FUNCTIONS, IMPORTS, START, TYPES } from '../wasm/sections.js';

/** @typedef {ReturnType<typeof parseHeap>} Heap */

/** @param {Cursor} cursor on the first byte of a file; leaves it on the first section */
export const header = (cursor) => {
  if (cursor.bytes.subarray(0, 8).join() !== '0,97,115,109,1,0,0,0') cursor.refuse('not a WebAssembly module', 0);
  cursor.at = 8;
};

/**
 * @param {Uint8Array} bytes of memory.wasm
 * @param {string} [file] its name in errors
 */
export const parseHeap = (bytes, file = 'memory.wasm') => {
  const cursor = new Cursor(bytes, file);
  /** The contents of each section. @type {(Uint8Array | undefined)[]} */
  const sections = [];
  /** The contents of its name section. @type {Uint8Array | undefined} */
  let names;
  /** @type {string[]} */
  const types = [];
  /** What it imports. */
  let memory = /** @type {{ module: string, name: string, limits: import('../wasm/format.js').Limits } | undefined} */ (undefined);
  /** The type of each function. @type {number[]} */
  const functions = [];
  /** @type {{ name: string, kind: number, index: number }[]} */
  const exports = [{ name: 'memory', kind: A_MEMORY, index: 0 }];
  /** @type {Uint8Array[]} */
  const bodies = [];
  /** @type {() => never} */
  const refuse = () => cursor.refuse('not a heap, which imports a memory and nothing else, and has no start and no data', 0);

  /** What is read of each section, by its number. @type {Record<number, () => unknown>} */
  const read = {
    [TYPES]: () => typeGroup(cursor, types),
    [IMPORTS]() {
      const module = cursor.text(),
        name = cursor.text();
      if (cursor.byte() !== A_MEMORY || memory) refuse();
      memory = { module, name, limits: limits(cursor) };
    },
    [FUNCTIONS]: () => functions.push(cursor.number()),
    [EXPORTS]: () => exports.push({ name: cursor.text(), kind: cursor.byte(), index: cursor.number() }),
    [CODE]: () => bodies.push(cursor.block()),
  };

  header(cursor);
  while (cursor.at < bytes.length) {
    const id = cursor.byte(),
      contents = (sections[id] = cursor.block()),
      end = cursor.at;
    cursor.at -= contents.length;
    if (id === CUSTOM) {
      if (cursor.text() === 'name') names = bytes.subarray(cursor.at, end);
    } else if (read[id]) each(cursor, read[id]);
    cursor.at = end;
  }
  if (!memory || sections[START] || sections[DATA_SEGMENTS]) refuse();
  return { file, bytes, sections, names, types, memory, functions, exports, bodies };
};
