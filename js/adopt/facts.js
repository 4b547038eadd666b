// What each function of a module does, as far as it says something of an allocator. The code is read once, from top to bottom, with a
// little knowledge of the values on the stack and in locals:
//
//     CONSTANT v       a number; an address, if something is loaded from it
//     SYMBOL s d       something unknown + d: a parameter, the result of a call, a pointer that was loaded
//     HEADER h         the word in front of a SYMBOL, loaded: what dlmalloc keeps in front of each block
//
// Branches are not followed: a local has the value that it was given last, in the order of the code. So a function may be said to touch an
// address that it never does, which leads to a refusal. Where a value is forgotten, its constants are still among `constants`.

import { Cursor } from '../wasm/cursor.js';
import { immediatesOf, locals as skipLocals } from '../wasm/format.js';
import { OPERANDS } from '../check/access.js';
import { signedAt } from './module.js';

/** @typedef {import('./module.js').Module} Module */

/**
 * @typedef {object} HeaderRead a place where the word in front of a block is taken apart
 * @property {number} at where the `i32.and` is, in the file
 * @property {number} mask that it is taken apart with
 * @property {number} origin whose result the pointer is: a function's index; or -1 - n for parameter n; kUnknown for others
 * @property {boolean} direct whether it is taken apart where it was loaded, not later
 *
 * @typedef {object} Facts of one function
 * @property {number} index
 * @property {number} size of its body
 * @property {Set<number>} calls functions that it calls, and those whose address it takes
 * @property {Set<number>} returning those of them that it goes on after: a call of a panic has `unreachable` behind it
 * @property {boolean} indirect whether it calls through a table
 * @property {Set<number>} touches addresses of words that it loads from and stores to
 * @property {Set<number>} constants other numbers, which may be addresses
 * @property {Set<number>} globals mutable ones that it reads or writes
 * @property {boolean} grows whether it has a memory.grow
 * @property {boolean} loads whether it loads from an address that it does not know
 * @property {HeaderRead[]} headers
 */

const CONSTANT = 1,
  SYMBOL = 2,
  HEADER = 3;
/** The number that goes with a HEADER which was in a local. */
const kStored = 1;

export const kUnknown = -1e6;

/** Numbers below this are no addresses of static data: linkers leave the first kilobyte, or half of it, free. */
const kLowest = 256;

/** Where position-independent code is put when it is tried (scratch.js), so where its data is. */
export const kMemoryBase = 1024;

/** Masks that take dlmalloc's header apart: its two or three flags, and the size above them. */
const kHeaderMasks = new Set([1, 2, 3, 7, -8, -4, -2, 0x7ffffff8, 0x7ffffffc]);

/** So many values are kept on the stack; what is below is unknown. */
const kDeepest = 1024;

/** What most functions have of most facts: one set for all of them. @type {Set<number>} */
const kNone = new Set();

const kinds = new Uint8Array(kDeepest);
const symbols = new Int32Array(kDeepest);
const numbers = new Int32Array(kDeepest);
/** What is stored through a symbol: code that is not optimized keeps its variables in its frame. By symbol and distance. @type {Map<number, number[]>} */
const slots = new Map();

/**
 * @param {Module} module
 * @returns {(Facts | undefined)[]} by function index; none for imports
 */
