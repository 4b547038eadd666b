// Makes any module one that a heap can be merged into, without changing what it does: it imports malloc and free, before its own
// imports, so that the indices of all its functions move, and has a memory. Merging then moves them back.

import { concatenated } from '../../../js/wasm/bytes.js';
import { Cursor } from '../../../js/wasm/cursor.js';
import { body, global, IMPORTED, index, limits, segment, table, typeGroup } from '../../../js/wasm/format.js';
import { leb } from '../../../js/wasm/leb128.js';
import { FUNC } from '../../../js/wasm/opcodes.js';
import { CODE, CUSTOM, ELEMENTS, EXPORTS, GLOBALS, IMPORTS, MEMORIES, START, TABLES, TYPES } from '../../../js/wasm/sections.js';
import { assemble } from '../assemble.js';

const ADDED = 2;
const moved = index => index + ADDED;
const text = name => [name.length, ...Buffer.from(name)];
const TYPES_ADDED = [0x60, 1, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 0];

/** A heap for memories of a kind ("32-bit", "64-bit shared"): it hands out numbers. */
const heapFor = kind => assemble(`(module (import "env" "memory" (memory ${kind.startsWith('64') ? 'i64' : ''} 0 ${kind.endsWith('shared') ? '1 shared' : ''}))
  (global $next (mut i32) (i32.const 16)) (table (export "__indirect_function_table") 1 funcref) (elem (i32.const 0) $free)
  (func $malloc (export "malloc") (param i32) (result i32) (global.set $next (i32.add (global.get $next) (local.get 0))) (global.get $next))
  (func $free (export "free") (param i32)))`);
/** @type {Map<string, Uint8Array>} */
const heaps = new Map();

/** @param {Uint8Array} bytes a valid module @returns {{ program: Uint8Array, heap: Uint8Array }} */
export function importHeap(bytes) {
  const cursor = new Cursor(bytes, 'module', 0, [, moved]);
  cursor.at = 8;
  /** @type {{ id: number, parts: Uint8Array[] }[]} */
  const sections = [];
  /** @type {string[]} */
  const types = [];
  let kind = '', hasMemory = false;

  /** @param {number} end @param {() => void} walk @param {number[][]} [before] @param {number[][]} [after] items to add */
  const list = (end, walk, before = [], after = []) => {
    const count = cursor.number(), start = cursor.at;
    for (let i = count; i--;) walk();
    return [leb(count + before.length + after.length), ...before.map(item => Uint8Array.from(item)), cursor.rewritten(start, end), ...after.map(item => Uint8Array.from(item))];
  };
  const typesAdded = () => [TYPES_ADDED.slice(0, 5), TYPES_ADDED.slice(5)];
  const importsAdded = () => [[...text('env'), ...text('malloc'), 0, ...leb(types.length)], [...text('env'), ...text('free'), 0, ...leb(types.length + 1)]];
  const remember = () => { kind ||= limits(cursor); hasMemory = true; };

  while (cursor.at < bytes.length) {
    const id = cursor.byte(), end = cursor.number() + cursor.at, start = cursor.at;
    let parts;
    if (id === TYPES) parts = list(end, () => { typeGroup(cursor, types); }, [], typesAdded());
    else if (id === IMPORTS) {
      parts = list(end, () => {
        cursor.block();
        cursor.block();
        const what = cursor.byte();
        if (what === 2) remember();
        else IMPORTED[what](cursor);
      }, importsAdded());
    } else if (id === MEMORIES) parts = list(end, remember);
    else if (id === TABLES) parts = list(end, () => table(cursor));
    else if (id === GLOBALS) parts = list(end, () => global(cursor));
    else if (id === EXPORTS) parts = list(end, () => { cursor.block(); index(cursor, cursor.byte() ? 0 : FUNC); });
    else if (id === START) {
      index(cursor, FUNC);
      parts = [cursor.rewritten(start, end)];
    } else if (id === ELEMENTS) parts = list(end, () => segment(cursor));
    else if (id === CODE) {
      const bodies = [leb(cursor.number())];
      while (cursor.at < end) {
        const last = cursor.number() + cursor.at, from = cursor.at;
        body(cursor, last);
        const rewritten = cursor.rewritten(from, last);
        bodies.push(leb(rewritten.length), rewritten);
      }
      parts = bodies;
    } else parts = [bytes.subarray(start, end)];
    cursor.at = end;
    if (id !== CUSTOM) sections.push({ id, parts });
  }

  const order = [TYPES, IMPORTS, 3, TABLES, MEMORIES];
  const insert = (id, parts) => {
    const at = sections.findIndex(section => !order.slice(0, order.indexOf(id)).includes(section.id));
    sections.splice(at < 0 ? sections.length : at, 0, { id, parts: parts.map(part => Uint8Array.from(part)) });
  };
  if (!sections.some(({ id }) => id === TYPES)) insert(TYPES, [[2], TYPES_ADDED]);
  if (!sections.some(({ id }) => id === IMPORTS)) insert(IMPORTS, [[2], ...importsAdded()]);
  if (!hasMemory) {
    const own = sections.findIndex(({ id }) => id === MEMORIES);
    if (own >= 0) sections.splice(own, 1); // an empty section
    insert(MEMORIES, [[1, 0, 0]]);
  }
  kind ||= '32-bit';
  if (!heaps.has(kind)) heaps.set(kind, heapFor(kind));
  const whole = sections.flatMap(({ id, parts }) => {
    const contents = concatenated(parts);
    return [Uint8Array.of(id), leb(contents.length), contents];
  });
  return { program: concatenated([bytes.subarray(0, 8), ...whole]), heap: heaps.get(kind) };
}
