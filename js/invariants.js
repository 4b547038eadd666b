// The texts of heap_check's numbers: enum Invariant in src/check.h.

/** @type {readonly string[]} */
const kTexts = [];

/** @param {number} number */
export const textOfInvariant = (number) => `invariant ${number}: ${kTexts[number] ?? 'unknown to this version of memory.js'}`;
