// The immediates of every instruction of WebAssembly 3.0 (core specification, "Binary Format: Instructions"), and of
// the legacy exception instructions that engines still run. What an instruction computes does not matter here; only
// how many bytes follow its opcode, and which of them are indices.
//
// One letter is one immediate:
//   l  a LEB128 number that never changes: label, local, field, lane, constant
//   f t T m g x e d  an index of a function, type, table, memory, global, tag (exception), element or data segment
//   h  a heap type      b  a block type      a  a memory argument
//   v  a vector of labels and one more (br_table)      V  a vector of value types (select)
//   c  a vector of catch clauses (try_table)           4  four bytes
//
// "8-a:dm" reads: the opcodes 8 to a are followed by a data index and a memory index. Opcodes that are in no range
// are not WebAssembly 3.0.

const LETTERS = ' lftTmgxedhbavVc4';

/** Numbers of the immediates, as they stand in `TABLE`. FUNC ... DATA are also the numbers of the index spaces. */
export const LEB = 1, FUNC = 2, TYPE = 3, TABLE = 4, MEMORY = 5, GLOBAL = 6, TAG = 7, ELEM = 8, DATA = 9,
  HEAP_TYPE = 10, BLOCK_TYPE = 11, MEMARG = 12, LABELS = 13, VALUE_TYPES = 14, CATCHES = 15, FOUR_BYTES = 16;

/** Where the page of a prefix (fb ... fe) begins in `IMMEDIATES`: the largest page is SIMD with relaxed SIMD. */
export const PAGE = 0x140;

const PAGES = [
  // core: control, exceptions (06, 07, 09, 18, 19 legacy), calls, variables, tables, memory, constants, numeric, references
  '0-1,2-4:b,5,6:b,7-8:x,9:l,a-b,c-d:l,e:v,f,10:f,11:tT,12:f,13:tT,14-15:t,18:l,19-1b,1c:V,1f:bc,20-22:l,23-24:g,' +
    '25-26:T,28-3e:a,3f-40:m,41-42:l,43:4,44:44,45-c4,d0:h,d1,d2:f,d3-d4,d5-d6:l',
  // fb: structs, arrays, casts, i31
  '0-1:t,2-5:tl,6-7:t,8:tl,9:td,a:te,b-e:t,f,10:t,11:tt,12:td,13:te,14-17:h,18-19:llhh,1a-1e',
  // fc: saturating conversions, bulk memory and tables, wide arithmetic (13-16)
  '0-7,8:dm,9:d,a:mm,b:m,c:eT,d:e,e:TT,f-11:T,13-16',
  // fd: SIMD, and from 100 relaxed SIMD
  '0-b:a,c-d:4444,e-14,15-22:l,23-53,54-5b:al,5c-5d:a,5e-99,9b-a1,a3-a4,a7-ae,b1,b5-ba,bc-c1,c3-c4,c7-ce,d1,d5-e1,' +
    'e3-ed,ef-113',
  // fe: threads
  '0-2:a,3:l,10-4e:a',
];

/**
 * The immediates of each opcode, five bits each, the first one lowest; 0: none; -1: unknown, or a prefix.
 * Core opcodes stand at their number; opcode n behind prefix p at `(p - 0xfa) * PAGE + n`.
 */
export const IMMEDIATES = new Int32Array(PAGES.length * PAGE).fill(-1);

PAGES.forEach((page, number) => {
  for (const range of page.split(',')) {
    const [opcodes, letters = ''] = range.split(':');
    const [first, last = first] = opcodes.split('-').map(digits => parseInt(digits, 16) + number * PAGE);
    IMMEDIATES.fill([...letters].reduceRight((all, letter) => all << 5 | LETTERS.indexOf(letter), 0), first, last + 1);
  }
});
