// What a program's file says of its code: where each function is and what it is called, and which line of the source an
// instruction comes from.

import { lastAtOrBefore, rowsOfDwarf, rowsOfSourceMap } from './lines.js';
import { Cursor } from '../wasm/cursor.js';
import { eachSection } from '../wasm/each-section.js';
import { each, IMPORTED } from '../wasm/format.js';
import { A_FUNCTION, CODE, CUSTOM, IMPORTS } from '../wasm/sections.js';

/**
 * @typedef {object} ProgramSymbols
 * @property {(offset: number) => { index: number, name: string | undefined } | undefined} functionAt the function that an instruction is in
 * @property {(offset: number) => string | undefined} lineAt 'file.c:12:3'
 * @property {number} codeStart where the contents of the code section begin
 * @property {string | undefined} sourceMap the address of its source map, if it has no lines itself
 */

/** @param {Uint8Array} bytes of a program @param {object} [sourceMap] its source map, where it has one and was found @returns {ProgramSymbols} */
export function symbolsOf(bytes, sourceMap) {
  const cursor = new Cursor(bytes, 'program.wasm');
  /** @type {{ offset: number, index: number }[]} */
  const functions = [];
  /** @type {Record<string, Uint8Array>} */
  const customs = {};
  let imported = 0,
    codeStart = 0;
  eachSection(cursor, (id, end) => {
    if (id === IMPORTS) {
      each(cursor, () => {
        cursor.block();
        cursor.block();
        const kind = cursor.byte();
        imported += Number(kind === A_FUNCTION);
        IMPORTED[kind](cursor);
      });
    } else if (id === CODE) {
      codeStart = cursor.at;
      each(cursor, () => {
        functions.push({ offset: cursor.at, index: imported + functions.length });
        cursor.block();
      });
    } else if (id === CUSTOM) customs[cursor.text()] = bytes.subarray(cursor.at, end);
  });
  const names = functionNames(customs.name);
  /** @type {import('./lines.js').LineRow[] | undefined} */
  let rows;
  const allRows = () => (customs['.debug_line'] ? rowsOfDwarf(customs, codeStart) : sourceMap ? rowsOfSourceMap(/** @type {any} */ (sourceMap)) : []);
  return {
    codeStart,
    sourceMap: customs['.debug_line'] || !customs.sourceMappingURL ? undefined : new Cursor(customs.sourceMappingURL, 'sourceMappingURL').text(),
    functionAt(offset) {
      const found = lastAtOrBefore(functions, offset);
      return found && { index: found.index, name: names.get(found.index) };
    },
    lineAt(offset) {
      const row = lastAtOrBefore((rows ??= allRows()), offset);
      return row?.line ? `${row.file}:${row.line}${row.column ? `:${row.column}` : ''}` : undefined;
    },
  };
}

/** Subsection 1 of the name section. @param {Uint8Array} [section] */
function functionNames(section) {
  /** @type {Map<number, string>} */
  const names = new Map();
  if (!section) return names;
  const cursor = new Cursor(section, 'name');
  try {
    while (cursor.at < section.length) {
      const id = cursor.byte(),
        end = cursor.number() + cursor.at;
      if (id === 1) each(cursor, () => names.set(cursor.number(), cursor.text()));
      cursor.at = end;
    }
  } catch {
    // engines ignore a broken name section, from where it breaks
  }
  return names;
}
