// Writes the module anew with another allocator in it. Bodies are exchanged where they are, so that no index moves and the rest of the
// program's code is copied as it is; what is new comes behind what there was, in every index space:
//
//     functions before   imports | ... malloc ... free ...         | (end)
//     functions after    imports | ... malloc'... free'...         | the heap's functions | grow, size | originals of hooked functions
//                                      ^ the heap's code
//
// malloc' is a copy of the heap's malloc: it calls the heap's functions by their new indices.

import { parseHeap } from '../merge/heap.js';
import { joinNames } from '../merge/names.js';
import { concatenate } from '../wasm/bytes.js';
import { Cursor } from '../wasm/cursor.js';
import { list, text } from '../wasm/encode.js';
import { body, each, global, immediatesOf, limits, locals, segment, table, typeGroup } from '../wasm/format.js';
import { CALL, END, I32_CONST, MEMORY_GROW, MEMORY_SIZE } from '../wasm/instructions.js';
import { leb } from '../wasm/leb128.js';
import { FUNC, GLOBAL, MEMORY, TABLE, TYPE } from '../wasm/opcodes.js';
import {
  A_FUNCTION,
  A_GLOBAL,
  A_MEMORY,
  A_TABLE,
  CODE,
  CUSTOM,
  ELEMENTS,
  EXPORTS,
  FUNCTIONS,
  GLOBALS,
  MEMORIES,
  ORDER,
  TABLES,
  TELLS_OFFSETS,
  TYPES,
} from '../wasm/sections.js';
import { errnoBody, growBySbrk, hookBody, isRust, rustBody, setsErrno, sizeBySbrk } from './bodies.js';
import { typeOf } from './module.js';
import { kNames } from './names.js';

/** @typedef {import('./module.js').Module} Module */
/** @typedef {import('./names.js').Role} Role */
/** @typedef {import('../wasm/bytes.js').Piece} Piece */

/**
 * @typedef {object} Plan
 * @property {Map<number, Role>} roles by function
 * @property {boolean} replace whether they get the heap's code
 * @property {number[]} hooked functions around which hooks are put
 * @property {number | undefined} sbrk
 * @property {boolean} sbrkIsShared
 * @property {number | undefined} errno its address, if malloc sets it
 * @property {(name: string) => string | undefined} exportAs the name under which something of the heap is exported; undefined: not at all
 */

/** What a hook is told of a call, by its role. */
export const kHookCodes = /** @type {Record<Role, number>} */ ({
  malloc: 0,
  free: 1,
  calloc: 2,
  realloc: 3,
  memalign: 4,
  posix_memalign: 5,
  rust_alloc: 6,
  rust_dealloc: 7,
  rust_realloc: 8,
  rust_alloc_zeroed: 9,
  malloc_usable_size: 10,
});

const I32 = 0x7f,
  FUNCTION_TYPE = 0x60,
  FUNCREF = 0x70;
const kZeroGlobal = [I32, 1, I32_CONST, 0, END];

/**
 * @param {Module} module
 * @param {Uint8Array} heapBytes memory.wasm, or another heap
 * @param {Plan} plan
 */