export function factsOf(module) {
  const { bytes, bodies, imported, functions, types, globals } = module;
  const cursor = new Cursor(bytes, module.file);
  const arity = types.map(arityOf);
  /** @type {(Facts | undefined)[]} */
  const facts = new Array(imported);
  bodies.forEach(({ start, end }, i) => {
    const index = imported + i;
    cursor.at = start;
    facts.push(read(index, end));
  });
  return facts;

  /**
   * @param {number} index
   * @param {number} end
   * @returns {Facts}
   */
  function read(index, end) {
    const found = {
      index,
      size: end - cursor.at,
      calls: kNone,
      returning: kNone,
      indirect: false,
      touches: kNone,
      constants: kNone,
      globals: kNone,
      grows: false,
      loads: false,
      headers: /** @type {HeaderRead[]} */ ([]),
    };
    const note = (/** @type {'calls' | 'returning' | 'touches' | 'constants' | 'globals'} */ fact, /** @type {number} */ value) => {
      if (found[fact] === kNone) found[fact] = new Set();
      found[fact].add(value);
    };
    /** By symbol. */
    const origins = [kUnknown];
    /** By local: its kind, symbol and number. @type {number[]} */
    const known = [];
    const parameters = arity[functions[index]]?.parameters ?? 0;
    for (let p = 0; p < parameters; p++) ((known[3 * p] = SYMBOL), (known[3 * p + 1] = origins.push(-1 - p) - 1), (known[3 * p + 2] = 0));
    slots.clear();
    let top = 0;
    skipLocals(cursor);

    const push = (/** @type {number} */ kind, /** @type {number} */ symbol, /** @type {number} */ number) => {
      if (top === kDeepest) top = 0;
      kinds[top] = kind;
      symbols[top] = symbol;
      numbers[top++] = number;
    };
    const pushUnknown = (/** @type {number} */ origin = kUnknown) => push(SYMBOL, origins.push(origin) - 1, 0);
    /** The value popped is at `top`; below the bottom nothing is known. */
    const pop = () => {
      if (top) top--;
      else kinds[0] = 0;
    };
    const drop = (/** @type {number} */ count) => {
      top = Math.max(0, top - count);
    };
    const sum = (/** @type {number} */ kind, /** @type {number} */ symbol, /** @type {number} */ number) => {
      if (kind === CONSTANT && number >>> 0 >= kLowest) note('constants', number >>> 0);
      push(kind, symbol, number);
    };
    /** Of an access whose address is at `top`. */
    const touch = (/** @type {number} */ offset) => {
      if (kinds[top] !== CONSTANT) return;
      const address = (numbers[top] + offset) >>> 0;
      if (address >= kLowest && !(address & 3)) note('touches', address);
    };

    const header = (/** @type {number} */ mask, /** @type {number} */ origin, /** @type {number} */ stored, /** @type {number} */ at) => {
      if (kHeaderMasks.has(mask)) found.headers.push({ at, mask, origin, direct: stored !== kStored });
    };

    while (cursor.at < end) {
      const at = cursor.at;
      const opcode = bytes[cursor.at++];
      if (opcode === 0x41) {
        const value = signedAt(bytes, cursor.at);
        while (bytes[cursor.at++] > 0x7f);
        if (value >>> 0 >= kLowest) note('constants', value >>> 0);
        push(CONSTANT, 0, value);
      } else if (opcode === 0x20) {
        const local = 3 * cursor.number();
        if (known[local] === undefined) ((known[local] = SYMBOL), (known[local + 1] = origins.push(kUnknown) - 1), (known[local + 2] = 0));
        push(known[local], known[local + 1], known[local] === HEADER ? kStored : known[local + 2]);
      } else if (opcode === 0x21 || opcode === 0x22) {
        const local = 3 * cursor.number();
        pop();
        if (!kinds[top]) {
          pushUnknown();
          pop();
        }
        known[local] = kinds[top];
        known[local + 1] = symbols[top];
        known[local + 2] = numbers[top];
        if (opcode === 0x22) top++;
      } else if (opcode === 0x23 || opcode === 0x24) {
        const global = cursor.number();
        const { mutable, value, name } = globals[global] ?? {};
        if (mutable) note('globals', global);
        if (opcode === 0x24) pop();
        else if (name === '__memory_base') push(CONSTANT, 0, kMemoryBase);
        else if (!mutable && value !== undefined) push(CONSTANT, 0, value);
        else pushUnknown();
      } else if (opcode === 0x6a || opcode === 0x6b) {
        pop();
        const kind = kinds[top],
          symbol = symbols[top],
          number = numbers[top];
        pop();
        const sign = opcode === 0x6a ? 1 : -1;
        if (kind === CONSTANT && (kinds[top] === CONSTANT || kinds[top] === SYMBOL)) sum(kinds[top], symbols[top], (numbers[top] + sign * number) | 0);
        else if (kind === SYMBOL && kinds[top] === CONSTANT && sign > 0) sum(SYMBOL, symbol, (numbers[top] + number) | 0);
        else pushUnknown();
      } else if (opcode === 0x71) {
        pop();
        const kind = kinds[top],
          number = numbers[top],
          symbol = symbols[top];
        pop();
        if (kind === CONSTANT && kinds[top] === HEADER) header(number, symbols[top], numbers[top], at);
        else if (kind === HEADER && kinds[top] === CONSTANT) header(numbers[top], symbol, number, at);
        pushUnknown();
      } else if (opcode >= 0x28 && opcode <= 0x35) {
        const offset = memarg(cursor);
        pop();
        touch(offset);
        found.loads ||= kinds[top] !== CONSTANT;
        // A word, or a byte, in front of a pointer.
        const isHeader = kinds[top] === SYMBOL && (opcode === 0x28 || opcode === 0x2c || opcode === 0x2d) && ((numbers[top] + offset) | 0) === -4;
        const slot = opcode === 0x28 && kinds[top] === SYMBOL ? slots.get(slotOf(symbols[top], numbers[top] + offset)) : undefined;
        if (slot) push(slot[0], slot[1], slot[0] === HEADER ? kStored : slot[2]);
        else if (isHeader) push(HEADER, origins[symbols[top]], 0);
        else pushUnknown();
      } else if (opcode >= 0x36 && opcode <= 0x3e) {
        const offset = memarg(cursor);
        pop();
        const kind = kinds[top],
          symbol = symbols[top],
          number = numbers[top];
        pop();
        touch(offset);
        if (opcode === 0x36 && kinds[top] === SYMBOL && kind) slots.set(slotOf(symbols[top], numbers[top] + offset), [kind, symbol, number]);
      } else if (opcode === 0x10 || opcode === 0x12) {
        const callee = cursor.number();
        note('calls', callee);
        if (bytes[cursor.at] !== 0x00) note('returning', callee);
        const { parameters, results } = arity[functions[callee]] ?? { parameters: kDeepest, results: 0 };
        drop(parameters);
        for (let r = 0; r < results; r++) pushUnknown(callee);
      } else if (opcode === 0xd2) {
        note('calls', cursor.number());
        push(0, 0, 0);
      } else if (opcode === 0x1a || opcode === 0x0d || opcode === 0x04) {
        pop();
        if (opcode !== 0x1a) immediatesOf(cursor, opcode);
      } else if (opcode === 0x1b) {
        drop(3);
        pushUnknown();
      } else if (OPERANDS[opcode]) {
        drop(OPERANDS[opcode]);
        pushUnknown();
      } else if (opcode === 0x3f || opcode === 0x40) {
        if (opcode === 0x40) ((found.grows = true), pop());
        cursor.number();
        pushUnknown();
      } else if (opcode === 0x42) {
        cursor.wide();
        push(0, 0, 0);
      } else {
        if (opcode === 0x11 || opcode === 0x13) found.indirect = true;
        // memory.init, copy and fill: where they write to, and read from.
        if (opcode === 0xfc && bytes[cursor.at] >= 8 && bytes[cursor.at] <= 11) for (let k = 0; k < 3; k++) (pop(), touch(0));
        immediatesOf(cursor, opcode);
        top = 0;
      }
    }
    cursor.at = end;
    return found;
  }
}

/** @param {number} symbol @param {number} distance */
const slotOf = (symbol, distance) => symbol * 0x100000 + ((distance + 0x80000) & 0xfffff);

/**
 * The offset of an access.
 * @param {Cursor} cursor
 */
function memarg(cursor) {
  if (cursor.number() & 0x40) cursor.number();
  return cursor.wide();
}

/** How many values a function of a type like "(i32, i32) -> i32" takes and leaves. @param {string} type */
function arityOf(type) {
  const [parameters, results] = type.split(' -> ');
  const count = (/** @type {string} */ list) => (list ? list.split(', ').length : 0);
  return { parameters: count(parameters.slice(1, -1)), results: results === 'nothing' ? 0 : count(results) };
}
