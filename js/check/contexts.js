// Calling contexts: a number that stands for the whole stack of a call. Each function that can reach an allocator keeps the
// context it was called in, and before a call that can reach one sets a global to 3 * context + a number for the site. Before a
// call of the allocator it gives that number to the heap (heap_debug_at), which takes a stack from the engine only for a new one.
// Two stacks get the same number with a chance of about 2^-32.

import { immediatesOf, valueType } from '../wasm/format.js';
import { CALL, CALL_INDIRECT, RETURN_CALL, RETURN_CALL_INDIRECT } from '../wasm/instructions.js';

/**
 * @typedef {import('../wasm/cursor.js').Cursor} Cursor
 *
 * @typedef {object} Contexts
 * @property {Set<number>} allocators imported functions that are told the context
 * @property {Uint8Array} reach whether a function can reach one of them, by index
 * @property {number} global where the context of a call is
 */

/** The functions whose calls the heap wants to know the context of. */
export const ALLOCATORS =
  /^(malloc|calloc|realloc|free|aligned_alloc|posix_memalign|memalign|reallocarray|free_sized|free_aligned_sized|_Zn[aw]m?j?.*|_Zd[al]Pv.*)$/;

/**
 * Which functions can reach one of `targets`. A call through a table may reach anything.
 * @param {Cursor} cursor on the code section's number of functions @param {number} imported @param {number} total @param {Iterable<number>} targets
 */
export const functionsThatReach = (cursor, imported, total, targets) => {
  const reach = new Uint8Array(total),
    { at } = cursor,
    { bytes } = cursor;
  /** Who calls whom, as lists: the last caller of each function, and the caller noted before each. */
  const last = new Int32Array(total).fill(-1);
  /** @type {number[]} */
  const caller = [];
  /** @type {number[]} */
  const before = [];
  const work = [...targets];
  const count = cursor.number();
  for (let index = imported; index < imported + count; index++) {
    const end = cursor.number() + cursor.at;
    for (let groups = cursor.number(); groups--;) {
      cursor.number();
      valueType(cursor);
    }
    while (cursor.at < end) {
      const opcode = bytes[cursor.at++];
      if (opcode === CALL || opcode === RETURN_CALL) {
        const called = cursor.number();
        before.push(last[called]);
        last[called] = caller.push(index) - 1;
        continue;
      }
      if (opcode === CALL_INDIRECT || opcode === RETURN_CALL_INDIRECT) work.push(index);
      immediatesOf(cursor, opcode);
    }
  }
  cursor.at = at;
  while (work.length) {
    const index = /** @type {number} */ (work.pop());
    if (reach[index]) continue;
    reach[index] = 1;
    for (let i = last[index]; i >= 0; i = before[i]) work.push(caller[i]);
  }
  return reach;
};
