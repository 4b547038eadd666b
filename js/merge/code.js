// The code section: the heap's functions that take the places of imports, the program's, and the heap's others.

import { concatenated } from '../wasm/bytes.js';
import { body } from '../wasm/format.js';
import { leb } from '../wasm/leb128.js';
import { ofHeap } from './plan.js';

/** @typedef {import('../wasm/bytes.js').Piece} Piece */
/** @typedef {import('../wasm/cursor.js').Cursor} Cursor */
/** @typedef {import('./plan.js').Plan} Plan */

/** @param {Plan} plan @param {number} old index of a function of the heap */
const heapBody = (plan, old) => {
  const cursor = ofHeap(plan, plan.heap.bodies[old]);
  body(cursor);
  const bytes = cursor.rewritten();
  return [leb(bytes.length), bytes];
};

/**
 * The number of functions, the heap's functions before the program's, and those behind them.
 * @param {Plan} plan
 * @param {number} count of the program's
 */
export const aroundCode = (plan, count) => {
  const [before, after] = plan.placed;
  return [leb(before.length + count + after.length), ...[before, after].map((all) => concatenated(all.flatMap((old) => heapBody(plan, old))))];
};

/** A body's size takes at most so many bytes. */
const kSize = 5;

/**
 * Rewrites the bodies that are there as a whole, and leaves the cursor behind them.
 * @param {Plan} plan
 * @param {Cursor} program
 * @param {number} [end] of the code section
 * @returns {{ pieces: Piece[], missing: number }} `missing`: how many bytes the next body still needs, where its size is known
 */
export const rewrittenBodies = (plan, program, end = program.bytes.length) => {
  const { bytes, at: start } = program;
  const there = Math.min(bytes.length, end);
  /** @type {Piece[]} */
  const longer = [];
  let missing = 0;
  let done = start;
  while (done < there && (there === end || done + kSize <= there)) {
    const last = program.number() + program.at;
    const from = program.at;
    if (last > end) program.refuse('code runs over its end', done);
    missing = Math.max(0, last - there);
    if (missing) break;
    body(program, last);
    done = last;
    if (plan.grows) {
      const rewritten = program.rewritten(from, done);
      longer.push(leb(rewritten.length), rewritten);
    }
  }
  program.at = done;
  return { pieces: plan.grows ? longer : program.rewrittenPieces(start, done), missing };
};

/** All of the section. @param {Plan} plan @param {Cursor} program on its number of functions */
export const codeParts = (plan, program) => {
  const [total, before, after] = aroundCode(plan, program.number());
  return [total, before, ...rewrittenBodies(plan, program).pieces, after];
};