export function rewrite(module, heapBytes, plan) {
  const { bytes, bodies, imported } = module;
  const heap = plan.replace ? parseHeap(heapBytes) : undefined;
  const count = (/** @type {number} */ id) => (heap?.sections[id] ? new Cursor(heap.sections[id], 'memory.wasm').number() : 0);
  const first = module.functions.length;
  /** What grows the heap's memory, and says how large it is, in place of the instructions. */
  const grower = first + (heap?.functions.length ?? 0);
  /** The program's own functions, in order; then those that are added. */
  const exchanged = new Map();
  /** @type {{ type: number, body: Uint8Array, name: string }[]} */
  const added = [];
  const add = (/** @type {number} */ parameters, /** @type {number} */ results, /** @type {Uint8Array} */ code, /** @type {string} */ name) =>
    grower + added.push({ type: newType(parameters, results), body: code, name }) - 1;
  /** Function types of i32s that are added. @type {string[]} */
  const newTypes = [];
  function newType(/** @type {number} */ parameters, /** @type {number} */ results) {
    const key = `${parameters},${results}`;
    if (!newTypes.includes(key)) newTypes.push(key);
    return module.types.length + (heap?.types.length ?? 0) + newTypes.indexOf(key);
  }

  /** Bodies that are as they were: where they are, and where they were. @type {{ start: number, end: number, from: number }[]} */
  let kept = [];
  /** @type {import('../wasm/cursor.js').Maps} */
  const maps = [];
  maps[TYPE] = (old) => old + module.types.length;
  maps[FUNC] = (old) => old + first;
  maps[TABLE] = (old) => old + module.tables;
  maps[GLOBAL] = (old) => old + module.globals.length;
  maps[MEMORY] = (old) => (old ? old + module.memories.length - 1 : 0);
  const ofHeap = (/** @type {Uint8Array} */ part) => new Cursor(part, 'memory.wasm', 0, maps);
  const heapBody = (/** @type {number} */ index) => {
    const part = /** @type {NonNullable<typeof heap>} */ (heap).bodies[index];
    const cursor = ofHeap(plan.sbrk === undefined ? part : growingByCall(part, grower - first));
    body(cursor);
    return cursor.rewritten();
  };
  const heapFunction = (/** @type {string} */ name) => {
    const found = heap?.exports.find((entry) => entry.kind === A_FUNCTION && entry.name === name);
    if (!found) throw new Error(`the heap has no function ${name}`);
    return found.index;
  };

  /** What a function with a role gets: a body of the heap, or one that calls the heap's. @param {Role} role */
  const newBody = (role) => {
    if (isRust(role)) return rustBody(role, (name) => heapFunction(name) + first);
    if (plan.errno !== undefined && setsErrno(role)) return errnoBody(role, heapFunction(role) + first, plan.errno);
    return heapBody(heapFunction(role));
  };

  if (heap) {
    if (plan.sbrk !== undefined) {
      add(1, 1, growBySbrk(plan.sbrk, plan.sbrkIsShared), 'memory.wasm: grow by sbrk');
      add(0, 1, sizeBySbrk(plan.sbrk), 'memory.wasm: size by sbrk');
    }
    for (const [index, role] of plan.roles) exchanged.set(index, newBody(role));
  }
  const hooks = { table: module.tables + count(TABLES), on: module.globals.length + count(GLOBALS), busy: module.globals.length + count(GLOBALS) + 1, type: 0 };
  if (plan.hooked.length) hooks.type = newType(6, 0);
  for (const index of plan.hooked) {
    const { start, end } = bodies[index - imported];
    const [parameters, results] = arityOf(typeOf(module, index));
    const role = /** @type {Role} */ (plan.roles.get(index));
    const original = add(parameters, results, exchanged.get(index) ?? bytes.subarray(start, end), module.names.get(index) ?? role);
    exchanged.set(index, hookBody({ code: kHookCodes[role], parameters, results, original }, hooks));
  }
  return write();

  function write() {
    const exports = exportsToAdd();
    const heapItems = (/** @type {number} */ id, /** @type {(cursor: Cursor) => unknown} */ item) => {
      if (!heap?.sections[id]) return [];
      const cursor = ofHeap(heap.sections[id]);
      const items = cursor.number();
      const from = cursor.at;
      each(cursor, item, items);
      return [cursor.rewritten(from)];
    };
    /** What comes behind the program's items, by section: how many, and their bytes. @type {Map<number, [number, Piece[]]>} */
    const more = new Map();
    const append = (/** @type {number} */ id, /** @type {number} */ items, /** @type {Piece[]} */ pieces) => void (items && more.set(id, [items, pieces]));
    const hookCount = plan.hooked.length ? 1 : 0;
    append(TYPES, count(TYPES) + newTypes.length, [...heapItems(TYPES, (cursor) => typeGroup(cursor, [])), ...newTypes.map(typeBytes)]);
    append(FUNCTIONS, (heap?.functions.length ?? 0) + added.length, [
      ...(heap?.functions ?? []).map((type) => leb(type + module.types.length)),
      ...added.map(({ type }) => leb(type)),
    ]);
    append(TABLES, count(TABLES) + hookCount, [...heapItems(TABLES, table), ...(hookCount ? [[FUNCREF, 0, 1]] : [])]);
    append(MEMORIES, count(MEMORIES), heapItems(MEMORIES, limits));
    append(GLOBALS, count(GLOBALS) + 2 * hookCount, [...heapItems(GLOBALS, global), ...(hookCount ? [kZeroGlobal, kZeroGlobal] : [])]);
    append(EXPORTS, exports.length, exports);
    append(ELEMENTS, count(ELEMENTS), heapItems(ELEMENTS, segment));
    append(CODE, (heap?.bodies.length ?? 0) + added.length, []);

    /** @type {Piece[]} */
    const out = [bytes.subarray(0, 8)];
    const emit = (/** @type {number} */ id, /** @type {Piece[]} */ pieces) =>
      void out.push([id], leb(pieces.reduce((sum, { length }) => sum + length, 0)), ...pieces);
    const emitList = (/** @type {number} */ id, /** @type {Uint8Array} */ own) => {
      const [items, pieces] = more.get(id) ?? [0, []];
      const cursor = new Cursor(own, module.file);
      const total = cursor.number() + items;
      emit(id, [leb(total), own.subarray(cursor.at), ...pieces]);
    };
    let next = 0;
    const fillIn = (/** @type {number} */ place) => {
      for (; next < place; next++) if (more.has(ORDER[next])) emitList(ORDER[next], Uint8Array.of(0));
    };
    /** @type {string[]} */
    const dropped = [];
    let names;
    for (const { id, whole, start, end, name } of module.sections) {
      if (id === CUSTOM) {
        if (name === kNames) names = bytes.subarray(start + text(kNames).length, end);
        else if (TELLS_OFFSETS.test(/** @type {string} */ (name))) dropped.push(/** @type {string} */ (name));
        else out.push(bytes.subarray(whole, end));
        continue;
      }
      const place = ORDER.indexOf(id);
      fillIn(place);
      next = place + 1;
      if (id === CODE) {
        const pieces = codePieces();
        emit(id, pieces);
        // Where the code begins in the new module: every body that stays is at a constant distance from there.
        const before = out.slice(0, out.length - pieces.length).reduce((sum, { length }) => sum + length, 0);
        kept = keptBodies(before, pieces);
      } else if (more.has(id)) emitList(id, bytes.subarray(start, end));
      else out.push(bytes.subarray(whole, end));
    }
    fillIn(ORDER.length);
    const joined = joinNames(joinNames(names, heap?.names, [], maps), nameSection(), [], []);
    if (joined) emit(CUSTOM, [text(kNames), joined]);
    const heapFunctions = Object.fromEntries((heap?.exports ?? []).filter(({ kind }) => kind === A_FUNCTION).map(({ name, index }) => [name, index + first]));
    return { bytes: concatenate(out), dropped, heapFunctions, originalOf };
  }

  /** @param {number} at @param {Piece[]} pieces */
  function keptBodies(at, pieces) {
    /** @type {{ start: number, end: number, from: number }[]} */
    const found = [];
    pieces.forEach((piece, i) => {
      const k = (i - 2) / 2;
      if (Number.isInteger(k) && k >= 0 && k < bodies.length && !exchanged.has(k + imported))
        found.push({ start: at, end: at + piece.length, from: bodies[k].start });
      at += piece.length;
    });
    return found;
  }

  /** @param {number} offset */
  function originalOf(offset) {
    let low = 0;
    for (let high = kept.length; low < high;) {
      const middle = (low + high) >> 1;
      if (kept[middle].end > offset) high = middle;
      else low = middle + 1;
    }
    const body = kept[low];
    return body && offset >= body.start ? body.from + offset - body.start : undefined;
  }

  function codePieces() {
    /** @type {Piece[]} */
    const pieces = [leb(bodies.length + (heap?.bodies.length ?? 0) + added.length)];
    const put = (/** @type {Uint8Array} */ code) => void pieces.push(leb(code.length), code);
    bodies.forEach(({ start, end }, k) => put(exchanged.get(k + imported) ?? bytes.subarray(start, end)));
    heap?.bodies.forEach((_, index) => put(heapBody(index)));
    for (const one of added) put(one.body);
    return pieces;
  }

  function exportsToAdd() {
    const entry = (/** @type {string} */ name, /** @type {number} */ kind, /** @type {number} */ index) => {
      const as = plan.exportAs(name);
      return as ? [[...text(as), kind, ...leb(index)]] : [];
    };
    const ofHeapOnes = heap
      ? heap.exports.flatMap(({ name, kind, index }) => entry(name, kind, maps[kind + 1]?.(index) ?? index))
      : entry('memory', A_MEMORY, 0);
    if (!plan.hooked.length) return ofHeapOnes;
    return [...ofHeapOnes, ...entry('hooks', A_TABLE, hooks.table), ...entry('hooks_on', A_GLOBAL, hooks.on)];
  }

  /** Names for what is found without one, and for what is added: stacks are read by them. */
  function nameSection() {
    const named = [...[...plan.roles].map(([index, role]) => [index, role]), ...added.map(({ name }, k) => [grower + k, name])];
    const entries = named.sort(([a], [b]) => Number(a) - Number(b)).map(([index, name]) => [...leb(Number(index)), ...text(String(name))]);
    const part = list(entries);
    return Uint8Array.from([1, ...leb(part.length), ...part]);
  }
}

