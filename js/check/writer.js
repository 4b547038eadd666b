// Writes checks into a function's code: called, or written out (budget.js says where).
//
//     called         [p] offset site call load4                        p stays on the stack
//     written out    p; shadow of p + offset; 8; ne; if  p offset site call slow_load4  end

import { F32, F64, I32, I64 } from './access.js';
import { CALL, DROP, END, GLOBAL_GET, I32_AND, I32_CONST, I64_CONST, IF, LOCAL_GET, LOCAL_SET, LOCAL_TEE } from '../wasm/instructions.js';
import { widestOf } from './groups.js';

const I64_EXTEND = 0xad;

/** Loads of a whole value: how it is compared with the pattern of memory that nobody wrote to. @type {Record<number, number[]>} */
export const WHOLE_VALUES = { 0x28: [I32], 0x29: [I64], 0x2a: [F32, 0xbc], 0x2b: [F64, 0xbd] };
const PATTERN32 = 0xcdcdcdcd | 0,
  PATTERN64 = [0xcd, 0x9b, 0xb7, 0xee, 0xdc, 0xb9, 0xf3, 0xe6, 0x4d];

/** Bytes that a page of shadow covers. */
const kFolded = 65536 * 8;

/**
 * @param {import('./function.js').Program} program
 * @param {number} shadow index of the shadow memory
 * @param {object} hand the function at hand
 * @param {import('./output.js').Output} hand.code what was written of it
 * @param {number[]} hand.hints where checks branch in it
 * @param {{ out: boolean }} hand.writes whether checks are written out
 * @param {(type: number, slot?: string) => number} hand.aside a local of a type that is ours; `slot` tells several apart
 */
