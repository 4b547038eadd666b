// The few functions that checking adds to a program, from text. Words stand for instructions and their immediates:
//
//     p:a n:a site -> a | last     parameters, results, locals; 'a' is an address, as wide as the program's are, all else i32
//     get p  a.const 3  a.shr_u    a local by its name; instructions on addresses begin with 'a.'
//     call slow                    a function by its name

import { leb } from '../wasm/leb128.js';
import { I32, I64 } from './access.js';

/** @type {Record<string, number>} */
const OPCODES = {
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  br_if: 0x0d,
  return: 0x0f,
  call: 0x10,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  load64: 0x29,
  load8: 0x2d,
  store: 0x36,
  store64: 0x37,
  store8: 0x3a,
  const: 0x41,
  const64: 0x42,
  eqz: 0x45,
  eq: 0x46,
  ne: 0x47,
  lt_u: 0x49,
  gt_u: 0x4b,
  le_u: 0x4d,
  ge_u: 0x4f,
  eq64: 0x51,
  add: 0x6a,
  sub: 0x6b,
  and: 0x71,
  or: 0x72,
  shl: 0x74,
  shr_u: 0x76,
  select: 0x1b,
  fill: 0xfc,
  wrap: 0xa7,
  unreachable: 0x00,
  drop: 0x1a,
  'ref.func': 0xd2,
  'table.grow': 0xfc,
};

/** The 64-bit form of what stands behind 'a.'. @type {Record<string, number>} */
const WIDE = { const: 0x42, eqz: 0x50, lt_u: 0x54, gt_u: 0x56, le_u: 0x58, ge_u: 0x5a, add: 0x7c, sub: 0x7d, and: 0x83, shr_u: 0x88 };

const EMPTY = 0x40;

/**
 * @typedef {object} Target where a function is put
 * @property {boolean} is64 addresses are 64-bit
 * @property {number} shadow index of the shadow memory
 * @property {(name: string) => number} call index of a function
 *
 * @typedef {{ parameters: number[], results: number[] }} Type
 */

/** A signed LEB128 number. @param {bigint} value @returns {number[]} */
const signed = (value) => {
  const byte = Number(value & 0x7fn),
    rest = value >> 7n;
  return rest === (byte & 0x40 ? -1n : 0n) ? [byte] : [byte | 0x80, ...signed(rest)];
};

/** @param {string} list @param {number} address */
const typesOf = (list, address) =>
  list
    .split(' ')
    .filter(Boolean)
    .map((name) => (/(^|:)a$/.test(name) ? address : name.endsWith(':long') ? I64 : I32));

/** @param {string} text */
const parts = (text) => {
  const [head, ...lines] = text.trim().split('\n');
  const [, parameters, results, locals] = /** @type {string[]} */ (/^([^-|]*)(?:->([^|]*))?(?:\|(.*))?$/.exec(head)).map((part = '') => part.trim());
  return { parameters, results, locals, words: lines.join(' ').split(/\s+/).filter(Boolean) };
};

/** @param {string} text @param {boolean} is64 @returns {Type} */
export const typeOf = (text, is64) => {
  const { parameters, results } = parts(text),
    address = is64 ? I64 : I32;
  return { parameters: typesOf(parameters, address), results: typesOf(results, address) };
};

/**
 * The body of a function: its locals and code, and where in it branches are that are hardly ever taken ('unlikely if').
 * @param {string} text @param {Target} target @returns {{ body: number[], unlikely: number[] }}
 */
export const assemble = (text, { is64, shadow, call }) => {
  const { parameters, locals, words } = parts(text),
    own = typesOf(locals, is64 ? I64 : I32);
  const names = `${parameters} ${locals}`
    .split(' ')
    .filter(Boolean)
    .map((name) => name.split(':')[0]);
  const code = [...leb(own.length), ...own.flatMap((type) => [1, type])];
  /** @type {number[]} */
  const unlikely = [];
  for (let i = 0; i < words.length; i++) {
    if (words[i] === 'unlikely') {
      unlikely.push(code.length);
      continue;
    }
    const [, wide, word] = /** @type {string[]} */ (/^(a\.)?(.*)$/.exec(words[i]));
    code.push(wide && is64 ? WIDE[word] : OPCODES[word]);
    if (word === 'if' || word === 'loop') code.push(EMPTY);
    else if (word === 'call' || word === 'ref.func') code.push(...leb(call(words[++i])));
    else if (word === 'table.grow') code.push(0x0f, ...leb(+words[++i]));
    else if (word.startsWith('const')) code.push(...signed(BigInt(words[++i])));
    else if (word.startsWith('br')) code.push(+words[++i]);
    else if (/^(get|set|tee)$/.test(word)) code.push(names.indexOf(words[++i]));
    else if (/^(load|store)/.test(word)) code.push(...(shadow ? [0x40, ...leb(shadow), 0] : [0, 0]));
    else if (word === 'fill') code.push(0x0b, ...leb(shadow));
    else if (word === 'wrap' && !is64) code.pop();
  }
  code.push(0x0b);
  return { body: code, unlikely };
};
