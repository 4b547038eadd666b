// The immediates of every instruction of WebAssembly 3.0 (core specification, "Binary Format: Instructions"), and of
// the legacy exception instructions that engines still run. What an instruction computes does not matter here; only
// how many bytes follow its opcode, and which of them are indices.
//
// One letter is one immediate:
//   f T m g x t e d  an index of a function, table, memory, global, tag (exception), type, element or data segment
//   l  a LEB128 number that never changes: label, local, field, lane, constant
//   h  a heap type      b  a block type      a  a memory argument
//   v  a vector of labels and one more (br_table)      V  a vector of value types (select)
//   c  a vector of catch clauses (try_table)           F  four bytes
//
// "8,dm,2-" reads: eight opcodes without immediates; one followed by a data index and a memory index; two that are not
// WebAssembly 3.0. They stand in the order of their numbers, page by page, each page filled up to PAGE.

const LETTERS = ' fTmgxtedlhbavVcF';

/**
 * Numbers of the immediates, as they stand in `LETTERS`. FUNC ... DATA are also the numbers of the index spaces; the first
 * five are one more than the kind that imports and exports have.
 */
export const FUNC = 1, TABLE = 2, MEMORY = 3, GLOBAL = 4, TAG = 5, TYPE = 6, ELEM = 7, DATA = 8, LEB = 9, HEAP_TYPE = 10,
  BLOCK_TYPE = 11, MEMARG = 12;

/** Where the page of a prefix (fb ... fe) begins in `IMMEDIATES`: the largest page is SIMD with relaxed SIMD. */
export const PAGE = 0x140;

/**
 * The immediates of each opcode, five bits each, the first one lowest; 0: none; UNKNOWN: unknown, or a prefix.
 * Core opcodes stand at their number; opcode n behind prefix p at `(p - 0xfa) * PAGE + n`.
 */
export const IMMEDIATES = new Uint32Array(5 * PAGE);

/** What no immediates come to: `-` is not in `LETTERS`. */
export const UNKNOWN = 2 ** 32 - 1;

let opcode = 0;
for (const run of (
  // 00: control; 06, 07, 09, 18 and 19 are legacy exceptions
  '2,3b,,b,2x,l,2,2l,v,,' +
  // 10: calls, drop, select (1a-1c), try_table (1f)
  'f,tT,f,tT,2t,2-,l,3,V,2-,bc,' +
  // 20: variables and tables, 28: memory
  '3l,2g,2T,-,23a,2m,' +
  // 41: constants, 45: numeric, d0: references
  '2l,F,FF,128,11-,h,,f,2,2l,105-,' +
  // fb 00: structs, 06: arrays, 14: casts, 1a: conversions, i31
  '2t,4tl,2t,tl,td,te,4t,,t,tt,td,te,4h,2llhh,5,289-,' +
  // fc 00: saturating conversions, 08: bulk memory and tables, 13: wide arithmetic
  '8,dm,d,mm,m,eT,e,TT,3T,-,4,297-,' +
  // fd 00: SIMD, 100: relaxed SIMD
  '12a,2FFFF,7,14l,49,8al,2a,60,-,7,-,2,2-,8,2-,,3-,6,-,6,-,2,2-,8,2-,,3-,13,-,11,-,37,44-,' +
  // fe: threads
  '3a,l,12-,63a,241-'
).split(',')) {
  const letters = run.replace(/\d+/, '');
  IMMEDIATES.fill([...letters].reduceRight((all, letter) => all << 5 | LETTERS.indexOf(letter), 0), opcode,
    opcode += parseInt(run) || 1);
}