export const checkWriter = ({ is64, added, stack, stackPointer }, shadow, { code, hints, writes, aside }) => {
  const A = is64 ? I64 : I32,
    CONST = is64 ? I64_CONST : I32_CONST,
    ADD = is64 ? 0x7c : 0x6a;

  /** @param {number} value */
  const put = (value) => code.put(value);
  /** An address or size. @param {number} value */
  const putAddress = (value) => code.signed(CONST, is64 ? value : value | 0);
  /** @param {string} name */
  const call = (name) => code.unsigned(CALL, added[name]);

  /**
   * The shadow of a local's value plus an offset. A small offset goes into the load of the shadow: where the sum wraps around, that reads the page
   * behind the shadow of 4 GiB, and the access is looked at. A larger one would be behind that page.
   * @param {number} local @param {number} offset
   */
  const putShadow = (local, offset) => {
    const granules = offset > 0 && offset % 8 === 0 && offset < kFolded ? offset / 8 : 0;
    code.unsigned(LOCAL_GET, local);
    if (offset && !granules) {
      putAddress(offset);
      put(ADD);
    }
    putAddress(3);
    code.put(...(is64 ? [0x88, 0xa7] : [0x76]), 0x2d, 0x40);
    code.number(shadow);
    code.number(granules);
  };

  /** The shadow on the stack is not that of eight bytes that are there? */
  const ifNotWhole = () => {
    put(I32_CONST);
    code.put(8, 0x47);
    hints.push(code.length);
    code.put(IF, 0x40);
  };

  /** @param {boolean} write */
  const nameOf = (write) => (write ? 'store' : 'load');

  /** A check of one granule, written out. @param {string} name @param {number} local @param {number} offset @param {number} site */
  const checkGranule = (name, local, offset, site) => {
    putShadow(local, offset);
    ifNotWhole();
    code.unsigned(LOCAL_GET, local);
    putAddress(offset);
    code.signed(I32_CONST, site);
    call(`slow_${name}`);
    put(END);
  };

  /** A check of an address on the stack, which stays there. @param {{ bytes: number, write: boolean }} access @param {number} offset @param {boolean} aligned @param {number} site */
  const check = ({ bytes, write }, offset, aligned, site) => {
    const name = nameOf(write);
    if (writes.out && aligned) {
      const p = aside(A, 'checked');
      code.unsigned(LOCAL_TEE, p);
      checkGranule(name + bytes, p, offset, site);
      return;
    }
    putAddress(offset);
    code.signed(I32_CONST, site);
    if (!aligned) putAddress(bytes);
    call(aligned ? name + bytes : name);
  };

  /** The check of a group. @param {import('./groups.js').Group} group */
  const checkGroup = (group) => {
    const { local, from, to, members } = group,
      [{ site, write, offset }] = members,
      bytes = to - from,
      single = members.length === 1,
      whole = widestOf(group);
    if (single && offset !== undefined && !(writes.out && whole)) return check({ bytes, write }, offset, !!whole, site);
    if (!writes.out) {
      code.unsigned(LOCAL_GET, local);
      check({ bytes, write: write || !single }, from, !!whole, site);
      return put(DROP);
    }
    if (whole) return checkGranule(nameOf(write || !single) + bytes, local, from, site);
    putShadow(local, from);
    putShadow(local, to - 1);
    put(I32_AND);
    ifNotWhole();
    code.unsigned(LOCAL_GET, local);
    putAddress(from);
    put(ADD);
    putAddress(bytes);
    code.signed(I32_CONST, site);
    code.put(I32_CONST, 1);
    call('slow');
    put(END);
  };

  /** @param {string} operands what becomes of each of three: 'r' read, 'w' written, '-' a number; the last one is the size @param {number[]} kinds @param {number} site */
  const checkRange = (operands, kinds, site) => {
    const kept = kinds.map((type, i) => aside(type, `range${i}`));
    for (let i = kept.length; i--;) code.unsigned(LOCAL_SET, kept[i]);
    [...operands].forEach((use, i) => {
      if (use === '-') return;
      code.unsigned(LOCAL_GET, kept[i]);
      code.unsigned(LOCAL_GET, kept[2]);
      if (kinds[2] !== A) put(I64_EXTEND); // a size that fits a 32-bit memory too
      code.signed(I32_CONST, site);
      code.signed(I32_CONST, use === 'w' ? 1 : 0);
      call('range');
    });
    for (const local of kept) code.unsigned(LOCAL_GET, local);
  };

  /** The value on the stack, just loaded, is what memory has that nobody wrote to? @param {number} opcode @param {number} offset @param {number} bytes @param {number} site */
  const checkValue = (opcode, offset, bytes, site) => {
    const [type, reinterpret] = WHOLE_VALUES[opcode],
      value = aside(type, 'value');
    code.unsigned(LOCAL_TEE, value);
    code.unsigned(LOCAL_GET, value);
    if (reinterpret) put(reinterpret);
    if (bytes === 4) code.signed(I32_CONST, PATTERN32);
    else code.put(I64_CONST, ...PATTERN64);
    code.put(bytes === 4 ? 0x46 : 0x51, IF, 0x40);
    code.unsigned(LOCAL_GET, aside(A, 'address'));
    putAddress(offset);
    put(ADD);
    putAddress(bytes);
    code.signed(I32_CONST, site);
    call('uninitialized');
    put(END);
  };

  /** Has the stack pointer, just set, left the stack? @param {number} size of the frame @param {number} site */
  const checkStack = (size, site) => {
    if (!stack) return;
    const { low, high } = stack;
    code.unsigned(GLOBAL_GET, stackPointer);
    if (low) {
      putAddress(low);
      put(is64 ? 0x7d : 0x6b);
    }
    putAddress(high - low);
    code.put(is64 ? 0x56 : 0x4b, IF, 0x40);
    code.unsigned(GLOBAL_GET, stackPointer);
    putAddress(size);
    code.signed(I32_CONST, site);
    call('overflow');
    put(END);
  };

  return { put, call, check, checkGroup, checkRange, checkValue, checkStack };
};
