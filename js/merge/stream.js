// The program as it arrives, piece by piece. Its code and its data are passed on before all of them are there; every other section is read as a whole.

import { concatenated } from '../wasm/bytes.js';
import { leb } from '../wasm/leb128.js';
import { FUNC } from '../wasm/opcodes.js';
import { CODE, CUSTOM, DATA_SEGMENTS } from '../wasm/sections.js';
import { aroundCode, rewrittenBodies } from './code.js';
import { header } from './heap.js';
import { ofProgram } from './plan.js';

/** @typedef {import('../wasm/bytes.js').Piece} Piece */

/** A section's number and size, and the number of items in its list, all take at most this many bytes. */
const kHead = 11;

const kNothing = new Uint8Array(0);

/**
 * @param {import('./plan.js').Plan} plan
 * @param {import('./output.js').Output} out
 * @param {import('./order.js').InOrder} sections
 * @returns {(piece: Uint8Array, last: boolean) => Uint8Array} takes what has arrived, returns what is merged meanwhile
 */
export const streamed = (plan, out, { begin, finish, write }) => {
  /** The secure heap: no index of a program that is invalid may reach its memory, so every part of the program is read. */
  const apart = plan.heap.exports.some(({ name }) => name === 'heap_secure_memory');
  const arrived = ofProgram(plan, kNothing);
  /** What has arrived and waits, how many bytes must still come to go on, and whether no more will. @type {Uint8Array[]} */
  let pieces = [];
  let wanted = 0;
  let last = false;

  /** Waits until so many bytes are there, or no more come. @param {number} count */
  const arrival = function* (count) {
    while ((wanted = arrived.at + count - arrived.bytes.length) > 0 && !last) yield;
  };

  /**
   * Passes on what need not be there as a whole.
   * @param {number} size
   * @param {(end: number) => Piece[]} [some] takes some of it, of what has arrived
   */
  const pass = function* (size, some = (end) => [arrived.take(Math.min(end, arrived.bytes.length) - arrived.at)]) {
    while (size) {
      const { at } = arrived;
      for (const piece of some(at + size)) out.push(piece);
      size -= arrived.at - at;
      if (arrived.at > at) continue;
      if (last) arrived.skip(size);
      yield;
    }
  };

  /** The bodies that have arrived, rewritten. @param {number} end of the code section */
  const bodies = (end) => {
    const { pieces, missing } = rewrittenBodies(plan, arrived, end);
    if (missing) wanted = missing;
    return pieces;
  };

  /** The code section while it arrives. @param {number} size */
  const code = function* (size) {
    const start = arrived.at;
    const [total, before, after] = aroundCode(plan, arrived.number());
    const rest = size - (arrived.at - start);
    if (rest < 0) arrived.refuse('code runs over its end');
    out.push(concatenated([[CODE], leb(total.length + before.length + rest + after.length), total, before]));
    yield* pass(rest, plan.maps[FUNC] || apart ? bodies : undefined);
    out.push(after);
  };

  const section = function* () {
    const { at } = arrived;
    const id = arrived.byte();
    const size = arrived.number();
    if (!begin(id)) arrived.refuse('unknown or misplaced section', at);
    if (id === DATA_SEGMENTS && !apart) {
      out.push([id, ...leb(size)]);
      yield* pass(size);
    } else if (id === CODE && !plan.grows) yield* code(size);
    else {
      yield* arrival(size);
      const base = arrived.base + arrived.at;
      const contents = ofProgram(plan, arrived.take(size), base);
      write[id](contents);
      if (id !== CUSTOM && contents.at < size) contents.refuse('the section goes on behind its last item');
    }
  };

  const steps = (function* () {
    yield* arrival(kHead);
    header(arrived);
    out.push(arrived.bytes.subarray(0, arrived.at));
    for (;;) {
      yield* arrival(kHead);
      if (arrived.at === arrived.bytes.length) break;
      yield* section();
    }
    finish();
  })();

  return (piece, isLast) => {
    pieces.push(piece);
    wanted -= piece.length;
    last = isLast;
    if (wanted > 0 && !last) return kNothing;
    arrived.base += arrived.at;
    arrived.bytes = concatenated(pieces);
    arrived.at = 0;
    steps.next();
    const rest = arrived.bytes.subarray(arrived.at);
    pieces = rest.length ? [rest] : [];
    return concatenated(out.splice(0));
  };
};
