// Puts memory.wasm into a program, section by section, as the program's bytes arrive.
//
// Every index of the program's own keeps its value, so its code can be copied as it is:
//
//   functions before   imports: a b malloc free | defined: f g h
//   functions after    imports: a b             | defined: malloc free f g h, and the heap's others
//
// The imports that the heap satisfies are replaced by the functions they named, as the first defined ones: when
// they come last among the imports, no index moves. When they don't, imports change places so that they do; then what
// names those few is rewritten, and nothing else is. In all other spaces the heap's come after the program's.

import { concatenated } from '../wasm/bytes.js';
import { Cursor, FormatError } from '../wasm/cursor.js';
import { MergeError } from './error.js';
import { body, dataSegment, each, global, IMPORTED, index, limits, segment, table, tag, typeGroup } from '../wasm/format.js';
import { header, HEAP_FILE, parseHeap } from './heap.js';
import { leb } from '../wasm/leb128.js';
import { joinNames } from './names.js';
import { DATA, ELEM, FUNC, GLOBAL, MEMORY, TABLE, TAG, TYPE } from '../wasm/opcodes.js';
import { PREFIX } from '../wasm/prefix.js';
import {
  A_FUNCTION,
  A_MEMORY,
  CODE,
  CUSTOM,
  DATA_COUNT,
  DATA_SEGMENTS,
  ELEMENTS,
  EXPORTS,
  FUNCTIONS,
  GLOBALS,
  IMPORTS,
  MEMORIES,
  ORDER,
  START,
  TABLES,
  TAGS,
  TELLS_OFFSETS,
  TYPES,
} from '../wasm/sections.js';

/** @typedef {import('../wasm/cursor.js').Counts} Counts */
/** @typedef {import('../wasm/cursor.js').Maps} Maps */
/** @typedef {import('../wasm/bytes.js').Piece} Piece */
/** @typedef {import('../wasm/format.js').Item} Item */

/**
 * @typedef {object} MergeOptions
 * @property {string} [file] the program's name in errors
 * @property {(module: string, name: string) => boolean} [leave] imports that are not to be satisfied by the heap
 * @property {(name: string) => string | undefined} [exportAs] the name under which an export of the heap (or `memory`,
 *   the memory it lives in) is exported; undefined or empty: not at all. Default: its name behind `PREFIX`
 * @property {boolean} [seesTables] the program may name the heap's tables, by the indices that they get behind its own
 * @property {boolean} [deferStart] the start function is not run by the engine, but exported as 'start' (see `exportAs`): whoever instantiates the
 *   module calls it
 */

/**
 * What a merge found and did; complete when the merge is.
 * @typedef {object} MergeReport
 * @property {string[]} resolved the program's imports that the heap satisfied
 * @property {string[]} mismatched imports that the heap has, but with another type: left as they are
 * @property {'copied' | 'rewritten'} code whether the program's code was copied as it is
 * @property {string[]} dropped custom sections left out, because they tell offsets that are no longer true
 */

/** A section's number and size, and the number of items in its list, all take at most this many bytes. */
const HEAD = 11;

const NOTHING = new Uint8Array(0),
  NO_ITEMS = Uint8Array.of(0);

/**
 * Whoever merges need not know who found what.
 * @template T @param {() => T} work @returns {T}
 */
const asMergeError = (work) => {
  try {
    return work();
  } catch (error) {
    throw error instanceof FormatError ? new MergeError(error.message) : error;
  }
};

/** @param {import('../wasm/format.js').Limits} limits */
const kindOf = ({ is64, shared }) => `${is64 ? 64 : 32}-bit${shared ? ' shared' : ''}`;

/** @param {string} text @returns {Piece} */
const nameOf = (text) => {
  const bytes = new TextEncoder().encode(text);
  return [...leb(bytes.length), ...bytes];
};

