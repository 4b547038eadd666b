// The order of the sections: those that the program doesn't have, but the heap may, are put in where they belong.

import { FormatError } from '../wasm/cursor.js';
import { CODE, CUSTOM, DATA_COUNT, ORDER, START } from '../wasm/sections.js';
import { codeParts } from './code.js';
import { exportSection } from './exports.js';
import { importSection } from './imports.js';
import { joinNames } from './names.js';
import { addSection, nameOf } from './output.js';
import { ofProgram } from './plan.js';
import { listSections } from './sections.js';

/** @typedef {ReturnType<typeof inOrder>} InOrder */

/**
 * @param {import('./plan.js').Plan} plan
 * @param {import('./output.js').Output} out
 * @param {Required<Pick<import('./merge.js').MergeOptions, 'exportAs'>> & import('./merge.js').MergeOptions} options
 */
export const inOrder = (plan, out, options) => {
  /** What is done with each section that is there as a whole, by its number. @type {Record<number, import('./sections.js').Writer>} */
  const write = {
    ...listSections(plan, out, options.seesTables),
    ...importSection(plan, out, options),
    ...exportSection(plan, out, options),
    [CODE]: (program) => addSection(out, CODE, codeParts(plan, program)),
  };
  /** The next place in ORDER. */
  let next = 0;

  /** Puts in the sections up to `place` in their order that the program doesn't have. @param {number} place */
  const fillIn = (place) => {
    for (; next < place; next++) {
      const id = ORDER[next];
      if (id === START) write[id]();
      else if (id !== DATA_COUNT) write[id](ofProgram(plan));
    }
  };

  /**
   * A section of the program begins.
   * @param {number} id
   * @returns {boolean} false: it is unknown, or stands in the wrong place
   */
  const begin = (id) => {
    const place = ORDER.indexOf(id);
    if (id === CUSTOM) return true;
    if (place < next) return false;
    fillIn(place);
    next++;
    return true;
  };

  /** The program has no more sections. */
  const finish = () => {
    fillIn(ORDER.length);
    let { names } = plan;
    try {
      names = joinNames(names, plan.heap.names, plan.maps, plan.heapMaps);
    } catch (error) {
      // engines ignore a broken name section: so it stays as it is
      if (!(error instanceof FormatError)) throw error;
    }
    if (names) addSection(out, CUSTOM, [nameOf('name'), names]);
  };

  return { begin, finish, write };
};
