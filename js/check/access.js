// Which instructions touch memory: how many bytes, reading or writing, and what lies above the address on the stack.

import { PAGE } from '../wasm/opcodes.js';

export const I32 = 0x7f,
  I64 = 0x7e,
  F32 = 0x7d,
  F64 = 0x7c,
  V128 = 0x7b;

/**
 * @typedef {object} Access
 * @property {number} bytes
 * @property {boolean} write
 * @property {number[]} above the types of the operands above the address
 * @property {boolean} result whether it leaves a value
 */

/** By page and opcode, numbered as in js/wasm/opcodes.js. @type {(Access | undefined)[]} */
export const ACCESSES = [];

/** Behind each prefix: the first opcode of a run, the bytes of each instruction in it, and what they have in common. */
const SIMD = 3 * PAGE,
  ATOMIC = 4 * PAGE;

/** @param {number} opcode the first @param {number[]} sizes @param {boolean} write @param {number[][]} above @param {boolean} [result] */
const run = (opcode, sizes, write, above, result = !write) =>
  sizes.forEach((bytes, i) => (ACCESSES[opcode + i] = { bytes, write, above: above[i % above.length], result }));

run(0x28, [4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4], false, [[]]);
run(0x36, [4, 8, 4, 8, 1, 2, 1, 2, 4], true, [[I32], [I64], [F32], [F64], [I32], [I32], [I64], [I64], [I64]]);

run(SIMD, [16, 8, 8, 8, 8, 8, 8, 1, 2, 4, 8], false, [[]]);
run(SIMD + 0x0b, [16], true, [[V128]]);
run(SIMD + 0x54, [1, 2, 4, 8], false, [[V128]]);
run(SIMD + 0x58, [1, 2, 4, 8], true, [[V128]]);
run(SIMD + 0x5c, [4, 8], false, [[]]);

/** i32 and i64 whole, then their narrow forms: the order of every kind of atomic access. */
const WIDTHS = [4, 8, 1, 2, 1, 2, 4],
  TYPES = [I32, I64, I32, I32, I64, I64, I64];
run(ATOMIC, [4, 4, 8], false, [[I32], [I32, I64], [I64, I64]]); // notify and wait
run(ATOMIC + 0x10, WIDTHS, false, [[]]);
run(
  ATOMIC + 0x17,
  WIDTHS,
  true,
  TYPES.map((type) => [type]),
);
for (let opcode = 0x1e; opcode < 0x48; opcode += 7)
  run(
    ATOMIC + opcode,
    WIDTHS,
    true,
    TYPES.map((type) => [type]),
    true,
  );
run(
  ATOMIC + 0x48,
  WIDTHS,
  true,
  TYPES.map((type) => [type, type]),
  true,
);

/** How many operands the numeric instructions from i32.eqz (45) to i64.extend32_s (c4) take; each leaves one value. */
export const OPERANDS = new Uint8Array(256).fill(1, 0x45, 0xc5);
for (const [first, last] of [
  [0x46, 0x4f],
  [0x51, 0x66],
  [0x6a, 0x78],
  [0x7c, 0x8a],
  [0x92, 0x98],
  [0xa0, 0xa6],
])
  OPERANDS.fill(2, first, last + 1);

/** Which of them may trap: divisions, and conversions of what is too large. */
export const TRAPS = new Uint8Array(256);
for (const [first, last] of [
  [0x6d, 0x71],
  [0x7f, 0x83],
  [0xa8, 0xac],
  [0xae, 0xb2],
])
  TRAPS.fill(1, first, last);
