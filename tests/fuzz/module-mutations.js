// Changes of a module that keep most of it whole: its sections and their items are left out, doubled, exchanged, and taken from another module;
// names, numbers and bytes change. Sizes and counts are put right afterwards, but for some that are made to be wrong.

import { Cursor } from '../../js/wasm/cursor.js';
import { kMagicAndVersion, text } from '../../js/wasm/encode.js';
import { dataSegment, global, IMPORTED, limits, segment, table, tag, typeGroup } from '../../js/wasm/format.js';
import { leb } from '../../js/wasm/leb128.js';
import { CODE, CUSTOM, DATA_SEGMENTS, ELEMENTS, EXPORTS, FUNCTIONS, GLOBALS, IMPORTS, MEMORIES, ORDER, TABLES, TAGS, TYPES } from '../../js/wasm/sections.js';

/** @typedef {{ id: number, items?: Uint8Array[], body: Uint8Array }} Section `items`: of a list that could be read; else there is `body` alone */

/** What ends an item, by its section. @type {Record<number, (cursor: Cursor) => unknown>} */
const kItems = {
  [TYPES]: (cursor) => typeGroup(cursor, []),
  [IMPORTS](cursor) {
    for (let names = 0; names < 2; names++) cursor.block();
    IMPORTED[cursor.byte()](cursor);
  },
  [FUNCTIONS]: (cursor) => cursor.number(),
  [TABLES]: table,
  [MEMORIES]: limits,
  [GLOBALS]: global,
  [EXPORTS](cursor) {
    cursor.block();
    cursor.byte();
    cursor.number();
  },
  [ELEMENTS]: segment,
  [CODE]: (cursor) => cursor.block(),
  [DATA_SEGMENTS]: dataSegment,
  [TAGS]: tag,
};

/** @param {number} id @param {Uint8Array} body */
function itemsOf(id, body) {
  const item = kItems[id];
  if (!item) return undefined;
  try {
    const cursor = new Cursor(body, '');
    const items = [];
    for (let count = cursor.number(); count--;) {
      const { at } = cursor;
      item(cursor);
      items.push(body.subarray(at, cursor.at));
    }
    return cursor.at === body.length ? items : undefined;
  } catch {
    return undefined;
  }
}

/** @param {Uint8Array} bytes @returns {Section[] | undefined} */
function sectionsOf(bytes) {
  try {
    const cursor = new Cursor(bytes, '');
    cursor.at = kMagicAndVersion.length;
    const sections = [];
    while (cursor.at < bytes.length) {
      const id = cursor.byte();
      const body = cursor.block();
      sections.push({ id, body, items: itemsOf(id, body) });
    }
    return sections;
  } catch {
    return undefined;
  }
}

const kWrongCounts = [0, 1, 0xffff, 0xffffffff];

/** A number of LEB128, sometimes with more bytes than it needs. @param {Random} random @param {number} value */
const number = (random, value) => leb(value, random.one(40) ? 1 + random.below(6) : 1);

/** @param {Random} random @param {Section[]} sections */
function assembled(random, sections) {
  const parts = [Buffer.from(kMagicAndVersion)];
  for (const { id, items, body } of sections) {
    const count = items && number(random, random.one(100) ? random.of(kWrongCounts) : items.length);
    const contents = items ? Buffer.concat([Buffer.from(count), ...items]) : body;
    const size = random.one(100) ? random.below(2 * contents.length + 2) : contents.length;
    parts.push(Buffer.from([id, ...number(random, size)]), contents);
  }
  return new Uint8Array(Buffer.concat(parts));
}

// ---- bytes ----

