// What the loader must know of a module before it is compiled, and what the engines don't tell: the limits of its memory,
// where they stand, and the types of its imports. All of it lies in the sections up to the memory section, so a download
// need not be complete. Only reads.

import { Reader } from './reader.js';

const kType = 1;
const kImport = 2;
const kMemory = 5;
const kFunctionKind = 0;
const kTableKind = 1;
const kMemoryKind = 2;
const kGlobalKind = 3;
const kTagKind = 4;

/**
 * @typedef {object} Extent a range of the file
 * @property {number} start
 * @property {number} end
 *
 * @typedef {object} Limits
 * @property {number} initial pages
 * @property {number | undefined} maximum pages
 * @property {boolean} shared
 * @property {boolean} is64 addresses are 64-bit
 * @property {Extent} span where the limits stand in the file
 *
 * @typedef {object} Import
 * @property {string} module
 * @property {string} name
 * @property {number} kind
 * @property {number} [type] index of a function's type
 * @property {Limits} [limits] of a memory
 *
 * @typedef {object} Section
 * @property {number} id
 * @property {Extent} whole with its id and size
 * @property {Extent} body
 *
 * @typedef {object} Header
 * @property {Section[]} sections those up to and including the memory section
 * @property {Import[]} imports
 * @property {Limits | undefined} memory the module's first memory
 * @property {Import | undefined} memoryImport its import, when it is imported
 */

/**
 * Reads the sections up to the memory section. Returns undefined if `bytes` stops before they do and `complete` is false.
 * Throws RangeError for what can't be read.
 * @param {Uint8Array} bytes the start of a file
 * @param {boolean} complete whether that is all of it
 * @returns {Header | undefined}
 */
export function readHeader(bytes, complete) {
  const sections = readSections(bytes, complete);
  if (!sections) return undefined;
  const imports = sections.filter(({ id }) => id === kImport).flatMap(({ body }) => readImports(bytes, body));
  const memoryImport = imports.find(({ kind }) => kind === kMemoryKind);
  return { sections, imports, memoryImport, memory: memoryImport?.limits ?? definedMemory(bytes, sections) };
}

/**
 * @param {Uint8Array} bytes
 * @param {boolean} complete
 */
function readSections(bytes, complete) {
  const reader = new Reader(bytes, 8);
  /** @type {Section[]} */
  const sections = [];
  for (;;) {
    const start = reader.at;
    try {
      if (complete && start === bytes.length) return sections;
      const id = reader.byte();
      if (id > kMemory) return sections;
      const size = reader.unsigned();
      const body = { start: reader.at, end: reader.at + size };
      reader.take(size);
      sections.push({ id, body, whole: { start, end: reader.at } });
    } catch (error) {
      if (complete) throw error;
      return undefined;
    }
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {Extent} body
 */
function readImports(bytes, { start, end }) {
  const reader = new Reader(bytes, start, end);
  return Array.from({ length: reader.unsigned() }, () => readImport(reader));
}

/**
 * @param {Reader} reader
 * @returns {Import}
 */
function readImport(reader) {
  const entry = { module: reader.text(), name: reader.text(), kind: reader.byte() };
  switch (entry.kind) {
    case kFunctionKind:
      return { ...entry, type: reader.unsigned() };
    case kTableKind:
      readValueType(reader);
      readLimits(reader);
      return entry;
    case kMemoryKind:
      return { ...entry, limits: readLimits(reader) };
    case kGlobalKind:
      readValueType(reader);
      reader.byte();
      return entry;
    case kTagKind:
      reader.byte();
      reader.unsigned();
      return entry;
  }
  throw new RangeError(`import ${entry.module}.${entry.name} is of the unknown kind ${entry.kind}`);
}

/** @param {Reader} reader */
function readValueType(reader) {
  const code = reader.byte();
  // (ref null? heaptype): the heap type is a signed number, which takes as many bytes as an unsigned one.
  if (code === 0x63 || code === 0x64) reader.unsigned();
}

/**
 * @param {Reader} reader
 * @returns {Limits}
 */
function readLimits(reader) {
  const start = reader.at;
  const flags = reader.byte();
  const initial = reader.unsigned(64);
  const maximum = flags & 1 ? reader.unsigned(64) : undefined;
  if (flags & 8) reader.unsigned(); // a page size of its own
  return { initial, maximum, shared: !!(flags & 2), is64: !!(flags & 4), span: { start, end: reader.at } };
}

/**
 * @param {Uint8Array} bytes
 * @param {Section[]} sections
 */
function definedMemory(bytes, sections) {
  const found = sections.find(({ id }) => id === kMemory);
  if (!found) return undefined;
  const reader = new Reader(bytes, found.body.start, found.body.end);
  return reader.unsigned() > 0 ? readLimits(reader) : undefined;
}

/**
 * The function types of a module as they stand in the file (0x60, parameters, results), by index. Throws RangeError at a type of
 * another kind.
 * @param {Uint8Array} bytes
 * @param {Header} header
 */
export function readFunctionTypes(bytes, { sections }) {
  const found = sections.find(({ id }) => id === kType);
  if (!found) return [];
  const reader = new Reader(bytes, found.body.start, found.body.end);
  return Array.from({ length: reader.unsigned() }, () => {
    const start = reader.at;
    if (reader.byte() !== 0x60) throw new RangeError(`byte ${start} begins a type that is no plain function`);
    const parameters = readValueTypes(reader);
    readValueTypes(reader);
    return { bytes: [...bytes.subarray(start, reader.at)], parameters };
  });
}

/** @param {Reader} reader */
function readValueTypes(reader) {
  const count = reader.unsigned();
  for (let i = 0; i < count; i++) readValueType(reader);
  return count;
}
