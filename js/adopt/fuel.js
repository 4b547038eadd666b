// Code that comes to an end, whoever wrote it. Each call of a function and each turn of a loop takes fuel from a global, by how long the function
// or loop is, and traps where too little is left; what fills or copies takes more, by how much it does:
//
//     function f                      function f
//                                       fuel < n ? unreachable; fuel = fuel - n
//       loop ... br 0 ... end           loop  fuel < m ? unreachable; fuel = fuel - m ... br 0 ... end
//       memory.fill                     count = the operand on top; fuel < count / 64 ? unreachable; fuel = fuel - count / 64; memory.fill
//
// Only functions that a try can reach keep their bodies; all others become a trap. So a try compiles the allocator, not the program. A call with
// `unreachable` behind it is of a function that never returns: a panic, an abort. It is left out, so that the trap comes at once: what a panic
// does before it (in Rust: formatting its message, so half of the program) changes nothing for a try, which has failed.

import { concatenate } from '../wasm/bytes.js';
import { Cursor } from '../wasm/cursor.js';
import { immediatesOf, locals } from '../wasm/format.js';
import {
  CALL,
  CALL_INDIRECT,
  CALL_REF,
  END,
  GLOBAL_GET,
  GLOBAL_SET,
  I32_CONST,
  IF,
  LOOP,
  MEMORY_GROW,
  REF_FUNC,
  RETURN_CALL,
  RETURN_CALL_INDIRECT,
  RETURN_CALL_REF,
  UNREACHABLE,
} from '../wasm/instructions.js';
import { leb, signedLeb } from '../wasm/leb128.js';

/** @typedef {import('./module.js').Module} Module */
/** @typedef {import('../wasm/bytes.js').Piece} Piece */

/** block, loop, if, try, try_table; what ends them: end, and delegate. */
const kOpening = new Set([0x02, LOOP, IF, 0x06, 0x1f]);
const kClosing = new Set([END, 0x18]);
const NOTHING = 0x40;
const LESS = 0x48;
const SUB = 0x6b;
const SHIFT_RIGHT = 0x76;
/** Those whose immediate is a function. */
const kNaming = new Set([CALL, RETURN_CALL, REF_FUNC]);
/** Those that call what stands in a table, or was taken from one. */
const kThroughTables = new Set([CALL_INDIRECT, RETURN_CALL_INDIRECT, CALL_REF, RETURN_CALL_REF]);
/** A function that no try reaches: of three bytes, no locals, and a trap. */
const kTrap = [3, 0, UNREACHABLE, END];

/** Instructions that work on as many bytes or elements as the operand on top says, by the byte in front of their number. @type {Map<number, Set<number>>} */
const kBulk = new Map([
  [0xfb, new Set([6, 7, 9, 10, 16, 17, 18, 19])], // array.new, new_default, new_data, new_elem, fill, copy, init_data, init_elem
  [0xfc, new Set([8, 10, 11, 12, 14, 15, 17])], // memory.init, copy, fill; table.init, copy, grow, fill
]);
/** So many bytes of code, or bytes or elements that are copied, take one unit: as a power of two. */
const kShift = 6;
/** What memory.grow takes, which asks the engine. */
const kGrowing = 1000;

/**
 * @typedef {object} Metered a function with fuel in it
 * @property {Uint8Array} body
 * @property {Set<number>} calls functions that it calls, or whose address it takes
 * @property {boolean} indirect whether it calls what it finds in a table
 */

/** What a call may take, with all calls that it makes: some five times what a realloc without optimization takes for the largest block of a try. */
const kFuel = 250_000;
/** What each call may take that prepares an instance: constructors have more to do. */
const kPreparing = 1_000_000;
/** What all calls of one adoption may take together. */
const kAllFuel = 1_000_000_000;
/** So many scratch instances one adoption may have. */
const kInstances = 4000;

/** What has been used up for a module, and its code with fuel in it. */
class Meter {
  #fuel = kAllFuel;
  #instances = kInstances;
  /** By function; those that were needed so far. @type {Metered[]} */
  #functions = [];
  #insertions;
  #module;

  /** @param {Module} module */
  constructor(module) {
    this.#module = module;
    // The global with the fuel comes behind all others, then one for a count.
    this.#insertions = insertionsFor(leb(module.globals.length), leb(module.globals.length + 1));
  }

  /**
   * The contents of a code section in which only these functions have their bodies.
   * @param {Set<number>} reached
   */
  code(reached) {
    const { bodies, imported } = this.#module;
    /** @type {Piece[]} */
    const pieces = [leb(bodies.length)];
    for (let index = imported; index < imported + bodies.length; index++) {
      if (!reached.has(index)) pieces.push(kTrap);
      else {
        const { body } = this.#function(index);
        pieces.push(leb(body.length), body);
      }
    }
    return concatenate(pieces);
  }

