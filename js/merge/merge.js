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

import { concatenated, Cursor } from './cursor.js';
import { MergeError } from './error.js';
import { body, each, global, IMPORTED, index, limits, segment, table, tag, typeGroup } from './format.js';
import { header } from './heap.js';
import { leb, widthOf } from './leb128.js';
import { joinNames } from './names.js';
import { ELEM, FUNC, GLOBAL, MEMORY, TABLE, TAG, TYPE } from './opcodes.js';
import { A_FUNCTION, A_MEMORY, CODE, CUSTOM, DATA_COUNT, DATA_SEGMENTS, ELEMENTS, EXPORTS, FUNCTIONS, GLOBALS, IMPORTS,
  MEMORIES, START, TABLES, TAGS, TYPES } from './sections.js';

/** @typedef {import('./cursor.js').Maps} Maps */
/** @typedef {import('./format.js').Item} Item */
/** @typedef {import('./heap.js').Heap} Heap */

/** The heap's exports carry this prefix in a merged module, so that they can't clash with the program's. */
export const PREFIX = 'memory.wasm/';

/**
 * @typedef {object} MergeOptions
 * @property {string} [file] the program's name in errors
 * @property {(module: string, name: string) => boolean} [leave] imports that are not to be satisfied by the heap
 * @property {(name: string) => string | undefined} [exportAs] the name under which an export of the heap (or `memory`,
 *   the memory it lives in) is exported; undefined: not at all. Default: its name behind `PREFIX`
 */

/**
 * What a merge found and did; complete when the merge is.
 * @typedef {object} MergeReport
 * @property {string[]} resolved the program's imports that the heap satisfied
 * @property {string[]} mismatched imports that the heap has, but with another type: left as they are
 * @property {'copied' | 'rewritten'} code whether the program's code was copied as it is
 * @property {string[]} dropped custom sections left out, because they tell offsets that are no longer true
 */

const ORDER = [TYPES, IMPORTS, FUNCTIONS, TABLES, MEMORIES, TAGS, GLOBALS, EXPORTS, START, ELEMENTS, DATA_COUNT, CODE,
  DATA_SEGMENTS];

/** The index space of each kind of import and export. */
const SPACE = [FUNC, TABLE, MEMORY, GLOBAL, TAG];

// Debug information and source maps address code by its offset in the file or in the code section, relocations
// likewise; the heap's functions come before the program's, so every offset changed. A build id names another file.
const TELLS_OFFSETS = /^(\.debug_|reloc\.|linking$|sourceMappingURL$|external_debug_info$|build_id$)/;

/** A section's number and size, and the number of items in its list, all take at most this many bytes. */
const HEAD = 11;

const NOTHING = new Uint8Array(0);

/** @param {number} count @param {number} by */
const shifted = (count, by) => Uint32Array.from({ length: count }, (_, old) => old + by);

/** @param {string} text */
const nameOf = text => {
  const bytes = new TextEncoder().encode(text);
  return concatenated([leb(bytes.length), bytes]);
};

/**
 * A merge under way. Give it the program with the function returned, in one piece or many.
 * @param {Heap} heap
 * @param {(piece: Uint8Array) => void} emit takes the merged module, piece by piece
 * @param {MergeOptions} options
 * @param {MergeReport} report filled in
 * @returns {(piece: Uint8Array, last: boolean) => void}
 */
