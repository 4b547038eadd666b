// The texts of heap_check's numbers: `text` in src/check.h, in the order of enum Invariant. A test compares them.

const kTexts = [
  'every invariant holds',
  "a region's bounds are not aligned, not in the memory, or not in order",
  "a chunk's size is too small, not a multiple of 16, or reaches beyond its region",
  "a chunk's flag about the chunk below does not match that chunk",
  'two neighbouring chunks are free: they should have been coalesced',
  "a free chunk's foot differs from its head",
  'a region does not end with a fence',
  'top is not the last chunk of the newest region, or is in use',
  "a bin's links do not agree with each other",
  'a bin has a chunk of another size class, or one that is in use',
  'the bitmap does not say which bins have chunks',
  'a free chunk is in no bin',
  'the footprint is not the sum of the regions',
  'what counts as never touched is not the upper part of top',
  'the map of the runs leads to something else than a run, or not to every run',
  "a run has a slot in use where its class has none, or no class",
  "a run's count does not match its slots in use",
  "a class's list of runs has a full run, a broken link, or not every run with free slots",
  "a class hands out slots that are not in its current run",
];

/** @param {number} number */
export const textOfInvariant = (number) => `invariant ${number}: ${kTexts[number] ?? 'unknown to this version of memory.js'}`;
