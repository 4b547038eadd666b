// A module, read as far as its allocator can be found in it: sections, types, imports, functions and where their bodies are, names, what
// is exported, what stands in tables, and the data. Only reads.

import { Cursor } from '../wasm/cursor.js';
import { each, global, IMPORTED, instructions, limits, segment, table, tag, typeGroup } from '../wasm/format.js';
import { GLOBAL_GET, I32_CONST } from '../wasm/instructions.js';
import { kNames, namesIn } from './names.js';
import {
  A_FUNCTION,
  A_GLOBAL,
  A_MEMORY,
  A_TABLE,
  CODE,
  CUSTOM,
  DATA_SEGMENTS,
  ELEMENTS,
  EXPORTS,
  FUNCTIONS,
  GLOBALS,
  IMPORTS,
  MEMORIES,
  START,
  TABLES,
  TAGS,
  TYPES,
} from '../wasm/sections.js';
import { FUNC } from '../wasm/opcodes.js';

/** @typedef {import('../wasm/format.js').Limits} Limits */

/**
 * @typedef {object} Import
 * @property {string} module
 * @property {string} name
 * @property {number} kind
 * @property {number} [index] of a function
 * @property {Limits} [limits] of a memory or table
 * @property {string} [type] of a global
 * @property {boolean} [mutable] of a global
 *
 * @typedef {object} Extent
 * @property {number} start
 * @property {number} end
 *
 * @typedef {Extent & { id: number, whole: number, name?: string }} Section `whole`: where its id stands; `name` of a custom section
 *
 * @typedef {Extent & { at: number | undefined }} Segment bytes that are copied to the address `at` when the module is instantiated
 *
 * @typedef {ReturnType<typeof readModule>} Module
 */

const kMagic = '0,97,115,109,1,0,0,0';

/**
 * @param {Uint8Array} bytes
 * @param {string} file its name in errors
 */
export function readModule(bytes, file) {
  const cursor = new Cursor(bytes, file);
  if (bytes.subarray(0, 8).join() !== kMagic) cursor.refuse('not a WebAssembly module', 0);
  cursor.at = 8;
  const found = {
    bytes,
    file,
    sections: /** @type {Section[]} */ ([]),
    /** As texts like "(i32, i32) -> i32". */
    types: /** @type {string[]} */ ([]),
    imports: /** @type {Import[]} */ ([]),
    /** The type of each function, imported ones first. */
    functions: /** @type {number[]} */ ([]),
    /** How many of them are imported. */
    imported: 0,
    bodies: /** @type {Extent[]} */ ([]),
    memories: /** @type {Limits[]} */ ([]),
    tables: 0,
    /** Each with its initial value, where that is a constant, and its name, where it is imported. */
    globals: /** @type {{ value?: number, mutable: boolean, type: string, name?: string }[]} */ ([]),
    exports: /** @type {{ name: string, kind: number, index: number }[]} */ ([]),
    /** The names that a function is exported by. */
    exportedAs: /** @type {Map<number, string[]>} */ (new Map()),
    /** Functions that stand in element segments: anybody may call them. */
    elements: /** @type {Set<number>} */ (new Set()),
    start: /** @type {number | undefined} */ (undefined),
    data: /** @type {Segment[]} */ ([]),
    /** Of functions, by index. */
    names: /** @type {Map<number, string>} */ (new Map()),
    customs: /** @type {string[]} */ ([]),
  };
  /** @type {((() => void) | undefined)[]} */
  const items = [];
  items[TYPES] = () => typeGroup(cursor, found.types);
  items[IMPORTS] = () => void found.imports.push(readImport(cursor, found));
  items[FUNCTIONS] = () => void found.functions.push(cursor.number());
  items[TABLES] = () => (table(cursor), void found.tables++);
  items[MEMORIES] = () => void found.memories.push(limits(cursor));
  items[TAGS] = () => tag(cursor);
  items[GLOBALS] = () => void found.globals.push(readGlobal(cursor));
  items[EXPORTS] = () => void found.exports.push({ name: cursor.text(), kind: cursor.byte(), index: cursor.number() });
  items[ELEMENTS] = () => readElements(cursor, found.elements);
  items[CODE] = () => void found.bodies.push(readExtent(cursor));
  items[DATA_SEGMENTS] = () => void found.data.push(readData(cursor));
  while (cursor.at < bytes.length) {
    const whole = cursor.at;
    const id = cursor.byte();
    const size = cursor.number();
    const start = cursor.at;
    cursor.skip(size);
    const end = cursor.at;
    cursor.at = start;
    const name = id === CUSTOM ? cursor.text() : undefined;
    found.sections.push({ id, whole, start, end, name });
    if (name !== undefined) {
      found.customs.push(name);
      if (name === kNames) found.names = namesIn(bytes.subarray(cursor.at, end));
    } else if (id === START) found.start = cursor.number();
    else if (items[id]) each(cursor, items[id]);
    cursor.at = end;
  }
  for (const { name, kind, index } of found.exports) {
    if (kind !== A_FUNCTION) continue;
    const names = found.exportedAs.get(index);
    if (names) names.push(name);
    else found.exportedAs.set(index, [name]);
  }
  return found;
}

