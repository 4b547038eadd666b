// What the loader must know of a module before it is compiled, and what the engines don't say: its memories and their limits,
// which of them is the heap's, and the types of its functions. All of it stands in the sections up to the exports, so a
// download need not be complete. Only reads.

import { Cursor, FormatError } from './cursor.js';
import { each, IMPORTED, limits, typeGroup } from './format.js';
import { A_FUNCTION, A_MEMORY, CUSTOM, EXPORTS, FUNCTIONS, IMPORTS, MEMORIES, ORDER, TYPES } from './sections.js';

/** @typedef {import('./format.js').Extent} Extent */
/** @typedef {import('./format.js').Limits} Limits */

/**
 * @typedef {object} Import
 * @property {string} module
 * @property {string} name
 * @property {number} kind
 * @property {number} [type] index of a function's type
 *
 * @typedef {Limits & { import?: Import }} Memory with its import, when it is imported
 *
 * @typedef {{ name: string, kind: number, index: number }} Export
 *
 * @typedef {object} Section
 * @property {number} id
 * @property {Extent} whole with its id and size
 * @property {Extent} body
 *
 * @typedef {object} Header
 * @property {Section[]} sections those up to and including the exports
 * @property {string[]} types by index, as texts like "(i32, i64) -> i32": empty for those that are no functions of numbers
 * @property {Import[]} imports
 * @property {number[]} functions the type of each function that the module defines
 * @property {Export[]} exports
 * @property {Memory[]} memories imported ones first
 * @property {number | undefined} heapMemory which of them is the heap's; undefined if there is none, or several of which no name says it
 */

/** The name under which a heap imports its memory, and programs do. */
export const kMemoryName = { module: 'env', name: 'memory' };

/**
 * Reads the sections up to the exports. Returns undefined if `bytes` stops before they do and `complete` is false.
 * Throws FormatError for what can't be read.
 * @param {Uint8Array} bytes the start of a file
 * @param {boolean} complete whether that is all of it
 * @returns {Header | undefined}
 */
export function readHeader(bytes, complete) {
  const sections = readSections(bytes, complete);
  if (!sections) return undefined;
  /** @type {Header} */
  const header = { sections, types: [], imports: [], functions: [], exports: [], memories: [], heapMemory: undefined };
  readSection(bytes, header, TYPES, (cursor) => typeGroup(cursor, header.types));
  readSection(bytes, header, IMPORTS, (cursor) => void header.imports.push(readImport(cursor, header.memories)));
  readSection(bytes, header, FUNCTIONS, (cursor) => void header.functions.push(cursor.number()));
  readSection(bytes, header, MEMORIES, (cursor) => void header.memories.push(limits(cursor)));
  readSection(bytes, header, EXPORTS, (cursor) => void header.exports.push(readExport(cursor)));
  header.heapMemory = heapMemory(header);
  return header;
}

/** Sections that stand behind the exports. */
const kBehind = ORDER.slice(ORDER.indexOf(EXPORTS) + 1);

/**
 * @param {Uint8Array} bytes
 * @param {boolean} complete
 */
function readSections(bytes, complete) {
  const cursor = new Cursor(bytes, '');
  cursor.at = 8;
  /** @type {Section[]} */
  const sections = [];
  while (!complete || cursor.at < bytes.length) {
    const start = cursor.at;
    try {
      const id = cursor.byte();
      if (kBehind.includes(id)) break;
      if (id !== CUSTOM && !ORDER.includes(id)) cursor.refuse('unknown section', start);
      const body = { start: 0, end: cursor.number() + cursor.at };
      body.start = cursor.at;
      cursor.skip(body.end - body.start);
      sections.push({ id, body, whole: { start, end: cursor.at } });
    } catch (error) {
      if (complete || !(error instanceof FormatError)) throw error;
      return undefined;
    }
  }
  return sections;
}

/**
 * @param {Uint8Array} bytes
 * @param {Header} header
 * @param {number} id
 * @param {(cursor: Cursor) => void} item
 */
function readSection(bytes, { sections }, id, item) {
  const found = sections.find((section) => section.id === id);
  if (found) each(new Cursor(bytes.subarray(found.body.start, found.body.end), '', found.body.start), item);
}

/**
 * @param {Cursor} cursor
 * @param {Memory[]} memories
 * @returns {Import}
 */
function readImport(cursor, memories) {
  const entry = { module: cursor.text(), name: cursor.text(), kind: cursor.byte() };
  const item = IMPORTED[entry.kind];
  if (!item) cursor.refuse(`import ${entry.module}.${entry.name} is of the unknown kind ${entry.kind}`, cursor.at - 1);
  const found = item(cursor);
  if (entry.kind === A_MEMORY) memories.push({ ...found, import: entry });
  return entry.kind === A_FUNCTION ? { ...entry, type: found } : entry;
}

/**
 * @param {Cursor} cursor
 * @returns {Export}
 */
const readExport = (cursor) => ({ name: cursor.text(), kind: cursor.byte(), index: cursor.number() });

/**
 * Which memory is the heap's: the one that is imported under the heap's name for it, else the one that is exported as
 * "memory", else the only one.
 * @param {Header} header
 */
function heapMemory({ memories, exports }) {
  const imported = memories.findIndex((memory) => isHeapMemory(memory.import));
  if (imported >= 0) return imported;
  const exported = exports.find(({ name, kind }) => kind === A_MEMORY && name === 'memory');
  if (exported && exported.index < memories.length) return exported.index;
  return memories.length === 1 ? 0 : undefined;
}

/** @param {{ module: string, name: string } | undefined} entry */
const isHeapMemory = (entry) => entry?.module === kMemoryName.module && entry.name === kMemoryName.name;