export function merging(heap, emit, { file = 'program.wasm', leave, exportAs = name => PREFIX + name }, report) {
  /** New indices of what the program names, and of what the heap names. @type {Maps} */
  const maps = [];
  /** @type {Maps} */
  const heapMaps = [];
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
  /** The program's name section. @type {Uint8Array | undefined} */
  let names;
  /** Whether rewritten code may get longer. */
  let grows = false;

  /** What has arrived and waits, how many bytes that is, how many it must be, and where in the file it begins. @type {Uint8Array[]} */
  let pieces = [];
  let available = 0, wanted = 0, base = 0;
  /** The next place in ORDER; -1 before the file's header. */
  let next = -1;
  /** How many bytes of a section are still to be passed on, whether they are code, and what follows them. */
  let passing = 0, inCode = false;
  /** @type {Uint8Array} */
  let trailer = NOTHING;

  /** @param {string} problem @returns {never} */
  const refuse = problem => {
    throw new MergeError(`${file}: ${problem}`);
  };

  /** @param {number} id @param {Uint8Array[]} parts */
  const emitSection = (id, ...parts) => {
    const contents = concatenated(parts);
    emit(concatenated([Uint8Array.of(id), leb(contents.length), contents]));
  };

  /** @param {number} id @param {number} count of items in `parts` @param {Uint8Array[]} parts */
  const emitList = (id, count, ...parts) => {
    if (count) emitSection(id, leb(count), ...parts);
  };

  /** A part of the heap with its new indices. @param {number} start @param {number} end @param {Item} walk */
  const fromHeap = (start, end, walk) => {
    const cursor = new Cursor(heap.bytes, heap.file, 0, heapMaps);
    cursor.at = start;
    walk(cursor);
    return cursor.rewritten(start, end);
  };

  /**
   * A section whose list continues with the heap's items.
   * @param {number} id @param {number} space of its items @param {Cursor} program on the count @param {Item} item
   * @param {unknown} [walk] whether the program's items must be looked at
   */
  const list = (id, space, program, item, walk = maps[FUNC]) => {
    const count = program.number(), start = program.at, { start: from, end, count: added } = heap.sections[id] ?? { start: 0, end: 0, count: 0 };
    if (walk) for (let i = count; i--;) item(program);
    heapMaps[space] = id === TYPES ? shifted(heap.types.length, types.length) : shifted(added, (imported[SPACE.indexOf(space)] ?? 0) + count);
    emitList(id, count + added, program.rewritten(start, program.bytes.length), fromHeap(from, end, cursor => {
      for (let i = added; i--;) item(cursor);
    }));
  };

  /** The function of the heap that satisfies an import, or -1. @param {string} module @param {string} name @param {string} type */
  const satisfying = (module, name, type) => {
    const found = heap.exports.find(entry => entry.kind === A_FUNCTION && entry.name === name);
    if (module !== heap.memory.module || !found || leave?.(module, name)) return -1;
    const fits = type && type === heap.types[heap.functions[found.index]];
    (fits ? report.resolved : report.mismatched).push(`${module}.${name}`);
    return fits ? found.index : -1;
  };

  /** @param {Cursor} program */
  const imports = program => {
    /** @type {Uint8Array[]} */
    const kept = [];
    /** The old indices of the functions that stay imports, and of those that the heap satisfies. @type {number[][]} */
    const [left, taken] = [[], []];
    each(program, () => {
      const start = program.at, module = program.text(), name = program.text(), kind = program.byte();
      const item = IMPORTED[kind] ?? program.refuse('unknown kind of import', program.at - 1), type = item(program), old = imported[kind]++;
      if (kind === A_MEMORY) {
        if (module === heap.memory.module && name === heap.memory.name) memory = memories.length;
        memories.push(type);
      }
      const found = kind === A_FUNCTION ? satisfying(module, name, types[type]) : -1;
      if (found < 0) kept.push(program.bytes.subarray(start, program.at));
      else placed[0].push(found);
      if (kind === A_FUNCTION) (found < 0 ? left : taken).push(old);
    });
    const map = new Uint32Array(imported[A_FUNCTION]);
    [...left, ...taken].forEach((from, to) => {
      map[from] = to;
      if (from !== to) maps[FUNC] = map;
      grows ||= widthOf(to) > widthOf(from);
    });
    if (maps[FUNC]) report.code = 'rewritten';
    emitList(IMPORTS, kept.length, ...kept);
  };

  /** @param {Cursor} program */
  const functions = program => {
    const count = program.number(), total = imported[A_FUNCTION], map = heapMaps[FUNC] = new Uint32Array(heap.functions.length);
    placed[1] = [...map.keys()].filter(old => !placed[0].includes(old));
    placed[0].forEach((old, i) => map[old] = total - placed[0].length + i);
    placed[1].forEach((old, i) => map[old] = total + count + i);
    const [before, after] = placed.map(all => all.map(old => leb(heap.functions[old] + types.length - heap.types.length)));
    emitList(FUNCTIONS, before.length + count + after.length, ...before, program.bytes.subarray(program.at), ...after);
  };

  /** @param {Cursor} program */
  const exports = program => {
    const taken = new Set(), count = program.number(), start = program.at;
    for (let i = count; i--;) {
      const name = program.text(), kind = program.byte(), old = index(program, kind ? 0 : FUNC);
      if (kind === A_MEMORY && name === 'memory' && memory < 0) memory = old;
      taken.add(name);
    }
    chooseMemory();
    const added = [...heap.exports, { name: 'memory', kind: A_MEMORY, index: 0 }].flatMap(({ name, kind, index }) => {
      const as = exportAs(name);
      if (as === undefined) return [];
      if (taken.has(as)) refuse(`exports ${as} already`);
      return [nameOf(as), Uint8Array.of(kind), leb(heapMaps[SPACE[kind]]?.[index] ?? index)];
    });
    emitList(EXPORTS, count + added.length / 3, program.rewritten(start, program.bytes.length), ...added);
  };

  /** The heap lives in the memory that is imported under the name it uses itself, or exported as "memory", or the first. */
  const chooseMemory = () => {
    const kind = memories[memory = Math.max(memory, 0)], { type } = heap.memory;
    if (kind !== type) refuse(`its memory is ${kind ?? 'missing'}, ${heap.file} is for one that is ${type}`);
    heapMaps[MEMORY] = Uint32Array.of(memory);
  };

  /** What is done with each section, by its number; the code is another matter. @type {(((program: Cursor) => void) | undefined)[]} */
  const sections = [
    ,
    program => list(TYPES, TYPE, program, cursor => types.push(...typeGroup(cursor)), true),
    imports,
    functions,
    program => list(TABLES, TABLE, program, table),
    program => list(MEMORIES, MEMORY, program, cursor => memories.push(limits(cursor)), true),
    program => list(GLOBALS, GLOBAL, program, global),
    exports,
    program => {
      index(program, FUNC);
      emitSection(START, program.rewritten(0, program.bytes.length));
    },
    program => list(ELEMENTS, ELEM, program, segment),
    ,
    ,
    program => emitSection(DATA_COUNT, program.bytes),
    program => list(TAGS, TAG, program, tag),
  ];

  /** @param {number} old index of a function of the heap */
  const heapBody = old => {
    const [start, end] = heap.bodies[old], bytes = fromHeap(start, end, cursor => body(cursor, end));
    return [leb(bytes.length), bytes];
  };

  /**
   * The code section: some of the heap's functions, the program's, the heap's others.
   * @param {Cursor} program on the count @param {number} end
   */
  const code = (program, end) => {
    const [before, after] = placed.map(all => concatenated(all.flatMap(heapBody)));
    const total = leb(placed[0].length + program.number() + placed[1].length);
    if (grows) return emitSection(CODE, total, before, bodies(program, end), after);
    const size = end - program.at;
    if (size < 0) program.refuse('a code section shorter than its count');
    emit(concatenated([Uint8Array.of(CODE), leb(total.length + before.length + size + after.length), total, before]));
    passing = size;
    trailer = after;
    inCode = true;
    if (!size) pass(program);
  };

  /** Rewrites the bodies that have arrived. @param {Cursor} program @param {number} end of the code section */
  const bodies = (program, end) => {
    const { bytes, at: start } = program, there = Math.min(bytes.length, end);
    /** @type {Uint8Array[]} */
    const longer = [];
    let done = start;
    while (done < there && (there === end || done + 5 <= there)) {
      const last = program.number() + program.at, from = program.at;
      if (last > end) program.refuse('a function runs over the end of the code section', done);
      if (last > there) {
        wanted = last - done;
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
    return grows ? concatenated(longer) : program.rewritten(start, done);
  };

  /** Passes on what has arrived of a section that need not be there as a whole; true at its end. @param {Cursor} program */
  const pass = program => {
    const { bytes, at } = program;
    if (inCode && maps[FUNC]) emit(bodies(program, at + passing));
    else emit(bytes.subarray(at, program.at = Math.min(at + passing, bytes.length)));
    passing -= program.at - at;
    if (passing) return false;
    emit(trailer);
    trailer = NOTHING;
    inCode = false;
    return true;
  };

  /** A custom section. @param {Cursor} program on its name @param {Uint8Array} whole with its head */
  const custom = (program, whole) => {
    const name = program.text();
    if (name === 'name') names = program.bytes.subarray(program.at);
    else if (TELLS_OFFSETS.test(name) || grows && name.startsWith('metadata.code.')) report.dropped.push(name);
    else emit(whole);
  };

  /** Puts in the sections up to `place` in their order that the program doesn't have. @param {number} place */
  const fillIn = place => {
    for (; next < place; next++) {
      const id = ORDER[next], none = new Cursor(Uint8Array.of(0), file, base, maps);
      if (id === CODE) code(none, 1);
      else if (id !== START && id !== DATA_COUNT) sections[id]?.(none);
    }
  };

  /**
   * The next section, or as much of it as can be passed on.
   * @param {Cursor} program @param {boolean} last whether no more bytes will come
   * @returns {boolean} whether it is done; if not, more bytes are needed
   */
  const advance = (program, last) => {
    const { bytes, at } = program;
    if (passing) return pass(program);
    if (last ? at === bytes.length && next >= 0 : bytes.length < at + HEAD) return false;
    if (next < 0) {
      header(program);
      emit(bytes.subarray(0, program.at));
      return !++next;
    }
    const id = program.byte(), size = program.number(), start = program.at, end = start + size, place = ORDER.indexOf(id);
    if (place < next && id) program.refuse('a section that is unknown, comes twice or too late', at);
    const whole = id === CODE ? grows : id !== DATA_SEGMENTS;
    if (whole && end > bytes.length) {
      if (last) program.skip(size);
      wanted = end - (program.at = at);
      return false;
    }
    if (id) fillIn(place);
    next = Math.max(next, place + 1);
    if (id === CODE) code(program, end);
    else if (whole) {
      const section = new Cursor(bytes.subarray(start, end), file, base + start, maps);
      if (id) sections[id]?.(section);
      else custom(section, bytes.subarray(at, end));
      program.at = end;
    } else {
      emit(bytes.subarray(at, start));
      passing = size;
    }
    return true;
  };

  const finish = () => {
    fillIn(ORDER.length);
    try {
      names = joinNames(names, heap.names, maps, heapMaps);
    } catch (error) { // engines ignore a broken name section: so it stays as it is
      if (!(error instanceof MergeError)) throw error;
    }
    if (names) emitSection(CUSTOM, nameOf('name'), names);
  };

  return (piece, last) => {
    pieces.push(piece);
    available += piece.length;
    if (available < wanted && !last) return;
    const program = new Cursor(concatenated(pieces), file, base, maps);
    wanted = 0;
    while (advance(program, last));
    const rest = program.bytes.subarray(program.at);
    if (last) {
      program.skip(passing);
      finish();
    }
    base += program.at;
    pieces = rest.length ? [rest] : [];
    available = rest.length;
  };
}