  /** The module's own functions among these, and all that they call. A call through a table may reach whatever stands in one. @param {number[]} roots */
  reach(roots) {
    const { elements, functions, imported } = this.#module;
    /** @type {Set<number>} */
    const reached = new Set();
    let throughTables = false;
    const open = [...roots];
    while (open.length) {
      const index = /** @type {number} */ (open.pop());
      if (index < imported || index >= functions.length || reached.has(index)) continue;
      reached.add(index);
      const { calls, indirect } = this.#function(index);
      for (const callee of calls) open.push(callee);
      if (!indirect || throughTables) continue;
      throughTables = true;
      for (const callee of elements) open.push(callee);
    }
    return reached;
  }

  /** @param {number} index */
  #function(index) {
    const { bytes, bodies, imported, file } = this.#module;
    const { start, end } = bodies[index - imported];
    return (this.#functions[index] ??= meteredFunction(new Cursor(bytes.subarray(0, end), file), start, this.#insertions));
  }

  get isEmpty() {
    return this.#fuel <= 0 || this.#instances <= 0;
  }

  /** Throws where there may be no more instances: what is tried then counts as something that does not behave as it should. */
  takeInstance() {
    if (this.isEmpty) throw new Error('trying takes too long');
    this.#instances--;
  }

  /**
   * Calls a function that takes its fuel from a global.
   * @template T
   * @param {WebAssembly.Global} global
   * @param {() => T} call
   * @param {boolean} [prepares] an instance
   */
  metered(global, call, prepares = false) {
    const given = Math.max(0, Math.min(prepares ? kPreparing : kFuel, this.#fuel));
    global.value = given;
    try {
      return call();
    } finally {
      this.#fuel -= given - global.value;
    }
  }
}

/** @type {WeakMap<Module, Meter>} */
const kMeters = new WeakMap();

/** @param {Module} module */
export function meterOf(module) {
  const known = kMeters.get(module) ?? new Meter(module);
  kMeters.set(module, known);
  return known;
}

/** The globals that the code needs: the fuel and the count, mutable i32s. */
export const kGlobals = [
  [0x7f, 1, I32_CONST, 0, END],
  [0x7f, 1, I32_CONST, 0, END],
];

/** What a host function takes that copies so many bytes. @param {WebAssembly.Global} fuel @param {number} bytes */
export function takeFor(fuel, bytes) {
  fuel.value -= bytes >>> kShift;
  if (fuel.value < 0) throw new Error('no fuel');
}

/** @param {number[]} fuel index of a global @param {number[]} count */
function insertionsFor(fuel, count) {
  const getFuel = [GLOBAL_GET, ...fuel];
  const take = (/** @type {number[]} */ amount) => [
    ...getFuel,
    ...amount,
    LESS,
    IF,
    NOTHING,
    UNREACHABLE,
    END,
    ...getFuel,
    ...amount,
    SUB,
    GLOBAL_SET,
    ...fuel,
  ];
  const share = [GLOBAL_GET, ...count, I32_CONST, kShift, SHIFT_RIGHT];
  return {
    take: (/** @type {number} */ amount) => take([I32_CONST, ...signedLeb(amount)]),
    share: [GLOBAL_SET, ...count, ...take(share), GLOBAL_GET, ...count],
  };
}

/**
 * @param {Cursor} cursor that ends where the body does
 * @param {number} start
 * @param {ReturnType<typeof insertionsFor>} insertions
 * @returns {Metered}
 */
function meteredFunction(cursor, start, { take, share }) {
  const { bytes } = cursor;
  /** @type {Set<number>} */
  const calls = new Set();
  let indirect = false;
  /** @type {Piece[]} */
  const pieces = [];
  let from = start;
  /** Returns where among the pieces the code is. */
  const insert = (/** @type {number} */ at, /** @type {number[]} */ code) => {
    const place = pieces.push(bytes.subarray(from, at), code) - 1;
    from = at;
    return place;
  };
  /** The blocks that are open: where a loop's code is among the pieces, and where the loop begins. @type {{ place?: number, begin: number }[]} */
  const open = [];
  cursor.at = start;
  locals(cursor);
  insert(cursor.at, take(1 + ((bytes.length - start) >> kShift)));
  while (cursor.at < bytes.length) {
    const { at } = cursor;
    const opcode = cursor.byte();
    if (kBulk.get(opcode)?.has(bytes[cursor.at])) insert(at, share);
    else if (opcode === MEMORY_GROW) insert(at, take(kGrowing));
    if (kNaming.has(opcode)) {
      const callee = cursor.number();
      if (opcode === CALL && bytes[cursor.at] === UNREACHABLE) (insert(at, []), (from = cursor.at));
      else calls.add(callee);
    } else immediatesOf(cursor, opcode);
    if (kThroughTables.has(opcode)) indirect = true;
    if (kOpening.has(opcode)) open.push({ place: opcode === LOOP ? insert(cursor.at, []) : undefined, begin: at });
    else if (kClosing.has(opcode)) {
      const { place, begin } = open.pop() ?? { begin: 0 };
      if (place !== undefined) pieces[place] = take(1 + ((at - begin) >> kShift));
    }
  }
  return { body: concatenate([...pieces, bytes.subarray(from)]), calls, indirect };
}
