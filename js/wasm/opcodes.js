// The immediates of every instruction of WebAssembly 3.0 (core specification, "Binary Format: Instructions"), of the
// legacy exception instructions that engines still run, and of wide arithmetic. What an instruction computes does not
// matter here; only how many bytes follow its opcode, and which of them are indices.
//
// To add an instruction, add a row to its page, or widen one: first opcode, last opcode, and a letter for each immediate, if it has any.

/** One letter is one immediate. Its place in this string is its number below. */
const LETTERS = ' fTmgxtedlhbavVcF';

// f T m g x t e d: an index of a function, table, memory, global, tag, type, element segment or data segment. The first
// five numbers are one more than the kind that imports and exports have.
export const FUNC = 1;
export const TABLE = 2;
export const MEMORY = 3;
export const GLOBAL = 4;
export const TAG = 5;
export const TYPE = 6;
export const ELEM = 7;
export const DATA = 8;
/** l: a LEB128 number that never changes: a label, local, field, lane or constant. */
export const LEB = 9;
/** h */
export const HEAP_TYPE = 10;
/** b */
export const BLOCK_TYPE = 11;
/** a: alignment and offset of a memory access. */
export const MEMARG = 12;
// Then v: labels and one more (br_table); V: value types (select); c: catch clauses (try_table); F: four bytes.

/** @typedef {[first: number, last: number, letters?: string]} Row */

/** Opcodes of one byte. @type {Row[]} */
const CORE = [
  [0x00, 0x01], // unreachable, nop
  [0x02, 0x04, 'b'], // block, loop, if
  [0x05, 0x05], // else
  [0x06, 0x06, 'b'], // try (legacy)
  [0x07, 0x08, 'x'], // catch (legacy), throw
  [0x09, 0x09, 'l'], // rethrow (legacy)
  [0x0a, 0x0b], // throw_ref, end
  [0x0c, 0x0d, 'l'], // br, br_if
  [0x0e, 0x0e, 'v'], // br_table
  [0x0f, 0x0f], // return
  [0x10, 0x10, 'f'], // call
  [0x11, 0x11, 'tT'], // call_indirect
  [0x12, 0x12, 'f'], // return_call
  [0x13, 0x13, 'tT'], // return_call_indirect
  [0x14, 0x15, 't'], // call_ref, return_call_ref
  [0x18, 0x18, 'l'], // delegate (legacy)
  [0x19, 0x1b], // catch_all (legacy), drop, select
  [0x1c, 0x1c, 'V'], // select with a type
  [0x1f, 0x1f, 'bc'], // try_table
  [0x20, 0x22, 'l'], // local.get, local.set, local.tee
  [0x23, 0x24, 'g'], // global.get, global.set
  [0x25, 0x26, 'T'], // table.get, table.set
  [0x28, 0x3e, 'a'], // loads and stores
  [0x3f, 0x40, 'm'], // memory.size, memory.grow
  [0x41, 0x42, 'l'], // i32.const, i64.const
  [0x43, 0x43, 'F'], // f32.const
  [0x44, 0x44, 'FF'], // f64.const
  [0x45, 0xc4], // arithmetic
  [0xd0, 0xd0, 'h'], // ref.null
  [0xd1, 0xd1], // ref.is_null
  [0xd2, 0xd2, 'f'], // ref.func
  [0xd3, 0xd4], // ref.eq, ref.as_non_null
  [0xd5, 0xd6, 'l'], // br_on_null, br_on_non_null
];