/**
 * @param {Cursor} cursor
 * @param {{ functions: number[], imported: number, memories: Limits[], tables: number, globals: { mutable: boolean, type: string, name?: string }[] }} found
 * @returns {Import}
 */
function readImport(cursor, found) {
  const entry = { module: cursor.text(), name: cursor.text(), kind: cursor.byte() };
  if (entry.kind === A_TABLE) {
    // Its limits are of use; format.js reads over them.
    cursor.byte();
    found.tables++;
    return { ...entry, limits: limits(cursor) };
  }
  const item = IMPORTED[entry.kind] ?? cursor.refuse('unknown kind of import', cursor.at - 1);
  const start = cursor.at;
  const value = item(cursor);
  if (entry.kind === A_FUNCTION) {
    found.imported++;
    return { ...entry, index: found.functions.push(value) - 1 };
  }
  if (entry.kind === A_MEMORY) {
    found.memories.push(value);
    return { ...entry, limits: value };
  }
  if (entry.kind !== A_GLOBAL) return entry;
  const type = globalTypeAt(cursor.bytes, start);
  found.globals.push({ ...type, name: entry.name });
  return { ...entry, ...type };
}

/** @type {Record<number, string>} */
const kTypes = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64' };

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
const globalTypeAt = (bytes, at) => ({ type: kTypes[bytes[at]] ?? '?', mutable: bytes[at + 1] === 1 });

/** @param {Cursor} cursor */
function readGlobal(cursor) {
  const start = cursor.at;
  global(cursor);
  const type = globalTypeAt(cursor.bytes, start);
  return { ...type, value: type.type === 'i32' ? constantAt(cursor.bytes, start + 2) : undefined };
}

/** @param {Cursor} cursor */
function readExtent(cursor) {
  const end = cursor.number() + cursor.at;
  const start = cursor.at;
  cursor.skip(end - start);
  return { start, end };
}

/**
 * @param {Cursor} cursor
 * @returns {Segment}
 */
function readData(cursor) {
  const flags = cursor.number();
  if (flags === 2) cursor.number();
  const expression = cursor.at;
  if (flags !== 1) instructions(cursor);
  const at = flags === 1 ? undefined : constantAt(cursor.bytes, expression);
  const { start, end } = readExtent(cursor);
  return { at, start, end };
}

/**
 * The functions that an element segment names. The maps of a cursor are asked for every index that it reads.
 * @param {Cursor} cursor
 * @param {Set<number>} into
 */
function readElements(cursor, into) {
  cursor.maps[FUNC] = (index) => void into.add(index);
  segment(cursor);
  cursor.maps[FUNC] = undefined;
}

/**
 * The number that a constant expression begins with. An address that counts from a global (`global.get $__memory_base`) counts from 0 here.
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function constantAt(bytes, at) {
  if (bytes[at] === GLOBAL_GET) return 0;
  return bytes[at] === I32_CONST ? signedAt(bytes, at + 1) : undefined;
}

/**
 * A signed LEB128 number of 32 bits.
 * @param {Uint8Array} bytes
 * @param {number} at
 */
export function signedAt(bytes, at) {
  let value = 0;
  let shift = 0;
  let byte;
  do {
    byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte & 0x80);
  return shift < 32 && byte & 0x40 ? value | (-1 << shift) : value;
}

/**
 * The type of a function, like "(i32) -> i32".
 * @param {Module} module
 * @param {number} index
 */
export const typeOf = (module, index) => module.types[module.functions[index]];

/**
 * What a function is called in reports: its name, or what it is exported as, and its index.
 * @param {Module} module
 * @param {number} index
 */
export function labelOf({ names, exportedAs }, index) {
  const name = names.get(index) ?? exportedAs.get(index)?.[0];
  return name ? `${name} (func[${index}])` : `func[${index}]`;
}

/**
 * All names of a function: those that it is exported by, then its own.
 * @param {Module} module
 * @param {number} index
 */
export const namesOf = ({ names, exportedAs }, index) => [...(exportedAs.get(index) ?? []), names.get(index) ?? ''];
