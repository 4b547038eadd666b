// Source lines of a program: from its .debug_line section (DWARF 2 to 5), or from a source map. Both say, for addresses in rising
// order, which line the code from there on belongs to.
//
// A .debug_line section is a list of line programs, one for each unit of compilation: a header with the names of folders and files,
// then instructions for a small machine whose registers are address, file, line and column, and which puts out a row now and then.

/**
 * @typedef {object} LineRow
 * @property {number} offset in the program's file
 * @property {string} file
 * @property {number} line from 1; 0: the code belongs to no line
 * @property {number} column from 1; 0: not known
 */

const text = new TextDecoder();

/** Reads what DWARF is made of. */
class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
  }

  u8() {
    return this.view.getUint8(this.at++);
  }

  u16() {
    return this.view.getUint16((this.at += 2) - 2, true);
  }

  u32() {
    return this.view.getUint32((this.at += 4) - 4, true);
  }

  unsigned() {
    let value = 0,
      scale = 1,
      byte;
    do {
      byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte & 0x80);
    return value;
  }

  signed() {
    let value = 0,
      scale = 1,
      byte;
    do {
      byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte & 0x80);
    return byte & 0x40 ? value - scale : value;
  }

  /** Up to a zero. */
  string() {
    const end = this.bytes.indexOf(0, this.at),
      found = text.decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return found;
  }
}

/** @param {Uint8Array | undefined} section @param {number} at */
const stringAt = (section, at) => (section ? text.decode(section.subarray(at, section.indexOf(0, at))) : '');

/**
 * @param {Record<string, Uint8Array>} sections the custom sections of a program, by name
 * @param {number} codeStart where the contents of its code section begin: DWARF counts from there
 * @returns {LineRow[]} in the order of their offsets
 */
export function rowsOfDwarf(sections, codeStart) {
  const reader = new Reader(sections['.debug_line']);
  /** @type {LineRow[]} */
  const rows = [];
  while (reader.at < reader.bytes.length) {
    const end = reader.u32() + reader.at;
    lineProgram(reader, end, sections, (address, file, line, column) => {
      // Code that the linker dropped has addresses that are no code's.
      if (address > 0) rows.push({ offset: codeStart + address, file, line, column });
    });
    reader.at = end;
  }
  return inOrder(rows);
}

/** Where a sequence ends and another begins, the beginning counts. @param {LineRow[]} rows */
const inOrder = (rows) => rows.sort((a, b) => a.offset - b.offset || Math.sign(a.line) - Math.sign(b.line));

/** Standard instructions. */
const COPY = 1,
  ADVANCE_PC = 2,
  ADVANCE_LINE = 3,
  SET_FILE = 4,
  SET_COLUMN = 5,
  CONST_ADD_PC = 8,
  FIXED_ADVANCE_PC = 9;
/** Extended ones. */
const END_SEQUENCE = 1,
  SET_ADDRESS = 2;

/**
 * @param {Reader} reader behind the length @param {number} end @param {Record<string, Uint8Array>} sections
 * @param {(address: number, file: string, line: number, column: number) => void} emit
 */
function lineProgram(reader, end, sections, emit) {
  const version = reader.u16();
  if (version < 2 || version > 5) return;
  if (version === 5) reader.at += 2; // sizes of an address and of a segment
  const codeAt = reader.u32() + reader.at,
    least = reader.u8();
  if (version > 3) reader.u8(); // operations per instruction: only VLIW machines have several
  reader.u8(); // whether a row begins a statement
  const lineBase = reader.view.getInt8(reader.at++),
    lineRange = reader.u8(),
    opcodeBase = reader.u8();
  const operands = Array.from({ length: opcodeBase - 1 }, () => reader.u8());
  const fileAt = version === 5 ? namesOf5(reader, sections) : namesBefore5(reader);

  let address = 0,
    file = 1,
    line = 1,
    column = 0;
  const row = (/** @type {boolean} */ ends) => emit(address, fileAt(file), ends ? 0 : line, column);
  /** @param {number} special */
  const advance = (special) => {
    address += Math.floor(special / lineRange) * least;
  };
  reader.at = codeAt;
  while (reader.at < end) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const special = opcode - opcodeBase;
      advance(special);
      line += lineBase + (special % lineRange);
      row(false);
    } else if (opcode === 0) {
      const length = reader.unsigned(),
        next = reader.at + length,
        extended = reader.u8();
      if (extended === END_SEQUENCE) {
        row(true);
        [address, file, line, column] = [0, 1, 1, 0];
      } else if (extended === SET_ADDRESS) address = length === 9 ? Number(reader.view.getBigUint64(reader.at, true)) : reader.u32();
      reader.at = next;
    } else if (opcode === COPY) row(false);
    else if (opcode === ADVANCE_PC) address += reader.unsigned() * least;
    else if (opcode === ADVANCE_LINE) line += reader.signed();
    else if (opcode === SET_FILE) file = reader.unsigned();
    else if (opcode === SET_COLUMN) column = reader.unsigned();
    else if (opcode === CONST_ADD_PC) advance(255 - opcodeBase);
    else if (opcode === FIXED_ADVANCE_PC) address += reader.u16();
    else for (let count = operands[opcode - 1]; count--;) reader.unsigned();
  }
}

