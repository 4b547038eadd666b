// Joins the custom sections that tools read and engines don't: `producers` and `target_features`. A merge at load time leaves the
// program's as they are; a file that is kept says what is in it. Binaryen refuses code that uses more than `target_features` tells.

import { concatenated } from '../wasm/bytes.js';
import { Cursor } from '../wasm/cursor.js';
import { eachSection } from '../wasm/each-section.js';
import { each } from '../wasm/format.js';
import { leb } from '../wasm/leb128.js';

/** @typedef {Map<string, Uint8Array>} Values entries as they stand in the file, by name */

/** @param {string} text */
const named = (text) => {
  const bytes = new TextEncoder().encode(text);
  return concatenated([leb(bytes.length), bytes]);
};

/** @param {Uint8Array[]} items */
const listOf = (items) => concatenated([leb(items.length), ...items]);

/** Entries by the name that `read` finds in each; of two with one name the first stays. @param {Cursor} cursor @param {Values} values @param {() => string} read */
function collect(cursor, values, read) {
  each(cursor, () => {
    const start = cursor.at,
      name = read();
    if (!values.has(name)) values.set(name, cursor.bytes.subarray(start, cursor.at));
  });
}

/** Fields (language, processed-by, sdk), each a list of names and versions. @param {Uint8Array[]} sections */
function joinProducers(sections) {
  /** @type {Map<string, Values>} */
  const fields = new Map();
  for (const section of sections) {
    const cursor = new Cursor(section, 'producers');
    each(cursor, () => {
      const field = cursor.text(),
        values = fields.get(field) ?? new Map();
      fields.set(field, values);
      collect(cursor, values, () => {
        const name = cursor.text();
        cursor.block();
        return name;
      });
    });
  }
  return listOf([...fields].map(([field, values]) => concatenated([named(field), listOf([...values.values()])])));
}

/** Features, each behind a + or -. @param {Uint8Array[]} sections */
function joinFeatures(sections) {
  /** @type {Values} */
  const features = new Map();
  for (const section of sections) {
    const cursor = new Cursor(section, 'target_features');
    collect(cursor, features, () => (cursor.byte(), cursor.text()));
  }
  return listOf([...features.values()]);
}

/** What memory.wasm uses of WebAssembly beyond its first version: it ships without its own section. */
const HEAP_FEATURES = listOf(['bulk-memory', 'mutable-globals', 'reference-types', 'sign-ext'].map((name) => concatenated([Uint8Array.of(0x2b), named(name)])));

/** @type {{ [name: string]: (sections: Uint8Array[]) => Uint8Array }} */
const JOIN = { producers: joinProducers, target_features: joinFeatures };

/**
 * A merged module whose custom sections speak of the heap too.
 * @param {Uint8Array} merged
 * @param {Map<string, Uint8Array>} ofProgram custom sections
 * @param {Map<string, Uint8Array>} ofHeap
 */
export function withJoinedSections(merged, ofProgram, ofHeap) {
  const cursor = new Cursor(merged, 'merged module');
  /** @type {import('../wasm/bytes.js').Piece[]} */
  const pieces = [merged.subarray(0, 8)];
  const added = new Map([['target_features', HEAP_FEATURES], ...ofHeap]);
  const emit = (/** @type {string} */ name, /** @type {Uint8Array[]} */ sections) => {
    const contents = concatenated([named(name), JOIN[name](sections)]);
    pieces.push(Uint8Array.of(0), leb(contents.length), contents);
  };
  eachSection(cursor, (id, end, start) => {
    const name = id ? '' : cursor.text();
    const program = ofProgram.get(name),
      heap = added.get(name);
    if (Object.hasOwn(JOIN, name) && program && heap) emit(name, [program, heap]);
    else pieces.push(merged.subarray(start, end));
  });
  for (const name of Object.keys(JOIN)) {
    const heap = added.get(name);
    if (heap && !ofProgram.has(name)) emit(name, [heap]);
  }
  return concatenated(pieces);
}
