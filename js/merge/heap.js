// memory.wasm, taken apart so that it can be put into any program. It is small (kilobytes); the program may not be.

import { Cursor } from './cursor.js';
import { limits, typeGroup } from './format.js';
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
  /** The contents of each section after its count. @type {({ start: number, end: number, count: number } | undefined)[]} */
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
  /** Where each body begins and ends, without its size. @type {number[][]} */
  const bodies = [];

  /** What is read of each section, by its number. @type {((() => unknown) | undefined)[]} */
  const read = [
    ,
    () => types.push(...typeGroup(cursor)),
    () => {
      const module = cursor.text(), name = cursor.text();
      if (cursor.byte() !== A_MEMORY) cursor.refuse(`${name} can't be imported from a program`);
      memories.push({ module, name, type: limits(cursor) });
    },
    () => functions.push(cursor.number()),
    , , ,
    () => exports.push({ name: cursor.text(), kind: cursor.byte(), index: cursor.number() }),
    , ,
    () => {
      const size = cursor.number();
      cursor.skip(size);
      bodies.push([cursor.at - size, cursor.at]);
    },
  ];

  header(cursor);
  while (cursor.at < bytes.length) {
    const id = cursor.byte(), end = cursor.number() + cursor.at;
    if (id === CUSTOM) {
      if (cursor.text() === 'name') names = bytes.subarray(cursor.at, end);
    } else {
      const count = cursor.number(), item = read[id];
      sections[id] = { start: cursor.at, end, count };
      if (item) for (let i = count; i--;) item();
    }
    cursor.at = end;
  }
  if (memories.length !== 1 || bodies.length !== functions.length || sections[MEMORIES] || sections[START] || sections[DATA_SEGMENTS]) {
    cursor.refuse('not a heap for other programs: one imports a memory, and has no memory, start function or data', 0);
  }
  return { bytes, file, sections, names, types, memory: memories[0], functions, exports, bodies };
}
