// The name section: the program's names with the heap's added, so that stacks stay readable.

import { concatenated } from '../wasm/bytes.js';
import { Cursor } from '../wasm/cursor.js';
import { each } from '../wasm/format.js';
import { leb } from '../wasm/leb128.js';
import { DATA, ELEM, FUNC, GLOBAL, MEMORY, TABLE, TAG, TYPE } from '../wasm/opcodes.js';

/** @typedef {import('../wasm/cursor.js').Maps} Maps */

/**
 * The index space that each part of the section names; parts 2 and 3 hold a list of names for each index. So does part 10, the
 * names of fields: the program's, whose types keep their indices.
 */
const SPACES = [0, FUNC, FUNC, FUNC, TYPE, TABLE, MEMORY, GLOBAL, ELEM, DATA, 0, TAG];

/**
 * @param {Uint8Array | undefined} program the contents of its name section
 * @param {Uint8Array | undefined} heap likewise
 * @param {Maps} maps new indices of what the program names
 * @param {Maps} heapMaps and of what the heap names
 * @returns {Uint8Array | undefined} undefined: nothing has a name
 */
export const joinNames = (program, heap, maps, heapMaps) => {
  const own = parts(program),
    added = parts(heap);
  const joined = SPACES.flatMap((space, part) => {
    const contents = space && (added[part] || maps[space]) ? joinPart(part >> 1 === 1, [own[part], added[part]], [maps[space], heapMaps[space]]) : own[part];
    return contents ? [[part], leb(contents.length), contents] : [];
  });
  return joined.length ? concatenated(joined) : undefined;
};

/** @param {Uint8Array} [section] */
const parts = (section = new Uint8Array(0)) => {
  const cursor = new Cursor(section, 'name');
  /** @type {Uint8Array[]} */
  const found = [];
  while (cursor.at < section.length) found[cursor.byte()] = cursor.block();
  return found;
};

/**
 * Where both files name one index, the program's name stays.
 * @param {boolean} nested @param {(Uint8Array | undefined)[]} parts @param {Maps} maps
 */
const joinPart = (nested, parts, maps) => {
  /** @type {Record<number, Uint8Array>} in the order of its keys */
  const entries = {};
  parts.forEach((part, i) => {
    if (!part) return;
    const cursor = new Cursor(part, 'name');
    each(cursor, () => {
      const old = cursor.number(),
        index = maps[i]?.(old) ?? old,
        start = cursor.at;
      if (nested) each(cursor, () => (cursor.number(), cursor.block()));
      else cursor.block();
      entries[index] ??= part.subarray(start, cursor.at);
    });
  });
  const sorted = Object.entries(entries);
  return concatenated([leb(sorted.length), ...sorted.flatMap(([index, bytes]) => [leb(+index), bytes])]);
};
