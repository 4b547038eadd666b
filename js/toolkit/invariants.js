// What `heap.check()` says of a heap that is damaged.

/**
 * @typedef {object} BrokenInvariant
 * @property {number} code what heap_check returned
 * @property {string} name the invariant, in a word
 * @property {string} message what is wrong, and what that means
 */

/** @type {Record<number, [name: string, text: string]>} */
const kInvariants = {
  // from src/check.h, by tools/tables.mjs
  1: ['region-bounds', "a region's bounds are not aligned, not in the memory, or not in order"],
  2: ['chunk-size', "a chunk's size is too small, not a multiple of 16, or reaches beyond its region"],
  3: ['flag-below', "a chunk's flag about the chunk below does not match that chunk"],
  4: ['not-coalesced', 'two neighbouring chunks are free: they should have been coalesced'],
  5: ['foot', "a free chunk's foot differs from its head"],
  6: ['fence', 'a region does not end with a fence'],
  7: ['top', 'top is not the last chunk of the newest region, or is in use'],
  8: ['bin-links', "a bin's links do not agree with each other"],
  9: ['bin-class', 'a bin has a chunk of another size class, or one that is in use'],
  10: ['bin-map', 'the bitmap does not say which bins have chunks'],
  11: ['lost-chunk', 'a free chunk is in no bin, or their bytes are counted wrong'],
  12: ['footprint', 'the footprint is not the sum of the regions'],
  13: ['untouched', 'the part of top that counts as never touched begins below top'],
  14: ['cell-map', "the page map has an entry that is no cell's descriptor, or not every cell"],
  15: ['cell-slots', "a cell's descriptor has another class or shape than its seal, or free slots beyond its last"],
  16: ['cell-count', "a cell's countdown does not match its slots in use"],
  17: ['cell-links', "a class's lists have a broken link, a cell of another class, or not every cell with free slots"],
  18: ['active-word', 'a class hands out slots that are not free slots of its current cell'],
  19: ['seal', 'a seal does not fit: of a chunk in use, of top, or of a region'],
  20: ['state', "the heap's state was overwritten from below, or is another version's"],
  21: ['quick-list', 'a quick list has a chunk of another size, or the count of bytes kept in them is wrong'],
  22: ['owner', 'a page of the heap belongs to the heap of another thread'],
};

/**
 * @param {number} code of heap_check
 * @returns {BrokenInvariant | null}
 */
export function brokenInvariant(code) {
  if (!code) return null;
  const [name, text] = kInvariants[code] ?? ['unknown', `invariant ${code}, which this memory.js does not know, is broken`];
  return { code, name, message: `the heap is damaged: ${text}. Something wrote over the heap's data.` };
}
