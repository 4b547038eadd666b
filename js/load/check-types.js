// Whether the program declares the heap's functions as they are: the same in every link mode. Trampolines of JavaScript would convert
// silently what the engine refuses in the others.

import { failure, listed } from '../errors.js';
import { A_FUNCTION } from '../wasm/sections.js';
import { given } from './instantiate.js';

/** @typedef {import('./input.js').Input} Input */

/**
 * The types of the functions that the heap offers. The heap defines all of its functions.
 * @param {Input} heap
 */
function offered({ header }) {
  if (!header) return undefined;
  const { types, functions, exports } = header;
  return new Map(exports.filter(({ kind }) => kind === A_FUNCTION).map(({ name, index }) => [name, types[functions[index]]]));
}

/**
 * What can be known of a compiled module is not checked.
 * @param {Input} program
 * @param {Input} heap
 * @param {import('./instantiate.js').Imports} imports of the caller
 */
export function checkTypes(program, heap, imports) {
  const { header, name: file } = program;
  const ofHeap = header && offered(heap);
  if (!ofHeap) return;
  const { types } = header;
  const wrong = new Set();
  for (const entry of header.imports) {
    if (entry.type === undefined || entry.module !== 'env' || given(imports, entry) !== undefined) continue;
    const expected = ofHeap.get(entry.name);
    const found = types[entry.type] || 'another type';
    if (expected !== undefined && expected !== found) wrong.add(`env.${entry.name} is ${found} in the program and ${expected} in the heap`);
  }
  if (wrong.size) throw failure('ImportMismatchError', [file, listed([...wrong])]);
}
