// The sections that are lists of the program's items with the heap's behind them, and those that are the program's alone.

import { dataSegment, each, global, limits, segment, table, tag, typeGroup } from '../wasm/format.js';
import { DATA, ELEM, GLOBAL, MEMORY, TABLE, TAG, TYPE } from '../wasm/opcodes.js';
import { CUSTOM, DATA_COUNT, DATA_SEGMENTS, ELEMENTS, GLOBALS, MEMORIES, TABLES, TAGS, TELLS_OFFSETS, TYPES } from '../wasm/sections.js';
import { addList, addSection } from './output.js';
import { addMemory, ofHeap } from './plan.js';

/** @typedef {(program?: any) => void} Writer takes all of a section's contents, as a Cursor; of the start function nothing if the program has none */

/**
 * @param {import('./plan.js').Plan} plan
 * @param {import('./output.js').Output} out
 * @param {boolean} [seesTables] see MergeOptions
 * @returns {Record<number, Writer>} by the section's number
 */
export const listSections = (plan, out, seesTables) => {
  const { counts, heap, heapMaps, imported, report, types } = plan;
  /**
   * A section whose list continues with the heap's items.
   * @param {number} id @param {number} space of its items @param {import('../wasm/format.js').Item} item @returns {Writer}
   */
  const joined = (id, space, item) => (program) => {
    const count = program.number();
    const start = program.at;
    const ours = ofHeap(plan, heap.sections[id]);
    const added = ours.number();
    const from = ours.at;
    if (id !== TYPES) counts[space] = (imported[space - 1] ?? 0) + count;
    each(program, item, count);
    const before = (counts[space] ??= types.length);
    heapMaps[space] = (old) => old + before;
    each(ours, item, added);
    if (id === TABLES && seesTables) counts[space] = before + added;
    addList(out, id, count + added, [program.rewritten(start), ours.rewritten(from)]);
  };

  return {
    [CUSTOM](program) {
      const name = program.text();
      if (name === 'name') plan.names = program.bytes.subarray(program.at);
      else if (TELLS_OFFSETS.test(name) || (plan.grows && name.startsWith('metadata.code.'))) report.dropped.push(name);
      else addSection(out, CUSTOM, [program.bytes]);
    },
    [TYPES]: joined(TYPES, TYPE, (cursor) => typeGroup(cursor, types)),
    [TABLES]: joined(TABLES, TABLE, table),
    [MEMORIES]: joined(MEMORIES, MEMORY, (cursor) => addMemory(plan, cursor, limits(cursor))),
    [GLOBALS]: joined(GLOBALS, GLOBAL, global),
    [ELEMENTS]: joined(ELEMENTS, ELEM, segment),
    [DATA_SEGMENTS](program) {
      each(program, dataSegment);
      if (program.bytes.length > 1) addSection(out, DATA_SEGMENTS, [program.bytes]);
    },
    [DATA_COUNT](program) {
      counts[DATA] = program.number();
      addSection(out, DATA_COUNT, [program.bytes]);
    },
    [TAGS]: joined(TAGS, TAG, tag),
  };
};
