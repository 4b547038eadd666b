// Link mode 'table': the trampolines are wasm functions of a little module made here, which call on through a table. For a
// program whose memory must stay its own: faster than JS trampolines, slower than 'direct'.

import { kMagicAndVersion, list, section, text, unsigned } from '../wasm/reader.js';
import { messageOf } from '../errors.js';
import { readFunctionTypes } from '../wasm/header.js';
import { linkLateBound, mallocBeforeLink } from './late-bound.js';

const kType = 1;
const kImport = 2;
const kFunction = 3;
const kTable = 4;
const kExport = 7;
const kElement = 9;
const kCode = 10;
const kI32 = 0x7f;
const kFunctionType = 0x60;
const kFuncref = 0x70;
const kUnreachable = 0x00;
const kEnd = 0x0b;
const kCall = 0x10;
const kCallIndirect = 0x11;
const kLocalGet = 0x20;
const kI32Const = 0x41;

/** @typedef {import('../extras/core.js').Core} Core */

/**
 * @param {Core} core
 * @param {import('./link-direct.js').Parts} parts
 */
export const linkTable = (core, parts) => linkLateBound(core, parts, 'table', async (names) => trampolines(core, names, await signaturesOf(core, parts.program)));

/**
 * @typedef {{ bytes: number[], parameters: number }} Signature
 */

/**
 * @param {Core} core
 * @param {import('./input.js').Input} program
 * @returns {Promise<(name: string) => Signature>}
 */
async function signaturesOf({ failure }, { name: file, head, header }) {
  const cannot = (/** @type {string} */ reason) => failure('LinkModeError', [file, reason], undefined, 'NoTypes');
  if (!head || !header) throw await cannot('is a compiled WebAssembly.Module, whose types can\'t be read: pass its URL or bytes');
  try {
    const types = readFunctionTypes(head, header);
    return (name) => types[header.imports.find((entry) => entry.module === 'env' && entry.name === name)?.type ?? -1];
  } catch (error) {
    throw await cannot(`has types that the trampolines can't take (${messageOf(error)})`);
  }
}

/**
 * @param {Core} core
 * @param {string[]} names
 * @param {(name: string) => Signature} signatureOf
 * @returns {import('./late-bound.js').Trampolines}
 */
function trampolines(core, names, signatureOf) {
  const module = new WebAssembly.Module(Uint8Array.from(trampolineModule(names.map(signatureOf))));
  const early = (/** @type {number} */ index) => {
    throw mallocBeforeLink(core, names[index]);
  };
  const { exports } = new WebAssembly.Instance(module, { e: { f: early } });
  const table = /** @type {WebAssembly.Table} */ (exports.t);
  return {
    functions: Object.fromEntries(names.map((name, index) => [name, /** @type {Function} */ (exports[index])])),
    bind: (heapExports) => names.forEach((name, index) => table.set(index, heapExports[name])),
  };
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
  const types = each((_, index) => unsigned(index + 1));
  return [
    ...kMagicAndVersion,
    ...section(kType, [[kFunctionType, 1, kI32, 0], ...each(({ bytes }) => bytes)]),
    ...section(kImport, [[...text('e'), ...text('f'), 0, 0]]),
    ...section(kFunction, [...types, ...types]),
    ...section(kTable, [[kFuncref, 0, ...unsigned(count)]]),
    ...section(kExport, [[...text('t'), 1, 0], ...each((_, index) => [...text(String(index)), 0, ...unsigned(1 + count + index)])]),
    ...section(kElement, [[0, kI32Const, 0, kEnd, ...list(types)]]),
    ...section(kCode, [...each((_, index) => earlyBody(index)), ...each(trampolineBody)]),
  ];
}

/** @param {number[]} code */
const body = (code) => [...unsigned(code.length + 2), 0, ...code, kEnd];

/** @param {number} index */
const earlyBody = (index) => body([kI32Const, ...signed(index), kCall, 0, kUnreachable]);

/**
 * @param {Signature} signature
 * @param {number} index
 */
const trampolineBody = ({ parameters }, index) =>
  body([
    ...Array.from({ length: parameters }, (_, local) => [kLocalGet, local]).flat(),
    ...[kI32Const, ...signed(index), kCallIndirect, ...unsigned(index + 1), 0],
  ]);

/**
 * A small positive number as signed LEB128: its bit 6 would be the sign.
 * @param {number} value
 */
const signed = (value) => (value < 64 ? [value] : [(value % 128) | 128, value >> 7]);
