// The files that memory.js loads only when they are asked for: what each is called in dist/, and its module here. A feature that ships in
// a file of its own adds a line, and tools/build.mjs bundles it.

import { addTexts, failure, messageOf } from './errors.js';

/**
 * @template T
 * @param {string} file in dist/
 * @param {keyof T & string} wanted an export of it, missing where the file is empty or cut short
 * @param {() => Promise<T>} load
 * @returns {() => Promise<T>} loads it, with the texts of its errors; once it is there, the host has it
 */
const later = (file, wanted, load) => async () => {
  try {
    const module = await load();
    if (!module[wanted]) throw `it has no ${wanted}`;
    addTexts(/** @type {{ kTexts?: import('./errors.js').Texts }} */ (module).kTexts);
    return module;
  } catch (error) {
    throw failure('FetchError feature', [file, messageOf(error)], error);
  }
};

export const kFeatures = {
  adopt: later('memory.adopt.js', 'linkAdopted', () => import('./adopt/link.js')),
  merge: later('memory.merge.js', 'merger', () => import('./merge/index.js')),
  table: later('memory.table.js', 'linkTable', () => import('./load/link-table.js')),
  attach: later('memory.attach.js', 'attach', () => import('./load/attach.js')),
  check: later('memory.check.js', 'checkedParts', () => import('./check/index.js')),
  debug: later('memory.debug.js', 'debugHeapClass', () => import('./debug/index.js')),
  explain: later('memory.explain.js', 'explainTrap', () => import('./toolkit/trap.js')),
  threads: later('memory.threads.js', 'join', () => import('./load/threads.js')),
  integrity: later('memory.integrity.js', 'verified', () => import('./load/integrity.js')),
};
