// Link mode 'table': the trampolines are wasm functions of a little module made here, which call on through a table. For a
// program whose memory must stay its own: faster than JS trampolines, slower than 'direct'.
//
//   program -> trampoline i: (call_indirect i) -> table[i] -> malloc
//
// Until the heap is there table[i] is a function that throws.

import { kMagicAndVersion, list, section, text } from '../wasm/encode.js';
import { CALL, CALL_INDIRECT, END, I32_CONST, LOCAL_GET, UNREACHABLE } from '../wasm/instructions.js';
import { leb, signedLeb } from '../wasm/leb128.js';
import { CODE, ELEMENTS, EXPORTS, FUNCTIONS, IMPORTS, TABLES, TYPES } from '../wasm/sections.js';

const kI32 = 0x7f;
const kFunctionType = 0x60;
const kFuncref = 0x70;

/** The types that a function of the heap has in its signature. */
const kTypeBytes = new Map([
  ['i32', kI32],
  ['i64', 0x7e],
  ['f32', 0x7d],
  ['f64', 0x7c],
]);

/** @typedef {import('../core.js').Core} Core */

/**
 * @param {Core} core
 * @param {import('./link.js').Parts} parts
 */
export const linkTable = (core, parts) => core.linkLateBound(parts, 'table', (names) => trampolines(core, names, signaturesOf(core, parts.program)));

/**
 * @typedef {{ bytes: number[], parameters: number }} Signature
 */

/**
 * @param {Core} core
 * @param {import('./input.js').Input} program
 * @returns {(name: string) => Signature}
 */
function signaturesOf({ failure }, { name: file, header }) {
  if (!header) throw failure('LinkModeError', [file, 'table']);
  const { types } = header;
  const wanted = new Map(header.imports.filter(({ module }) => module === 'env').map(({ name, type = -1 }) => [name, types[type]]));
  return (name) => signature(wanted.get(name) ?? '');
}

/** @param {string} type like "(i32, i64) -> i32" */
function signature(type) {
  const [parameters, results] = type.split('->').map((side) => [...side.matchAll(/[if]\d+/g)].map(([name]) => kTypeBytes.get(name) ?? 0));
  return { bytes: [kFunctionType, ...leb(parameters.length), ...parameters, ...leb(results.length), ...results], parameters: parameters.length };
}

/**
 * @param {Core} core
 * @param {string[]} names
 * @param {(name: string) => Signature} signatureOf
 * @returns {import('./late-bound.js').Trampolines}
 */
function trampolines({ failure }, names, signatureOf) {
  const module = new WebAssembly.Module(Uint8Array.from(trampolineModule(names.map(signatureOf))));
  const early = (/** @type {number} */ index) => {
    throw failure('MallocBeforeLinkError', [names[index]]);
  };
  const { exports } = new WebAssembly.Instance(module, { e: { f: early } });
  const table = /** @type {WebAssembly.Table} */ (exports.t);
  const functions = Object.create(null);
  names.forEach((name, index) => (functions[name] = exports[index]));
  return { functions, bind: (heapExports) => names.forEach((name, index) => table.set(index, heapExports[name])) };
}

/**
 * A module with, for each signature, an early function (which tells its number to the import and traps) and a trampoline (which
 * passes its arguments to whatever the table holds at its number: at first, the early function).
 * @param {Signature[]} signatures
 */
function trampolineModule(signatures) {
  const count = signatures.length;
  const each = (/** @type {(signature: Signature, index: number) => number[]} */ make) => signatures.map(make);
  // Type 0 and function 0 are the import's; the others follow in the order of the signatures.
  const types = each((_, index) => leb(index + 1));
  return [
    ...kMagicAndVersion,
    ...section(TYPES, [[kFunctionType, 1, kI32, 0], ...each(({ bytes }) => bytes)]),
    ...section(IMPORTS, [[...text('e'), ...text('f'), 0, 0]]),
    ...section(FUNCTIONS, [...types, ...types]),
    ...section(TABLES, [[kFuncref, 0, ...leb(count)]]),
    ...section(EXPORTS, [[...text('t'), 1, 0], ...each((_, index) => [...text(String(index)), 0, ...leb(1 + count + index)])]),
    ...section(ELEMENTS, [[0, I32_CONST, 0, END, ...list(types)]]),
    ...section(CODE, [...each((_, index) => earlyBody(index)), ...each(trampolineBody)]),
  ];
}

/** @param {number[]} code */
const body = (code) => [...leb(code.length + 2), 0, ...code, END];

/** @param {number} index */
const earlyBody = (index) => body([I32_CONST, ...signedLeb(index), CALL, 0, UNREACHABLE]);

/**
 * @param {Signature} signature
 * @param {number} index
 */
const trampolineBody = ({ parameters }, index) =>
  body([
    ...Array.from({ length: parameters }, (_, local) => [LOCAL_GET, local]).flat(),
    ...[I32_CONST, ...signedLeb(index), CALL_INDIRECT, ...leb(index + 1), 0],
  ]);
