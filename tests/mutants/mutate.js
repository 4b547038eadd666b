// Puts all faults of list.js into one copy of src/, so that each test is built once and the fault is chosen when it runs:
//
//     was       trap_if(!foot_fits(chunk));
//     becomes   trap_if((memory_wasm_mutant(7) ? (false) : (!foot_fits(chunk))));
//
// A fault replaces an expression, or statements if its text ends with ; or }. What is evaluated at compile time stays as it was.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Mutant
 * @property {string} file below src/
 * @property {string} fault in words
 * @property {string} was the text that is replaced: the first place after `after`, and the only one if there is no `after`
 * @property {string} is what replaces it
 * @property {string} [after] a text before the place: the function's name
 * @property {string} [equivalent] why no test can see it: it changes no behaviour that anybody relies on
 */

/** How a mutant's number is asked for: see mutant.h. */
const chosen = (number) => `memory_wasm_mutant(${number})`;

/** Where the mutant's text is in its file. Throws if it isn't there, or not clear. */
export function placeOf(text, { file, fault, was, after }) {
  const from = after === undefined ? 0 : text.indexOf(after);
  if (from < 0) throw new Error(`${file}: "${fault}": there is no '${after}'`);
  const begin = text.indexOf(was, from);
  if (begin < 0) throw new Error(`${file}: "${fault}": there is no '${was}'`);
  if (after === undefined && text.indexOf(was, begin + 1) >= 0) throw new Error(`${file}: "${fault}": '${was}' is there twice; say which by 'after'`);
  return { begin, end: begin + was.length };
}

/**
 * Each file of src/ that has mutants, with all of them in it. Number 1 is the first of the list.
 * @param {string} source the folder src
 * @param {Mutant[]} mutants
 * @returns {Map<string, string>}
 */
export function mutate(source, mutants) {
  const files = new Map();
  for (const file of new Set(mutants.map(({ file }) => file))) {
    const text = readFileSync(join(source, file), 'utf8');
    const edits = mutants.flatMap((mutant, i) => (mutant.file === file ? [{ ...mutant, ...placeOf(text, mutant), number: i + 1 }] : []));
    files.set(file, rendered(text, 0, text.length, nested(edits)));
  }
  return files;
}

/**
 * A place in the text, the faults for it, and the places inside it.
 * @typedef {{ begin: number, end: number, faults: { number: number, is: string }[], inner: Place[] }} Place
 */

/** The text from begin to end, with the faults of these places. @param {Place[]} places */
function rendered(text, begin, end, places) {
  let result = '';
  let at = begin;
  for (const place of places) {
    result += text.slice(at, place.begin) + choice(text, place);
    at = place.end;
  }
  return result + text.slice(at, end);
}

/** @param {Place} place */
function choice(text, { begin, end, faults, inner }) {
  const isStatement = /[;}]$/.test(text.slice(begin, end));
  return faults.reduce(
    (was, { number, is }) => (isStatement ? `{ if (${chosen(number)}) { ${is} } else { ${was} } }` : `(${chosen(number)} ? (${is}) : (${was}))`),
    rendered(text, begin, end, inner),
  );
}

/** Edits as places, in their order, with those inside others inside them. */
function nested(edits) {
  const sorted = [...edits].sort((a, b) => a.begin - b.begin || b.end - a.end);
  /** @type {Place[]} */
  const roots = [];
  /** @type {Place[]} */
  const around = [];
  for (const { begin, end, number, is, fault } of sorted) {
    while (around.length && around.at(-1).end <= begin) around.pop();
    const outer = around.at(-1);
    if (outer?.begin === begin && outer.end === end) {
      outer.faults.push({ number, is });
      continue;
    }
    if (outer && end > outer.end) throw new Error(`"${fault}" overlaps another fault`);
    const place = { begin, end, faults: [{ number, is }], inner: [] };
    (outer ? outer.inner : roots).push(place);
    around.push(place);
  }
  return roots;
}
