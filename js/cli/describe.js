// What a module is made of, as far as linking is concerned: everything that `inspect` judges. Only reads.

import { Cursor } from '../wasm/cursor.js';
import { eachSection } from '../wasm/each-section.js';
import { each, IMPORTED, instructions, limits, locals, typeGroup } from '../wasm/format.js';
import { CALL, END, I32_CONST, I64_CONST, LOCAL_GET } from '../wasm/instructions.js';
import { CODE, CUSTOM, DATA_SEGMENTS, EXPORTS, FUNCTIONS, GLOBALS, IMPORTS, MEMORIES, START, TYPES } from '../wasm/sections.js';
import { checkForm } from './form.js';

const KINDS = /** @type {const} */ (['function', 'table', 'memory', 'global', 'tag']);

/**
 * @typedef {object} MemoryLimits
 * @property {number} least pages it begins with
 * @property {number | undefined} most pages it may grow to; undefined: as many as there are
 * @property {boolean} shared
 * @property {32 | 64} bits of its addresses
 *
 * @typedef {{ module: string, name: string, kind: typeof KINDS[number], type?: string, memory?: MemoryLimits }} Import
 * @typedef {{ name: string, kind: typeof KINDS[number], index: number }} Export
 * @typedef {{ at: number | undefined, bytes: number }} Segment `at`: undefined where it is not placed at a constant address
 * @typedef {{ first: number | undefined, passesOn: boolean }} Body the function that it calls first, if that is what it begins with;
 *   whether it then only calls others with the arguments it got
 * @typedef {ReturnType<typeof describe>} Description
 */

/** @param {Uint8Array} bytes @param {string} file */
export function describe(bytes, file) {
  checkForm(bytes, file);
  const cursor = new Cursor(bytes, file);
  /** @type {string[]} */
  const types = [];
  /** @type {Import[]} */
  const imports = [];
  /** The type of each function, imported ones first. @type {string[]} */
  const functions = [];
  /** @type {MemoryLimits[]} */
  const memories = [];
  let importedGlobals = 0;
  /** Globals of the module's own, with their value where it is a constant. @type {{ index: number, mutable: boolean, value: number | undefined }[]} */
  const globals = [];
  /** @type {Export[]} */
  const exports = [];
  /** @type {Segment[]} */
  const data = [];
  /** @type {Body[]} */
  const bodies = [];
  /** @type {Map<string, Uint8Array>} */
  const customs = new Map();
  /** The start function. @type {number | undefined} */
  let start;

  /** @returns {MemoryLimits} */
  const memory = () => {
    const { initial, maximum, shared, is64 } = limits(cursor);
    return { least: initial, most: maximum, shared, bits: is64 ? 64 : 32 };
  };
  const readImport = () => {
    const entry = { module: cursor.text(), name: cursor.text(), kind: KINDS[cursor.byte()] };
    const kind = KINDS.indexOf(entry.kind);
    if (entry.kind === 'memory') {
      memories.push(memory());
      imports.push({ ...entry, memory: memories.at(-1) });
    } else if (entry.kind === 'function') {
      functions.push(types[cursor.number()]);
      imports.push({ ...entry, type: functions.at(-1) });
    } else {
      (IMPORTED[kind] ?? cursor.refuse('unknown kind of import'))(cursor);
      if (entry.kind === 'global') importedGlobals++;
      imports.push(entry);
    }
  };
  const readGlobal = () => {
    IMPORTED[3](cursor);
    const mutable = bytes[cursor.at - 1] === 1;
    globals.push({ index: importedGlobals + globals.length, mutable, value: constant(cursor) });
  };
  const readSegment = () => {
    const flags = cursor.number();
    if (flags === 2) cursor.number();
    const at = flags === 1 ? undefined : constant(cursor);
    data.push({ at, bytes: cursor.block().length });
  };
  const readBody = () => {
    const end = cursor.number() + cursor.at;
    locals(cursor);
    const calls = bytes[cursor.at] === CALL,
      first = calls ? (cursor.at++, cursor.number()) : undefined;
    while (bytes[cursor.at] === LOCAL_GET || bytes[cursor.at] === CALL) (cursor.at++, cursor.number());
    bodies.push({ first, passesOn: calls && cursor.at === end - 1 });
    cursor.at = end;
  };

  eachSection(cursor, (id, end) => {
    if (id === TYPES) {
      /** @type {string[]} */
      const found = [];
      each(cursor, () => typeGroup(cursor, found));
      for (const type of found) types.push(type || 'another type');
    } else if (id === IMPORTS) each(cursor, readImport);
    else if (id === FUNCTIONS) each(cursor, () => functions.push(types[cursor.number()]));
    else if (id === MEMORIES) each(cursor, () => memories.push(memory()));
    else if (id === GLOBALS) each(cursor, readGlobal);
    else if (id === EXPORTS) each(cursor, () => exports.push({ name: cursor.text(), kind: KINDS[cursor.byte()], index: cursor.number() }));
    else if (id === START) start = cursor.number();
    else if (id === CODE) each(cursor, readBody);
    else if (id === DATA_SEGMENTS) each(cursor, readSegment);
    else if (id === CUSTOM) customs.set(cursor.text(), bytes.subarray(cursor.at, end));
  });
  return { file, bytes: bytes.length, imports, functions, memories, globals, exports, data, bodies, customs, start, names: names(customs.get('name')) };
}

/** The value of a constant expression, where it is one number that is not negative as an address. @param {Cursor} cursor */
function constant(cursor) {
  const { bytes, at: start } = cursor;
  instructions(cursor);
  const last = cursor.at - 2;
  if ((bytes[start] !== I32_CONST && bytes[start] !== I64_CONST) || bytes[cursor.at - 1] !== END) return undefined;
  let value = 0n;
  for (let at = start + 1, shift = 0n; at <= last; at++, shift += 7n) value |= BigInt(bytes[at] & 0x7f) << shift;
  if (bytes.subarray(start + 1, last).some((byte) => byte < 0x80)) return undefined; // more than the one instruction
  const signed = bytes[last] & 0x40 ? value - (1n << BigInt(7 * (last - start))) : value;
  return Number(BigInt.asUintN(bytes[start] === I32_CONST ? 32 : 64, signed));
}

/** The names of functions and globals. @param {Uint8Array} [section] */
function names(section) {
  /** @type {{ functions: Map<number, string>, globals: Map<number, string> }} */
  const found = { functions: new Map(), globals: new Map() };
  if (!section) return found;
  try {
    const cursor = new Cursor(section, 'name section');
    while (cursor.at < section.length) {
      const part = cursor.byte(),
        end = cursor.number() + cursor.at;
      const into = part === 1 ? found.functions : part === 7 ? found.globals : undefined;
      if (into) each(cursor, () => into.set(cursor.number(), cursor.text()));
      cursor.at = end;
    }
  } catch {
    // what can't be read has no names
  }
  return found;
}
