// Lines of the source by DWARF 5 and by source maps, from tables that are written here byte by byte. (tests/check has those of compilers.)

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastAtOrBefore, rowsOfDwarf, rowsOfSourceMap } from '../../js/debug/lines.js';

const text = (string) => [...Buffer.from(string), 0];
const u16 = (value) => [value & 255, value >> 8];
const u32 = (value) => [...u16(value & 0xffff), ...u16(value >>> 16)];
const sized = (bytes) => [...u32(bytes.length), ...bytes];

/** A line table of DWARF 5: `folders` and `files` as the bytes of their tables, `program` as those of its instructions. */
function dwarf5(tables, program) {
  const header = [1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, ...tables]; // least, most, is_stmt, line_base -5, line_range 14, opcode_base 13, operands
  return Uint8Array.from(sized([...u16(5), 4, 0, ...sized(header), ...program]));
}

const kSetAddress = (address) => [0, 5, 2, ...u32(address)];
const kEnd = [0, 1, 1];
const kSetFile = 4, kSetColumn = 5, kCopy = 1, kAdvanceLine = 3, kAdvancePc = 2, kConstAddPc = 8, kFixedAdvancePc = 9, kNegateStatement = 6;

test('DWARF 5: names in each form that compilers use', () => {
  const strings = { '.debug_str': Uint8Array.from([...text('x'), ...text('/src')]), '.debug_line_str': Uint8Array.from([...text('lib'), ...text('b.c')]) };
  // Folders: a path in .debug_str, then one in .debug_line_str. Files: a path inline; folder as udata; checksum; size as data1, data2, data4, data8 and a block.
  const folders = [1, 1, 0x0e, 1, ...u32(2)];
  const moreFolders = [1, 1, 0x1f, 2, ...u32(0), ...u32(0)];
  const files = [8, 1, 0x08, 2, 0x0f, 5, 0x1e, 4, 0x0b, 4, 0x05, 4, 0x06, 4, 0x07, 4, 0x09, 2];
  const entry = (name, folder) => [...text(name), folder, ...new Array(16).fill(9), 1, ...u16(2), ...u32(3), ...new Array(8).fill(0), 2, 7, 7];
  const program = [...kSetAddress(16), kSetFile, 1, kSetColumn, 7, kAdvanceLine, 41, kCopy, kAdvancePc, 4, kSetFile, 0, kNegateStatement, kCopy, kFixedAdvancePc, ...u16(2), 13 + 5 + 1, kConstAddPc, ...kEnd];
  const rows = (tables) => rowsOfDwarf({ '.debug_line': dwarf5(tables, program), ...strings }, 100).map(({ offset, file, line, column }) => `${offset} ${file}:${line}:${column}`);
  assert.deepEqual(rows([...folders, ...files, ...entry('a.c', 0), ...entry('/abs/b.c', 0)]), ['116 /abs/b.c:42:7', '120 /src/a.c:42:7', '122 /src/a.c:43:7', '139 /src/a.c:0:7']);
  assert.deepEqual(rows([...moreFolders, ...files, ...entry('a.c', 1), ...entry('c.c', 1)])[0], '116 lib/lib/c.c:42:7');
});

test('DWARF: a value in a form that is not known', () => {
  assert.throws(() => rowsOfDwarf({ '.debug_line': dwarf5([1, 1, 0x42, 1, 0], []) }, 0), /\.debug_line has a value of the unknown form 0x42/);
});

test('a source map: places, gaps, and numbers of several letters, forwards and back', () => {
  // Columns are offsets: 4, 8 (no place), 40. Lines: 1, then 1 + 17, then back by 2.
  const rows = rowsOfSourceMap({ sources: ['a.ts', 'b.ts'], sourceRoot: 'src/', mappings: 'IAAA,I,gCCiBE,;CDFF' });
  assert.deepEqual(rows.map(({ offset, file, line, column }) => `${offset} ${file}:${line}:${column}`), ['4 src/a.ts:1:1', '8 :0:0', '40 src/b.ts:18:3', '41 src/a.ts:16:1']);
  assert.equal(lastAtOrBefore(rows, 39).offset, 8);
  assert.equal(lastAtOrBefore(rows, 3), undefined);
});
