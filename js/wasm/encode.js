// Writes the parts that little modules are made of: texts, lists, sections.

import { leb } from './leb128.js';
import { encode } from './text.js';

export const kMagicAndVersion = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** @param {string} value */
export const text = (value) => {
  const bytes = encode(value);
  return [...leb(bytes.length), ...bytes];
};

/** @param {number[][]} items */
export const list = (items) => [...leb(items.length), ...items.flat()];

/**
 * @param {number} id
 * @param {number[][]} items
 */
export const section = (id, items) => {
  const body = list(items);
  return [id, ...leb(body.length), ...body];
};
