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
  11: ['lost-chunk', 'a free chunk is in no bin'],
  12: ['footprint', 'the footprint is not the sum of the regions'],
  13: ['untouched', 'what counts as never touched is not the upper part of top'],
  14: ['run-map', 'the map of the runs leads to something else than a run, or not to every run'],
  15: ['run-slots', 'a run has a slot in use where its class has none, or no class'],
  16: ['run-count', "a run's count does not match its slots in use"],
  17: ['run-links', "a class's list of runs has a full run, a broken link, or not every run with free slots"],
  18: ['open-word', 'a class hands out slots that are not in its current run'],
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
