// Which blocks are in use, by the stack that allocated them.

import { inLines } from './stacks.js';
import { heapProfile, speedscope } from './profiles.js';

/** @typedef {import('./stacks.js').Frame} Frame */

/**
 * @typedef {object} Site blocks that one stack allocated
 * @property {number} byteLength of all of them
 * @property {number} count
 * @property {number} oldest how many allocations ago the oldest was allocated
 * @property {number} newest and the newest
 * @property {number} example the pointer of the oldest
 * @property {Frame[]} stack the innermost call first; empty if no stack was taken
 *
 * @typedef {object} SiteSums while they are counted: by the number of a stack, and of allocations
 * @property {number} byteLength
 * @property {number} count
 * @property {number} first
 * @property {number} last
 * @property {number} example
 */

/** Sums by the number of a stack. */
export class SiteTable {
  /** @type {Map<number, SiteSums>} */
  sums = new Map();

  /** @param {number} stack @param {number} pointer @param {number} byteLength @param {number} number of the allocation */
  add(stack, pointer, byteLength, number) {
    const sums = this.sums.get(stack);
    if (!sums) {
      this.sums.set(stack, { byteLength, count: 1, first: number, last: number, example: pointer });
      return;
    }
    sums.byteLength += byteLength;
    sums.count++;
    if (number < sums.first) {
      sums.first = number;
      sums.example = pointer;
    } else if (number > sums.last) sums.last = number;
  }
}

/** What is in use, the largest first. `String(report)` is the text, `JSON.stringify(report)` the data. */
export class LeakReport {
  /**
   * @param {SiteTable} table
   * @param {{ frames(number: number): Frame[] }} stacks
   * @param {number} allocations so far
   */
  constructor({ sums }, stacks, allocations) {
    /** @type {Site[]} */
    this.sites = [...sums]
      .map(([stack, { byteLength, count, first, last, example }]) => ({
        byteLength,
        count,
        oldest: allocations - first,
        newest: allocations - last,
        example,
        stack: stacks.frames(stack),
      }))
      .sort((a, b) => b.byteLength - a.byteLength || b.count - a.count);
    this.byteLength = this.sites.reduce((sum, { byteLength }) => sum + byteLength, 0);
    this.count = this.sites.reduce((sum, { count }) => sum + count, 0);
    /** How many allocations there had been. */
    this.allocations = allocations;
  }

  /** @param {number} [most] sites */
  toString(most = 20) {
    const n = (/** @type {number} */ number) => number.toLocaleString('en');
    const blocks = (/** @type {number} */ count) => `${n(count)} ${count === 1 ? 'block' : 'blocks'}`;
    if (!this.count) return `nothing is in use after ${n(this.allocations)} ${this.allocations === 1 ? 'allocation' : 'allocations'}`;
    const sites = this.sites.slice(0, most).map(({ byteLength, count, oldest, newest, stack }) => {
      const age = `${oldest === newest ? '' : `${n(newest)} to `}${n(oldest)} ${oldest === 1 ? 'allocation' : 'allocations'} ago`;
      return `  ${n(byteLength)} bytes in ${blocks(count)}, ${age}\n${inLines(stack, '      ')}`;
    });
    const rest = this.sites.length > most ? [`  and ${n(this.sites.length - most)} other places`] : [];
    return [`${n(this.byteLength)} bytes in ${blocks(this.count)} are in use after ${n(this.allocations)} allocations`, ...sites, ...rest].join('\n');
  }

  /** For Chrome's DevTools (Memory, Load) and everything else that opens a .heapprofile: an object to be written as JSON. */
  heapProfile() {
    return heapProfile(this.sites);
  }

  /** For www.speedscope.app: an object to be written as JSON. @param {string} [name] */
  speedscope(name) {
    return speedscope(this.sites, name);
  }
}