/** Opcodes behind fb: structs, arrays, casts. @type {Row[]} */
const GC = [
  [0x00, 0x01, 't'], // struct.new, struct.new_default
  [0x02, 0x05, 'tl'], // struct.get, struct.get_s, struct.get_u, struct.set
  [0x06, 0x07, 't'], // array.new, array.new_default
  [0x08, 0x08, 'tl'], // array.new_fixed
  [0x09, 0x09, 'td'], // array.new_data
  [0x0a, 0x0a, 'te'], // array.new_elem
  [0x0b, 0x0e, 't'], // array.get, array.get_s, array.get_u, array.set
  [0x0f, 0x0f], // array.len
  [0x10, 0x10, 't'], // array.fill
  [0x11, 0x11, 'tt'], // array.copy
  [0x12, 0x12, 'td'], // array.init_data
  [0x13, 0x13, 'te'], // array.init_elem
  [0x14, 0x17, 'h'], // ref.test, ref.cast
  [0x18, 0x19, 'llhh'], // br_on_cast, br_on_cast_fail: flags, label, two types
  [0x1a, 0x1e], // conversions of externref and i31
];

/** Opcodes behind fc: saturating conversions, bulk memory, tables, wide arithmetic. @type {Row[]} */
const MISCELLANEOUS = [
  [0x00, 0x07], // trunc_sat
  [0x08, 0x08, 'dm'], // memory.init
  [0x09, 0x09, 'd'], // data.drop
  [0x0a, 0x0a, 'mm'], // memory.copy
  [0x0b, 0x0b, 'm'], // memory.fill
  [0x0c, 0x0c, 'eT'], // table.init
  [0x0d, 0x0d, 'e'], // elem.drop
  [0x0e, 0x0e, 'TT'], // table.copy
  [0x0f, 0x11, 'T'], // table.grow, table.size, table.fill
  [0x13, 0x16], // wide arithmetic
];

/** Opcodes behind fd: SIMD, and from 100 relaxed SIMD. @type {Row[]} */
const SIMD = [
  [0x00, 0x0b, 'a'], // v128.load ... v128.store
  [0x0c, 0x0d, 'FFFF'], // v128.const, i8x16.shuffle
  [0x0e, 0x14], // swizzle, splat
  [0x15, 0x22, 'l'], // extract_lane, replace_lane
  [0x23, 0x53], // comparisons, bits
  [0x54, 0x5b, 'al'], // loads and stores of a lane
  [0x5c, 0x5d, 'a'], // v128.load32_zero, v128.load64_zero
  [0x5e, 0x99], // arithmetic from here on
  [0x9b, 0xa1],
  [0xa3, 0xa4],
  [0xa7, 0xae],
  [0xb1, 0xb1],
  [0xb5, 0xba],
  [0xbc, 0xc1],
  [0xc3, 0xc4],
  [0xc7, 0xce],
  [0xd1, 0xd1],
  [0xd5, 0xe1],
  [0xe3, 0xed],
  [0xef, 0x113],
];

/** Opcodes behind fe: threads. @type {Row[]} */
const ATOMICS = [
  [0x00, 0x02, 'a'], // memory.atomic.notify, wait32, wait64
  [0x03, 0x03, 'l'], // atomic.fence
  [0x10, 0x4e, 'a'], // loads, stores, read-modify-write
];

/** Where the page of a prefix (fb ... fe) begins in `IMMEDIATES`: the largest page is SIMD with relaxed SIMD. */
export const PAGE = 0x140;

/** What no immediates come to. */
export const UNKNOWN = 2 ** 32 - 1;

/**
 * The immediates of each opcode, five bits each, the first one lowest; 0: none; UNKNOWN: unknown, or a prefix.
 * Core opcodes stand at their number; opcode n behind prefix p at `(p - 0xfa) * PAGE + n`.
 */
export const IMMEDIATES = /* @__PURE__ */ tableOf([CORE, GC, MISCELLANEOUS, SIMD, ATOMICS]);

/** @param {Row[][]} pages */
function tableOf(pages) {
  const table = new Uint32Array(pages.length * PAGE).fill(UNKNOWN);
  pages.forEach((rows, page) => {
    for (const [first, last, letters = ''] of rows) {
      const immediates = [...letters].reduceRight((all, letter) => (all << 5) | LETTERS.indexOf(letter), 0);
      table.fill(immediates, page * PAGE + first, page * PAGE + last + 1);
    }
  });
  return table;
}
