// The merged module, as far as it hasn't been handed over: a list of pieces.

import { concatenated } from '../wasm/bytes.js';
import { leb } from '../wasm/leb128.js';

/** @typedef {import('../wasm/bytes.js').Piece} Piece */
/** @typedef {Piece[]} Output */

/** @param {Output} out @param {number} id @param {Piece[]} parts */
export const addSection = (out, id, parts) => {
  const contents = concatenated(parts);
  out.push([id, ...leb(contents.length)], contents);
};

/**
 * A section that is a list.
 * @param {Output} out
 * @param {number} id
 * @param {number} count of items in `parts`; 0: there is no such section
 * @param {Piece[]} parts
 */
export const addList = (out, id, count, parts) => {
  if (count) addSection(out, id, [leb(count), ...parts]);
};

/** @param {string} text @returns {Piece} */
export const nameOf = (text) => {
  const bytes = new TextEncoder().encode(text);
  return [...leb(bytes.length), ...bytes];
};
