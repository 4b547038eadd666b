// Whether a linker wrapped the constructors around each export: wasm-ld does so for a program that calls them nowhere.

import { Cursor } from './cursor.js';
import { eachSection } from './each-section.js';
import { each, locals } from './format.js';
import { A_FUNCTION, CODE } from './sections.js';

const kCall = 0x10;

/**
 * Whether every exported function begins with a call of the same function, the first of the module's own.
 * @param {Uint8Array} bytes of the whole module
 * @param {import('./header.js').Header} header
 */
export function wrapsExports(bytes, { imports, exports, sections }) {
  const imported = imports.filter(({ kind }) => kind === A_FUNCTION).length;
  const first = firstCalls(bytes, sections.at(-1)?.whole.end ?? 0);
  const own = exports.filter(({ kind, index }) => kind === A_FUNCTION && index >= imported);
  return own.length > 0 && own.every(({ index }) => first[index - imported] === imported);
}

/**
 * What each function calls first, if that is what it begins with.
 * @param {Uint8Array} bytes
 * @param {number} behind the sections before the code
 */
function firstCalls(bytes, behind) {
  /** @type {(number | undefined)[]} */
  const calls = [];
  const cursor = new Cursor(bytes, '');
  const readBody = () => {
    const next = cursor.number() + cursor.at;
    locals(cursor);
    calls.push(cursor.byte() === kCall ? cursor.number() : undefined);
    cursor.at = next;
  };
  eachSection(cursor, (id) => id === CODE && each(cursor, readBody), behind);
  return calls;
}