/** @param {string} key "parameters,results" */
function typeBytes(key) {
  const [parameters, results] = key.split(',').map(Number);
  return [FUNCTION_TYPE, ...leb(parameters), ...Array(parameters).fill(I32), ...leb(results), ...Array(results).fill(I32)];
}

/** How many i32s a function of a type like "(i32, i32) -> i32" takes and leaves. @param {string} type */
function arityOf(type) {
  const [parameters, results] = type.split(' -> ');
  return [parameters === '()' ? 0 : parameters.split(', ').length, results === 'nothing' ? 0 : 1];
}

/**
 * A body of the heap in which memory 0 is grown and asked for its size by calls.
 * @param {Uint8Array} part
 * @param {number} grower index of the function that grows; behind it the one that says the size
 */
function growingByCall(part, grower) {
  const cursor = new Cursor(part, 'memory.wasm');
  locals(cursor);
  while (cursor.at < part.length) {
    const start = cursor.at;
    const opcode = cursor.byte();
    if ((opcode === MEMORY_SIZE || opcode === MEMORY_GROW) && part[cursor.at] === 0) {
      cursor.at++;
      cursor.change(start, [CALL, ...leb(opcode === MEMORY_GROW ? grower : grower + 1)]);
    } else immediatesOf(cursor, opcode);
  }
  return cursor.rewritten();
}