/** @param {string} folder @param {string} name */
const joined = (folder, name) => (!folder || name.startsWith('/') ? name : `${folder}/${name}`);

/** The tables of folders and files of DWARF 2 to 4: strings up to an empty one. Folder 0 is where the compiler ran. @param {Reader} reader */
function namesBefore5(reader) {
  const folders = [''],
    files = [''];
  for (let name; (name = reader.string());) folders.push(name);
  for (let name; (name = reader.string());) {
    files.push(joined(folders[reader.unsigned()], name));
    reader.unsigned(); // when it was changed
    reader.unsigned(); // its length
  }
  return (/** @type {number} */ index) => files[index] ?? '?';
}

/** And of DWARF 5: each table says first what it has of each entry, and in which form. @param {Reader} reader @param {Record<string, Uint8Array>} sections */
function namesOf5(reader, sections) {
  const PATH = 1,
    FOLDER = 2;
  const table = () => {
    const forms = Array.from({ length: reader.u8() }, () => [reader.unsigned(), reader.unsigned()]);
    return Array.from({ length: reader.unsigned() }, () => {
      /** @type {any[]} */
      const entry = [];
      for (const [content, form] of forms) entry[content] = valueOf(reader, form, sections);
      return entry;
    });
  };
  const folders = table().map((entry) => entry[PATH]),
    files = table();
  return (/** @type {number} */ index) => (files[index] ? joined(joined(folders[0], folders[files[index][FOLDER] ?? 0] ?? ''), files[index][PATH]) : '?');
}

/** @param {Reader} reader @param {number} form @param {Record<string, Uint8Array>} sections @returns {string | number} */
function valueOf(reader, form, sections) {
  switch (form) {
    case 0x08:
      return reader.string();
    case 0x0e:
      return stringAt(sections['.debug_str'], reader.u32());
    case 0x1f:
      return stringAt(sections['.debug_line_str'], reader.u32());
    case 0x0b:
      return reader.u8();
    case 0x05:
      return reader.u16();
    case 0x06:
      return reader.u32();
    case 0x07:
      return ((reader.at += 8), 0);
    case 0x0f:
      return reader.unsigned();
    case 0x1e:
      return ((reader.at += 16), 0); // a checksum
    case 0x09: {
      // bytes behind their length
      const length = reader.unsigned();
      return ((reader.at += length), 0);
    }
  }
  throw new RangeError(`.debug_line has a value of the unknown form 0x${form.toString(16)}`);
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * A source map of a wasm file has one line, whose columns are offsets in the file.
 * @param {{ sources: string[], sourceRoot?: string, mappings: string }} map
 * @returns {LineRow[]}
 */
export function rowsOfSourceMap({ sources, sourceRoot = '', mappings }) {
  /** @type {LineRow[]} */
  const rows = [];
  let offset = 0,
    source = 0,
    line = 0,
    column = 0;
  for (const segment of mappings.split(/[,;]/)) {
    const [bytes, ...place] = numbersOf(segment);
    if (bytes === undefined) continue;
    offset += bytes;
    if (place.length < 3) {
      rows.push({ offset, file: '', line: 0, column: 0 });
      continue;
    }
    source += place[0];
    line += place[1];
    column += place[2];
    rows.push({ offset, file: joined(sourceRoot.replace(/\/$/, ''), sources[source]), line: line + 1, column: column + 1 });
  }
  return inOrder(rows);
}

/** Five bits a letter, the lowest first; the lowest bit of all is the sign. @param {string} segment */
function numbersOf(segment) {
  const numbers = [];
  let value = 0,
    shift = 0;
  for (const letter of segment) {
    const bits = BASE64.indexOf(letter);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = shift = 0;
  }
  return numbers;
}

/** The last item whose offset is not above `offset`. @template {{ offset: number }} T @param {T[]} items @param {number} offset @returns {T | undefined} */
export const lastAtOrBefore = (items, offset) => items[countAtOrBefore(items, offset) - 1];

/** How many items have an offset that is not above `offset`. @param {{ offset: number }[]} items in the order of their offsets @param {number} offset */
export const countAtOrBefore = (items, offset) => {
  let low = 0,
    high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
};