/**
 * A merge of a program that arrives piece by piece: what is merged so far can be compiled while the rest downloads.
 * @param {Uint8Array} heapBytes the bytes of memory.wasm
 * @param {MergeOptions} [options]
 * @returns {{ push: (piece: Uint8Array, last: boolean) => Uint8Array, report: MergeReport }} `push` takes the program's next
 *   bytes and returns the merged module's; `last` says that no more will come, and then the report is complete. It throws
 *   MergeError when a file is malformed, or holds what the merger doesn't know
 */
export function merger(heapBytes, { file = 'program.wasm', leave, exportAs = (name) => PREFIX + name, deferStart, seesTables } = {}) {
  const heap = asMergeError(() => parseHeap(heapBytes));
  /** The secure heap: no index of a program that is invalid may reach its memory, so every part of the program is read. */
  const apart = heap.exports.some(({ name }) => name === 'heap_secure_memory');
  /** @type {MergeReport} */
  const report = { resolved: [], mismatched: [], code: 'copied', dropped: [] };
  /** New indices of what the program names, and of what the heap names. @type {Maps} */
  const maps = [];
  /** @type {Maps} */
  const heapMaps = [];
  /** How many of each the program has, once that is known. @type {Counts} */
  const counts = [];
  /** The program's types, then the heap's. @type {string[]} */
  const types = [];
  /** How many imports of each kind the program has. */
  const imported = [0, 0, 0, 0, 0];
  /** The kinds of the program's memories, imported and own. @type {string[]} */
  const memories = [];
  /** Which of them the heap lives in; -1: not known yet. */
  let memory = -1;
  /** The heap's functions that take the places of imports, and those that come last. @type {number[][]} */
  const placed = [[], []];
  /** How many imports of functions name one that was named before. */
  let repeated = 0;
  /** The program's name section. @type {Uint8Array | undefined} */
  let names;
  /** The export section, until it is known whether the start function is exported, too. @type {{ count: number, parts: Piece[] } | undefined} */
  let exported;
  /** Whether rewritten code may get longer. */
  let grows = false;

  /** What has arrived and waits, how many bytes must still come to go on, and whether no more will. @type {Uint8Array[]} */
  let pieces = [];
  let wanted = 0,
    last = false;
  const arrived = new Cursor(NOTHING, file, 0, maps, counts);
  /** The merged module, as far as it hasn't been handed over. @type {Piece[]} */
  const out = [];
  /** The next place in ORDER. */
  let next = 0;

  /** @param {string} problem @returns {never} */
  const refuse = (problem) => {
    throw new MergeError(`${file}: ${problem}`);
  };

  /** @param {Piece} piece */
  const emit = (piece) => out.push(piece);

  /** @param {number} id @param {Piece[]} parts */
  const emitSection = (id, parts) => {
    const contents = concatenated(parts);
    emit([id, ...leb(contents.length)]);
    emit(contents);
  };

  /** @param {number} id @param {number} count of items in `parts` @param {Piece[]} parts */
  const emitList = (id, count, parts) => {
    if (count) emitSection(id, [leb(count), ...parts]);
  };

  /** On a part of the heap, which gets its new indices. @param {Uint8Array} bytes */
  const ofHeap = (bytes = NO_ITEMS) => new Cursor(bytes, HEAP_FILE, bytes.byteOffset - heap.bytes.byteOffset, heapMaps);

  /**
   * A section whose list continues with the heap's items.
   * @param {number} id @param {number} space of its items @param {Cursor} program on the count @param {Item} item
   */
  const list = (id, space, program, item) => {
    const count = program.number(),
      start = program.at,
      ours = ofHeap(heap.sections[id]),
      added = ours.number(),
      from = ours.at;
    if (id !== TYPES) counts[space] = (imported[space - 1] ?? 0) + count;
    each(program, item, count);
    const before = (counts[space] ??= types.length);
    heapMaps[space] = (old) => old + before;
    each(ours, item, added);
    if (id === TABLES && seesTables) counts[space] = before + added;
    emitList(id, count + added, [program.rewritten(start), ours.rewritten(from)]);
  };

  /** The heap's functions by name. @type {Map<string, number>} */
  const offered = new Map(heap.exports.filter(({ kind }) => kind === A_FUNCTION).map(({ name, index }) => [name, index]));

  /** The function of the heap that satisfies an import, or -1. @param {string} module @param {string} name @param {string} type */
  const satisfying = (module, name, type) => {
    const found = module === heap.memory.module ? offered.get(name) : undefined;
    if (found === undefined || leave?.(module, name)) return -1;
    const fits = type && type === heap.types[heap.functions[found]];
    (fits ? report.resolved : report.mismatched).push(`${module}.${name}`);
    return fits ? found : -1;
  };

  /** @param {Cursor} program */
  const imports = (program) => {
    /** @type {Uint8Array[]} */
    const kept = [];
    /** The old indices of the functions that stay imports. @type {number[]} */
    const left = [];
    /** Those that the heap satisfies: the old index, and the place in `placed`. One that is imported twice has one place. @type {number[][]} */
    const taken = [];
    /** @type {Map<number, number>} */
    const places = new Map();
    each(program, () => {
      const start = program.at,
        module = program.text(),
        name = program.text(),
        kind = program.byte();
      const item = IMPORTED[kind] ?? program.refuse('unknown import', program.at - 1),
        type = item(program),
        old = imported[kind]++;
      if (kind === A_MEMORY) {
        if (module === heap.memory.module && name === heap.memory.name) memory = memories.length;
        memories.push(kindOf(type));
      }
      const found = kind === A_FUNCTION ? satisfying(module, name, types[type]) : -1;
      if (found < 0) {
        kept.push(program.bytes.subarray(start, program.at));
        if (kind === A_FUNCTION) left.push(old);
        return;
      }
      if (!places.has(found)) places.set(found, placed[0].push(found) - 1);
      taken.push([old, Number(places.get(found))]);
    });
    const total = imported[A_FUNCTION];
    repeated = taken.length - placed[0].length;
    /** @type {number[]} */
    const map = [];
    /** @param {number} from @param {number} to */
    const move = (from, to) => {
      map[from] = to;
      if (from !== to) maps[FUNC] = (old) => (old < total ? map[old] : old - repeated);
      grows ||= leb(to).length > leb(from).length;
    };
    left.forEach(move);
    for (const [from, place] of taken) move(from, left.length + place);
    if (maps[FUNC]) report.code = 'rewritten';
    emitList(IMPORTS, kept.length, kept);
  };

  /** @param {Cursor} program */
  const functions = (program) => {
    const count = program.number(),
      total = imported[A_FUNCTION] - repeated;
    counts[FUNC] = imported[A_FUNCTION] + count;
    /** @type {number[]} */
    const map = [];
    heapMaps[FUNC] = (old) => map[old];
    placed[0].forEach((old, i) => (map[old] = total - placed[0].length + i));
    heap.functions.forEach((_, old) => (map[old] ??= total + count + placed[1].push(old) - 1));
    const [before, after] = placed.map((all) => all.map((old) => leb(heap.functions[old] + types.length - heap.types.length)));
    emitList(FUNCTIONS, before.length + count + after.length, [...before, program.bytes.subarray(program.at), ...after]);
  };

  /** @param {Cursor} program */
  const exports = (program) => {
    const taken = new Set(),
      count = program.number(),
      start = program.at;
    each(
      program,
      () => {
        const name = program.text(),
          kind = program.byte(),
          old = index(program, kind + 1);
        if (kind === A_MEMORY && name === 'memory' && memory < 0) memory = old;
        taken.add(name);
      },
      count,
    );
    chooseMemory();
    const added = heap.exports.flatMap(({ name, kind, index }) => {
      const as = exportAs(name);
      if (!as) return [];
      if (taken.has(as)) refuse(`exports ${as} already`);
      return [[...nameOf(as), kind, ...leb(heapMaps[kind + 1]?.(index) ?? index)]];
    });
    exported = { count: count + added.length, parts: [program.rewritten(start), ...added] };
  };

  /** The exports wait for the start function, which may become one of them. @param {Uint8Array | number[]} [started] its export */
  const emitExports = (started) => {
    if (!exported) return;
    const { count, parts } = exported;
    exported = undefined;
    emitList(EXPORTS, started ? count + 1 : count, started ? [...parts, started] : parts);
  };

  /** @param {Cursor} program on the index of its start function */
  const start = (program) => {
    const old = index(program, FUNC),
      as = deferStart && exportAs('start');
    if (!as) {
      emitExports();
      return emitSection(START, [program.rewritten()]);
    }
    emitExports([...nameOf(as), A_FUNCTION, ...leb(maps[FUNC]?.(old) ?? old)]);
  };

  /** The heap lives in the memory that is imported under the name it uses itself, or exported as "memory", or the only one. */
  const chooseMemory = () => {
    if (memory < 0 && memories.length > 1)
      refuse(`has ${memories.length} memories, and none is imported as env.memory or exported as "memory": which is the heap's?`);
    const kind = memories[(memory = Math.max(memory, 0))],
      type = kindOf(heap.memory.limits);
    if (kind !== type) refuse(`its memory is ${kind ?? 'missing'}, ${HEAP_FILE} is for one that is ${type}`);
    // A heap with a memory of its own (memory.debug.wasm) has it behind the one that it imports.
    heapMaps[MEMORY] = (old) => (old ? Number(counts[MEMORY]) + old - 1 : memory);
  };

  /** What is done with each section that is there as a whole, by its number. @type {Record<number, (program: Cursor) => void>} */
  const sections = {
    [TYPES]: (program) => list(TYPES, TYPE, program, (cursor) => typeGroup(cursor, types)),
    [IMPORTS]: imports,
    [FUNCTIONS]: functions,
    [TABLES]: (program) => list(TABLES, TABLE, program, table),
    [MEMORIES]: (program) => list(MEMORIES, MEMORY, program, (cursor) => (cursor.maps === maps ? memories.push(kindOf(limits(cursor))) : limits(cursor))),
    [GLOBALS]: (program) => list(GLOBALS, GLOBAL, program, global),
    [EXPORTS]: exports,
    [START]: start,
    [ELEMENTS]: (program) => list(ELEMENTS, ELEM, program, segment),
    [CODE](program) {
      const [total, before, after] = aroundCode(program);
      emitSection(CODE, [total, before, ...bodies(program), after]);
    },
    [DATA_SEGMENTS](program) {
      each(program, dataSegment);
      if (program.bytes.length > 1) emitSection(DATA_SEGMENTS, [program.bytes]);
    },
    [DATA_COUNT](program) {
      counts[DATA] = program.number();
      emitSection(DATA_COUNT, [program.bytes]);
    },
    [TAGS]: (program) => list(TAGS, TAG, program, tag),
  };

  /** @param {number} old index of a function of the heap */
  const heapBody = (old) => {
    const cursor = ofHeap(heap.bodies[old]);
    body(cursor);
    const bytes = cursor.rewritten();
    return [leb(bytes.length), bytes];
  };

  /**
   * The number of functions, the heap's functions before the program's, and those behind them.
   * @param {Cursor} program on its number of functions
   */
  const aroundCode = (program) => [leb(placed[0].length + program.number() + placed[1].length), ...placed.map((all) => concatenated(all.flatMap(heapBody)))];

  /** Rewrites the bodies that have arrived. @param {Cursor} program @param {number} [end] of the code section */
  const bodies = (program, end = program.bytes.length) => {
    const { bytes, at: start } = program,
      there = Math.min(bytes.length, end);
    /** @type {Piece[]} */
    const longer = [];
    let done = start;
    while (done < there && (there === end || done + 5 <= there)) {
      const last = program.number() + program.at,
        from = program.at;
      if (last > end) program.refuse('code runs over its end', done);
      if (last > there) {
        wanted = last - there;
        break;
      }
      body(program, last);
      done = last;
      if (grows) {
        const rewritten = program.rewritten(from, done);
        longer.push(leb(rewritten.length), rewritten);
      }
    }
    program.at = done;
    return grows ? longer : program.rewrittenPieces(start, done);
  };

  /** A custom section. @param {Cursor} program on its name */
  const custom = (program) => {
    const name = program.text();
    if (name === 'name') names = program.bytes.subarray(program.at);
    else if (TELLS_OFFSETS.test(name) || (grows && name.startsWith('metadata.code.'))) report.dropped.push(name);
    else emitSection(CUSTOM, [program.bytes]);
  };

  /** Behind the start function, or without one, the exports wait no longer. @param {number} id of the section that comes next */
  const comesAfterExports = (id) => {
    if (id !== START && ORDER.indexOf(id) > ORDER.indexOf(EXPORTS)) emitExports();
  };

  /** Puts in the sections up to `place` in their order that the program doesn't have. @param {number} place */
  const fillIn = (place) => {
    for (; next < place; next++) {
      const id = ORDER[next];
      comesAfterExports(id);
      if (id !== START && id !== DATA_COUNT) sections[id]?.(new Cursor(NO_ITEMS, file, 0, maps, counts));
    }
  };

  /** Waits until so many bytes are there, or no more come. @param {number} count */
  const arrival = function* (count) {
    while ((wanted = arrived.at + count - arrived.bytes.length) > 0 && !last) yield;
  };

  /**
   * Passes on what need not be there as a whole.
   * @param {number} size
   * @param {(end: number) => Piece[]} [some] takes some of it, of what has arrived
   */
  const pass = function* (size, some = (end) => [arrived.take(Math.min(end, arrived.bytes.length) - arrived.at)]) {
    while (size) {
      const { at } = arrived;
      for (const piece of some(at + size)) emit(piece);
      size -= arrived.at - at;
      if (arrived.at > at) continue;
      if (last) arrived.skip(size);
      yield;
    }
  };

  /** The code section while it arrives. @param {number} size */
  const code = function* (size) {
    const start = arrived.at,
      [total, before, after] = aroundCode(arrived),
      rest = size - (arrived.at - start);
    if (rest < 0) arrived.refuse('code runs over its end');
    emit(concatenated([[CODE], leb(total.length + before.length + rest + after.length), total, before]));
    yield* pass(rest, maps[FUNC] || apart ? (end) => bodies(arrived, end) : undefined);
    emit(after);
  };

  const steps = (function* () {
    yield* arrival(HEAD);
    header(arrived);
    emit(arrived.bytes.subarray(0, arrived.at));
    for (;;) {
      yield* arrival(HEAD);
      const { at } = arrived;
      if (at === arrived.bytes.length) break;
      const id = arrived.byte(),
        size = arrived.number(),
        place = ORDER.indexOf(id);
      if (id) {
        if (place < next) arrived.refuse('unknown or misplaced section', at);
        fillIn(place);
        next++;
        comesAfterExports(id);
      }
      if (id === DATA_SEGMENTS && !apart) {
        emit([id, ...leb(size)]);
        yield* pass(size);
      } else if (id === CODE && !grows) yield* code(size);
      else {
        yield* arrival(size);
        const base = arrived.base + arrived.at;
        (sections[id] ?? custom)(new Cursor(arrived.take(size), file, base, maps, counts));
      }
    }
    fillIn(ORDER.length);
    emitExports();
    try {
      names = joinNames(names, heap.names, maps, heapMaps);
    } catch (error) {
      // engines ignore a broken name section: so it stays as it is
      if (!(error instanceof FormatError)) throw error;
    }
    if (names) emitSection(CUSTOM, [nameOf('name'), names]);
  })();

  /** @param {Uint8Array} piece @param {boolean} isLast */
  const push = (piece, isLast) => {
    pieces.push(piece);
    wanted -= piece.length;
    last = isLast;
    if (wanted > 0 && !last) return NOTHING;
    arrived.base += arrived.at;
    arrived.bytes = concatenated(pieces);
    arrived.at = 0;
    asMergeError(() => steps.next());
    const rest = arrived.bytes.subarray(arrived.at);
    pieces = rest.length ? [rest] : [];
    return concatenated(out.splice(0));
  };
  return { push, report };
}