const kBytes = [0, 1, 2, 0x0b, 0x10, 0x3f, 0x40, 0x41, 0x60, 0x7f, 0x80, 0xff];
const kNumbers = [0, 1, 2, 3, 63, 64, 127, 128, 255, 1000, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** @param {Uint8Array} bytes @param {number} from @param {number} count @param {Iterable<number>} to */
const replaced = (bytes, from, count, to) => Uint8Array.from([...bytes.subarray(0, from), ...to, ...bytes.subarray(from + count)]);

/** @param {Random} random @param {Uint8Array} bytes */
function changedBytes(random, bytes) {
  if (!bytes.length) return Uint8Array.of(random.below(256));
  const at = random.below(bytes.length);
  const some = 1 + random.below(8);
  return random.of([
    () => replaced(bytes, at, 1, [random.of(kBytes)]),
    () => replaced(bytes, at, 1, [bytes[at] ^ (1 << random.below(8))]),
    () => replaced(bytes, at, 1, leb(random.of(kNumbers), 1 + random.below(4))),
    () => replaced(bytes, at, 0, [random.of(kBytes)]),
    () => replaced(bytes, at, some, []),
    () => replaced(bytes, at, 0, bytes.subarray(at, at + some)),
  ])();
}

// ---- names ----

const kNames = ['env', 'memory', 'malloc', 'free', 'calloc', 'realloc', 'heap_state', 'heap_protect', 'memory.wasm/malloc', '_initialize', '__heap_base', '__stack_pointer', '__indirect_function_table',
  '__proto__', 'constructor', 'prototype', 'toString', 'assign', 'then', '', '\u001b[31m', 'heap', 'start', 'name', 'dylink.0', 'GOT.mem', 'GOT.func', 'sourceMappingURL', '.debug_info', 'metadata.code.branch_hint'];

/** An import or export with another name: its first, or what is in the place of its second. @param {Random} random @param {Uint8Array} item */
function renamed(random, item) {
  const from = random.one(2) ? 0 : item[0] + 1;
  return replaced(item, from, (item[from] ?? 0) + 1, text(random.of(kNames)));
}

// ---- items and sections ----

const kMany = 300;

/** @param {Random} random @param {Section} section @param {Section} [like] the same one of another module */
function changeItems(random, { id, items }, like) {
  const at = random.below(items.length);
  const to = random.below(items.length);
  random.of([
    () => items.splice(at, 1),
    () => items.splice(to, 0, items[at]),
    () => ([items[at], items[to]] = [items[to], items[at]]),
    () => (items[at] = changedBytes(random, items[at])),
    () => like?.items?.length && items.splice(at, random.below(2), random.of(like.items)),
    () => (id === IMPORTS || id === EXPORTS) && (items[at] = renamed(random, items[at])),
    () => random.one(10) && items.push(...Array(random.below(kMany)).fill(items[at])),
  ])();
}

/** @param {Random} random @param {Section[]} sections @param {Section[]} others */
function changeSections(random, sections, others) {
  const at = random.below(sections.length);
  const custom = () => ({ id: CUSTOM, body: Uint8Array.from([...text(random.of(kNames)), ...kBytes.slice(random.below(kBytes.length))]) });
  random.of([
    () => sections.splice(at, 1),
    () => sections.splice(at, 0, sections[random.below(sections.length)]),
    () => sections.splice(at, 0, custom()),
    () => insertInOrder(sections, random.of(others)),
    () => insertInOrder(sections, random.of(others)),
  ])();
}

/** @param {Section[]} sections @param {Section} section */
function insertInOrder(sections, section) {
  const place = ORDER.indexOf(section.id);
  const at = sections.findIndex(({ id }) => ORDER.indexOf(id) >= place);
  if (at < 0) sections.push(section);
  else sections.splice(at, sections[at].id === section.id ? 1 : 0, section);
}

/**
 * @param {Random} random
 * @param {Uint8Array} bytes
 * @param {Uint8Array} other another module, to take from
 */
export function mutated(random, bytes, other) {
  const sections = random.one(20) ? undefined : sectionsOf(bytes);
  const others = sectionsOf(other);
  if (!sections?.length || !others?.length) return changedBytes(random, bytes);
  for (let changes = 1 + random.below(4); changes--;) {
    const section = random.of(sections);
    if (!section) break;
    if (random.one(8)) changeSections(random, sections, others);
    else if (section.items?.length) changeItems(random, section, others.find(({ id }) => id === section.id));
    else section.body = changedBytes(random, section.body);
  }
  const result = assembled(random, sections);
  return random.one(30) ? result.subarray(0, random.below(result.length)) : result;
}

/** Random numbers that can be had again. */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** mulberry32 @param {number} limit */
  below(limit) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** Whether it is one of so many. @param {number} many */
  one(many) {
    return this.below(many) === 0;
  }

  /** @template T @param {T[]} list @returns {T} */
  of(list) {
    return list[this.below(list.length)];
  }
}
