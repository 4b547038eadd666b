// Makes a program check its memory: section by section, as the merger goes (js/merge/merge.js).
//
//   functions before   imports: a b malloc free                | defined: f g h
//   functions after    imports: slow range ... a b malloc free | defined: load1 ... store f g h
//
// What is added comes first, so that a call of it takes two bytes; every index of a function in the program moves up by as much.
// A memory of the program's own becomes an import, so that the heap can live in it, and its shadow be marked, before the program runs.

import { ALLOCATORS, functionsThatReach } from './contexts.js';
import { assemble, typeOf } from './assemble.js';
import { CHECK, CHECKS, functionNames, HOST, limitsOf, RUNTIME, sized, SLOW, typeBytes } from './shadow.js';
import { functionsToInline } from './budget.js';
import { concatenated } from '../wasm/bytes.js';
import { Cursor, FormatError } from '../wasm/cursor.js';
import { each, field, global, IMPORTED, index, instructions, limits, segment, table, valueType } from '../wasm/format.js';
import { functionRewriter } from './function.js';
import { text } from '../wasm/encode.js';
import { header } from '../merge/heap.js';
import { I64 } from './access.js';
import { joinNames } from '../merge/names.js';
import { layoutOf } from './layout.js';
import { leb } from '../wasm/leb128.js';
import { Output } from './output.js';
import { FUNC } from '../wasm/opcodes.js';
import {
  A_FUNCTION,
  A_GLOBAL,
  A_MEMORY,
  A_TABLE,
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

/** @typedef {import('../wasm/bytes.js').Piece} Piece */

/**
 * @typedef {object} InstrumentOptions
 * @property {string} [file] the program's name in errors
 * @property {'call' | 'inline' | 'import'} [mode] where the checks are: functions in the program, written out at every access, or functions in
 *   another module, for engines that allow a module one memory
 * @property {boolean} [checks] whether accesses are checked
 * @property {boolean} [elide] whether checks that can't fail are left out
 * @property {boolean} [uninitialized] whether reads of memory never written to are reported
 * @property {boolean} [contexts] whether the program keeps the calling context for the heap
 * @property {number} [shadowPages] of the shadow's memory
 * @property {typeof import('./standalone.js').standaloneTexts} [standalone] puts the runtime into the program, too: it then needs nothing but the debug heap, with which it
 *   must be merged
 * @property {boolean} [moved] whether to return where each instruction was and is, and what is checked together
 *
 * @typedef {object} Instrumented
 * @property {Uint8Array} bytes
 * @property {'call' | 'inline' | 'import' | 'none'} mode that was used; 'none': the program has no memory
 * @property {import('./shadow.js').ShadowKind} shadow what the runtime must provide
 * @property {import('./layout.js').Layout} layout
 * @property {{ accesses: number, checked: number, code: number, codeBefore: number } & Record<string, number>} counts
 * @property {(index: number) => number} functionNow the index that a function of the program has in the result
 * @property {(index: number) => number | undefined} functionBefore and the other way round; undefined: the program has no such function of its own
 * @property {number[]} moved pairs of offsets, in the program and in the result; only if that is wanted
 * @property {Map<number, import('./groups.js').Group>} grouped accesses that are checked together, by the site of the first; likewise
 */

/** One byte for each 8 bytes of 4 GiB, and a page so that eight can be read at the end. */
const ALL_PAGES = 8193;

/** Functions that programs import from the C library and that touch a range: how they use their three operands. @type {Record<string, string>} */
const RANGES = { memcpy: 'wr-', memmove: 'wr-', memset: 'w--', memcmp: 'rr-' };

/** What a program calls of the debug heap, and the names under which it imports that. @type {Record<string, string>} */
const OF_HEAP = { at: 'heap_debug_at', heap_debug_on_block: 'heap_debug_on_block' };

/** The linker's symbols. */
const SYMBOLS = /^__(heap_base|heap_end|stack_low|stack_high|data_end|global_base)$/;

/** @param {Cursor} cursor on a type or group of types @param {import('./function.js').Signature[]} types @param {{ count: number }} next */
const typeGroup = (cursor, types, next) => {
  if (cursor.bytes[cursor.at] !== 0x4e) return subType(cursor, types, next);
  cursor.at++;
  each(cursor, () => subType(cursor, types, next));
};

/** @param {Cursor} cursor @param {import('./function.js').Signature[]} types @param {{ count: number }} next */
const subType = (cursor, types, next) => {
  const at = next.count++;
  let kind = cursor.byte();
  if (kind === 0x50 || kind === 0x4f) {
    each(cursor, () => cursor.number());
    kind = cursor.byte();
  }
  const values = () => {
    const count = cursor.number();
    each(cursor, valueType, count);
    return count;
  };
  if (kind === 0x60) types[at] = { parameters: values(), results: values() };
  else if (kind === 0x5f) each(cursor, field);
  else if (kind === 0x5e) field(cursor);
  else cursor.refuse('unknown type', cursor.at - 1);
};

/** The value of a constant expression that is one constant; leaves the cursor behind it. @param {Cursor} cursor */
const constantOf = (cursor) => {
  const start = cursor.at,
    opcode = cursor.byte(),
    value = opcode === 0x41 ? cursor.signed() >>> 0 : opcode === 0x42 ? cursor.wide() : undefined,
    alone = cursor.bytes[cursor.at] === 0x0b;
  cursor.at = start;
  instructions(cursor);
  return alone ? value : undefined;
};

/** The section that has engines move the slow ways out of the way: without it, checks cost a fifth more. @param {import('./function.js').Hints[]} functions */
const branchHints = (functions) => {
  const out = new Output();
  out.put(...text('metadata.code.branch_hint'));
  out.number(functions.length);
  for (const { index, offsets } of functions) {
    out.number(index);
    out.number(offsets.length);
    for (const offset of offsets) {
      out.number(offset);
      out.put(1, 0);
    }
  }
  return out.written();
};

/**
 * @param {Uint8Array} bytes a valid program
 * @param {InstrumentOptions} [options]
 * @returns {Instrumented}
 * @throws {import('../wasm/cursor.js').FormatError} for what can't be read, with its file, offset, and what stands there
 */
export function instrument(
  bytes,
  {
    file = 'program.wasm',
    mode = 'call',
    checks = true,
    elide = true,
    uninitialized = false,
    contexts = false,
    shadowPages = ALL_PAGES,
    standalone,
    moved: wantMoved = false,
  } = {},
) {
  /** The program's sections but custom ones, by number. @type {({ start: number, end: number } | undefined)[]} */
  const sections = [];
  /** @type {{ name: string, start: number, end: number, before: number }[]} */
  const customs = [];
  const whole = new Cursor(bytes, file);
  header(whole);
  for (let next = 0; whole.at < bytes.length;) {
    const at = whole.at,
      id = whole.byte(),
      end = whole.number() + whole.at,
      start = whole.at;
    if (end > bytes.length) whole.refuse('the section runs over the end of the file', at);
    if (id === CUSTOM) customs.push({ name: whole.text(), start, end, before: next });
    else {
      const place = ORDER.indexOf(id);
      if (place < next) whole.refuse('unknown or misplaced section', at);
      next = place + 1;
      sections[id] = { start, end };
    }
    whole.at = end;
  }
  /** @param {number} id @param {(cursor: Cursor) => void} item */
  const read = (id, item) => {
    const found = sections[id];
    if (!found) return;
    const cursor = new Cursor(bytes.subarray(0, found.end), file);
    cursor.at = found.start;
    each(cursor, () => item(cursor));
  };

  // What the program is.
  /** @type {import('./function.js').Signature[]} */
  const types = [];
  const typeCount = { count: 0 };
  /** @type {number[]} */
  const functions = [];
  const memories = /** @type {{ is64: boolean, shared: boolean, pages: number, at: number, end: number }[]} */ ([]);
  /** The first values of globals, where they are known. @type {(number | undefined)[]} */
  const globals = [];
  /** @type {Map<number, string>} */
  const ranges = new Map();
  /** @type {Set<number>} */
  const allocators = new Set();
  /** @type {{ from: number, to: number }[]} */
  const segments = [];
  /** @type {Record<string, number>} */
  const symbols = {};
  let stackPointer = -1,
    tables = 0;

  /** @param {Cursor} cursor */
  const memory = (cursor) => {
    const at = cursor.at,
      { is64, shared, initial: pages } = limits(cursor);
    memories.push({ is64, shared, pages, at, end: cursor.at });
  };
  read(TYPES, (cursor) => typeGroup(cursor, types, typeCount));
  read(IMPORTS, (cursor) => {
    const module = cursor.text(),
      name = cursor.text(),
      kind = cursor.byte();
    if (kind === A_FUNCTION) {
      const { parameters, results } = types[functions[functions.push(cursor.number()) - 1]] ?? cursor.refuse('unknown type');
      if (module === 'env' && RANGES[name] && parameters === 3 && results === 1) ranges.set(functions.length - 1, RANGES[name]);
      if (module === 'env' && ALLOCATORS.test(name)) allocators.add(functions.length - 1);
    } else if (kind === A_MEMORY) memory(cursor);
    else if (kind === A_GLOBAL) {
      if (name === '__stack_pointer') stackPointer = globals.length;
      globals.push(undefined);
      IMPORTED[kind](cursor);
    } else {
      tables += Number(kind === A_TABLE);
      (IMPORTED[kind] ?? cursor.refuse('unknown import'))(cursor);
    }
  });
  const imported = functions.length,
    importedGlobals = globals.length,
    importedMemories = memories.length;
  read(FUNCTIONS, (cursor) => functions.push(cursor.number()));
  read(TABLES, (cursor) => {
    tables++;
    table(cursor);
  });
  read(MEMORIES, memory);
  read(GLOBALS, (cursor) => {
    const type = cursor.bytes[cursor.at];
    valueType(cursor);
    const changes = cursor.byte(),
      value = constantOf(cursor);
    // lld's is the first, and so is that of other compilers that have one.
    if (globals.length === importedGlobals && stackPointer < 0 && changes && type === (memories[0]?.is64 ? I64 : 0x7f)) stackPointer = globals.length;
    globals.push(value);
  });
  read(EXPORTS, (cursor) => {
    const name = cursor.text(),
      kind = cursor.byte(),
      index = cursor.number(),
      value = globals[index];
    if (kind === A_GLOBAL && SYMBOLS.test(name) && value !== undefined) symbols[name] = value;
  });
  read(DATA_SEGMENTS, (cursor) => {
    const flags = cursor.number(),
      into = flags === 2 ? cursor.number() : 0,
      from = flags === 1 ? undefined : constantOf(cursor),
      { length } = cursor.block();
    if (from !== undefined && !into) segments.push({ from, to: from + length });
  });

  const initial = (memories[0]?.pages ?? 0) * 65536,
    stackless = stackPointer < 0 && customs.some(({ name }) => name === 'target_features');
  const layout = layoutOf({ initial, pointer: globals[stackPointer], stackless, segments, symbols });
  const kind = { is64: memories[0]?.is64 ?? false, shared: memories[0]?.shared ?? false, pages: shadowPages };
  if (!memories.length)
    return {
      bytes,
      mode: 'none',
      shadow: kind,
      layout,
      moved: [],
      grouped: new Map(),
      counts: { accesses: 0, checked: 0, code: 0, codeBefore: 0 },
      functionNow: (index) => index,
      functionBefore: (index) => index,
    };
  // A second memory that is imported would move those that the program defines.
  if (memories.length > 1 && !standalone) mode = 'import';

  // What is added.
  const beside = mode === 'import',
    keepsContexts = contexts && allocators.size > 0;
  const alone = standalone?.(layout, { bytes: memories[0].pages * 65536, tables, hasStart: !!sections[START] }) ?? {};
  const added = standalone
    ? ['heap_debug_on_block']
    : [
        ...(beside ? Object.keys(CHECKS) : ['slow', ...Object.keys(SLOW)]),
        'range',
        'grown',
        'overflow',
        ...(uninitialized ? ['uninitialized'] : []),
        ...(keepsContexts ? ['at'] : []),
      ];
  const within = beside ? [] : [...Object.keys(CHECKS), ...(standalone ? Object.keys({ ...RUNTIME, ...SLOW, ...alone }) : [])];
  const texts = { ...RUNTIME, ...SLOW, ...CHECKS, ...HOST, ...alone };
  const shift = added.length + within.length;
  const newFunction = (/** @type {number} */ old) => (old < imported ? added.length + old : shift + old);
  /** @type {Record<string, number>} */
  const addedIndex = {};
  added.forEach((name, i) => (addedIndex[name] = i));
  within.forEach((name, i) => (addedIndex[name] = added.length + imported + i));
  const shadow = beside ? 0 : standalone ? memories.length : Math.max(importedMemories, 1);
  const startSection = sections[START],
    start = startSection ? newFunction(new Cursor(bytes.subarray(startSection.start, startSection.end), file, startSection.start).number()) : -1;

  // The code.
  const code = new Output(bytes.length * 2),
    rewritten = new Output(bytes.length * 2),
    moved = /** @type {number[]} */ ([]);
  const target = { is64: kind.is64, shadow, call: (/** @type {string} */ name) => (name === 'start' ? start : addedIndex[name]) };
  /** @type {import('./function.js').Hints[]} */
  const unlikely = [];
  for (const name of within) {
    const { body, unlikely: offsets } = assemble(texts[name], target);
    code.put(...sized(body));
    unlikely.push({ index: addedIndex[name], offsets });
  }
  let counts = {},
    grouped = /** @type {Instrumented['grouped']} */ (new Map());
  if (sections[CODE]) {
    const { start, end } = sections[CODE],
      cursor = new Cursor(bytes.subarray(0, end), file);
    cursor.at = start;
    const reach = keepsContexts ? functionsThatReach(cursor, imported, functions.length, allocators) : undefined;
    const rewriter = functionRewriter(
      {
        is64: kind.is64,
        types,
        functions,
        memories: memories.map(({ is64 }) => is64),
        newFunction,
        added: addedIndex,
        stackPointer,
        stack: layout.stack,
        statics: { from: layout.nullPage, to: layout.end },
        ranges,
        contexts: reach && { allocators, reach, global: globals.length },
      },
      // A program that is alone has nobody who could look at the accesses of a group one by one.
      { shadow, checks, elide, uninitialized, together: elide && !standalone },
      rewritten,
      wantMoved,
    );
    /** @type {{ at: number, last: number, rewritten: import('./function.js').Rewritten }[]} */
    const own = [];
    each(cursor, () => {
      const size = cursor.number(),
        at = cursor.at,
        last = at + size,
        index = imported + own.length;
      if (last > end) cursor.refuse('code runs over its end');
      if (index === functions.length) cursor.refuse('more code than functions');
      own.push({ at, last, rewritten: rewriter.rewrite(cursor, last, index, mode === 'inline') });
      if (cursor.at !== last) cursor.refuse('code runs over its end', last);
    });
    const { calledInLoops } = rewriter;
    ({ grouped } = rewriter);
    counts = { ...rewriter.counts };
    if (mode === 'call') {
      for (const i of functionsToInline(
        own.map(({ rewritten: { checks, inLoops } }, i) => ({ checks, inLoops, calls: calledInLoops[imported + i] })),
        end - start,
        code.length + rewritten.length,
      )) {
        cursor.at = own[i].at;
        own[i].rewritten = rewriter.rewrite(cursor, own[i].last, imported + i, true);
      }
    }
    for (const {
      rewritten: { start, end, moved: pairs, unlikely: hints },
    } of own) {
      pairs.forEach((offset, i) => moved.push(i % 2 ? offset - start + code.length : offset));
      if (hints) unlikely.push(hints);
      code.copy(rewritten.bytes, start, end);
    }
  }

  // The result.
  /** @type {Piece[]} */
  const out = [bytes.subarray(0, 8)];
  let length = 8,
    codeStart = 0;
  /** @param {Piece} piece */
  const emit = (piece) => {
    out.push(piece);
    length += piece.length;
  };
  /** @param {number} id @param {Piece[]} parts */
  const emitSection = (id, ...parts) => {
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    emit([id, ...leb(size)]);
    parts.forEach(emit);
  };
  /** @type {import('../wasm/cursor.js').Maps} */
  const maps = [];
  maps[FUNC] = newFunction;

  /** A list with items of ours before and after. @param {number} id @param {(cursor: Cursor) => void} walk @param {number[][]} [before] @param {number[][]} [after] */
  const list = (id, walk, before = [], after = []) => {
    const found = sections[id],
      contents = found ? bytes.subarray(found.start, found.end) : Uint8Array.of(0),
      cursor = new Cursor(contents, file, found?.start, maps);
    const count = cursor.number(),
      { at } = cursor,
      total = count + before.length + after.length;
    each(cursor, walk, count);
    if (total) emitSection(id, leb(total), ...before, cursor.rewritten(at), ...after);
  };
  /** @param {Cursor} cursor */
  const asItIs = (cursor) => {
    cursor.at = cursor.bytes.length;
  };
  /** @param {string} name @param {number} kind @param {number[]} type */
  const importEntry = (name, kind, type) => [...(OF_HEAP[name] ? [...text('env'), ...text(OF_HEAP[name])] : [...text(CHECK), ...text(name)]), kind, ...type];
  const own = importedMemories || standalone ? undefined : memories[0];

  /** @type {(() => void)[]} */
  const emitters = [];
  emitters[TYPES] = () =>
    list(
      TYPES,
      asItIs,
      [],
      [...added, ...within].map((name) => typeBytes(typeOf(texts[name], kind.is64))),
    );
  emitters[IMPORTS] = () =>
    list(
      IMPORTS,
      asItIs,
      added.map((name, i) => importEntry(name, A_FUNCTION, leb(typeCount.count + i))),
      [
        ...(own ? [importEntry('memory', A_MEMORY, [...bytes.subarray(own.at, own.end)])] : []),
        ...(beside || standalone ? [] : [importEntry('shadow', A_MEMORY, limitsOf(kind))]),
      ],
    );
  emitters[FUNCTIONS] = () =>
    list(
      FUNCTIONS,
      asItIs,
      within.map((_, i) => leb(typeCount.count + added.length + i)),
    );
  emitters[MEMORIES] = () => {
    if (!own) return (sections[MEMORIES] || standalone) && list(MEMORIES, asItIs, [], standalone ? [limitsOf(kind)] : []);
    if (memories.length > 1) emitSection(MEMORIES, leb(memories.length - 1), bytes.subarray(own.end, sections[MEMORIES]?.end));
  };
  emitters[GLOBALS] = () => list(GLOBALS, global, [], keepsContexts ? [[I64, 1, 0x42, 0, 0x0b]] : []);
  emitters[EXPORTS] = () =>
    list(EXPORTS, (cursor) => {
      cursor.block();
      index(cursor, cursor.byte() + 1);
    });
  // Declares that the address of `block` is taken.
  emitters[ELEMENTS] = () => list(ELEMENTS, segment, [], standalone ? [[3, 0, 1, ...leb(addedIndex.block)]] : []);
  emitters[TABLES] = () => list(TABLES, table);
  emitters[START] = () => {
    const first = standalone ? addedIndex.begin : start;
    if (first >= 0) emitSection(START, leb(first));
  };
  emitters[CODE] = () => {
    const count = functions.length - imported + within.length;
    if (!count) return;
    if (unlikely.length) emitSection(CUSTOM, branchHints(unlikely));
    emitSection(CODE, leb(count), code.written());
    codeStart = length - code.length;
  };
  for (const id of [DATA_COUNT, DATA_SEGMENTS, TAGS]) {
    emitters[id] = () => {
      const found = sections[id];
      if (found) emitSection(id, bytes.subarray(found.start, found.end));
    };
  }
  /** The custom sections that come before the section at `place`. @param {number} place */
  const emitCustoms = (place) => {
    for (const { name, start, end, before } of customs) {
      if (before === place && name !== 'name' && !TELLS_OFFSETS.test(name) && !name.startsWith('metadata.code.'))
        emitSection(CUSTOM, bytes.subarray(start, end));
    }
  };
  /** The names of the program, and of what is added. */
  const emitNames = () => {
    const own = customs.find(({ name }) => name === 'name'),
      named = new Cursor(own ? bytes.subarray(own.start, own.end) : Uint8Array.from(text('name')), file);
    named.text();
    const ours = Uint8Array.from(functionNames([...added, ...within].map((name) => /** @type {const} */ ([addedIndex[name], name]))));
    let names;
    try {
      names = joinNames(named.bytes.subarray(named.at), ours, maps, []);
    } catch (error) {
      // engines ignore a broken name section
      if (!(error instanceof FormatError)) throw error;
      names = ours;
    }
    if (names) emitSection(CUSTOM, text('name'), names);
  };
  ORDER.forEach((id, place) => {
    emitCustoms(place);
    emitters[id]();
  });
  emitCustoms(ORDER.length);
  emitNames();
  for (let i = 1; i < moved.length; i += 2) moved[i] += codeStart;
  const codeBefore = sections[CODE] ? sections[CODE].end - sections[CODE].start : 0;
  return {
    bytes: concatenated(out),
    mode,
    shadow: kind,
    layout,
    moved,
    grouped,
    functionNow: newFunction,
    functionBefore: (index) => (index >= newFunction(imported) && index < newFunction(functions.length) ? index - shift : undefined),
    counts: { accesses: 0, checked: 0, ...counts, code: code.length, codeBefore },
  };
}
