// A misuse as an error: its name, what happened in words, the block's history, and the stacks of allocation, free and detection.

import { kFamilies, kFreedBy } from './layout.js';
import { inLines } from './stacks.js';

/** @typedef {import('./layout.js').BlockRecord} BlockRecord */
/** @typedef {import('./layout.js').RawFinding} RawFinding */
/** @typedef {import('./stacks.js').Frame} Frame */

/**
 * @typedef {'DoubleFreeError' | 'InvalidFreeError' | 'FreeAfterResetError' | 'OverrunError' | 'UnderrunError' | 'WriteAfterFreeError' | 'MismatchedFreeError'
 *   | 'WrongSizeError' | 'WrongAlignmentError' | 'ReallocAfterFreeError'} FindingName
 *
 * @typedef {object} Finding a misuse
 * @property {FindingName} name
 * @property {string} what happened, in a sentence
 * @property {string} operation the call that found it
 * @property {number} pointer the pointer that was given, or the block's
 * @property {BlockRecord & { allocated: Frame[], released: Frame[] }} [block] the block, or the one nearest to the pointer
 * @property {number} [written] the first byte that was overwritten
 * @property {number} [distance] of that byte: from the block's end for an overrun, from its start else
 * @property {{ address: number, bytes: number[] }} [around] the bytes there
 * @property {Frame[]} stack of the call that found it
 */

/** @type {Record<string, FindingName>} */
const kNames = {
  'double-free': 'DoubleFreeError',
  'invalid-free': 'InvalidFreeError',
  'free-after-reset': 'FreeAfterResetError',
  overrun: 'OverrunError',
  underrun: 'UnderrunError',
  'write-after-free': 'WriteAfterFreeError',
  'mismatched-free': 'MismatchedFreeError',
  'wrong-size': 'WrongSizeError',
  'wrong-alignment': 'WrongAlignmentError',
};

const hex = (/** @type {number} */ number) => `0x${number.toString(16)}`;
const count = (/** @type {number} */ n, /** @type {string} */ what) => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;

/**
 * Where an address is, if it is no block's.
 * @typedef {(address: number) => string} Place
 */

/** @type {Record<string, (finding: RawFinding & { record: BlockRecord }, place: Place) => string>} */
const kSentences = {
  'double-free': ({ operation, pointer, record }) =>
    operation === 'free'
      ? `free(${hex(pointer)}): this block was freed before`
      : `${operation}(${hex(pointer)}): this block was freed${record.state === 'past' ? ', and its memory may be in use again' : ''}`,
  'invalid-free': ({ operation, pointer, record }, place) => `${operation}(${hex(pointer)}): ${notABlock(pointer, record, place)}`,
  'free-after-reset': ({ operation, pointer }) => `${operation}(${hex(pointer)}): this block was gone already when heap.reset() forgot all blocks`,
  overrun: ({ operation, record, written }) =>
    `${by(operation)} found ${hex(written)} overwritten, ${count(written - record.pointer - record.byteLength + 1, 'byte')} past the end of a block of ${count(record.byteLength, 'byte')}`,
  underrun: ({ operation, record, written }) =>
    `${by(operation)} found ${hex(written)} overwritten, ${count(record.pointer - written, 'byte')} before the start of a block of ${count(record.byteLength, 'byte')}`,
  'write-after-free': ({ operation, record, written }) =>
    `${by(operation)} found ${hex(written)} overwritten, ${offsetOf(written, record)} of a block of ${count(record.byteLength, 'byte')}, after that was freed`,
  'mismatched-free': ({ operation, pointer, record, claimed }) =>
    `${operation === 'realloc' ? 'realloc' : kFreedBy[claimed]} of ${hex(pointer)}, which ${kFamilies[kFamilies.indexOf(record.family)]} allocated: it must be freed by ${kFreedBy[kFamilies.indexOf(record.family)]}`,
  'wrong-size': ({ pointer, record, claimed }) =>
    `${hex(pointer)} was freed as a block of ${count(claimed, 'byte')}; it has ${count(record.byteLength, 'byte')}`,
  'wrong-alignment': ({ pointer, record, claimed }) => `${hex(pointer)} was freed as a block aligned to ${claimed}; it was allocated with ${record.alignment}`,
};

const by = (/** @type {string} */ operation) => (operation === 'check' ? 'heap.check()' : operation);

/** @param {number} address @param {BlockRecord} record */
function offsetOf(address, { pointer, byteLength }) {
  if (address < pointer) return `${count(pointer - address, 'byte')} before the start`;
  return address < pointer + byteLength ? `at offset ${address - pointer}` : `${count(address - pointer - byteLength + 1, 'byte')} past the end`;
}

/** @param {number} pointer @param {BlockRecord | undefined} record the nearest @param {Place} place */
function notABlock(pointer, record, place) {
  const inside = record && pointer >= record.pointer && pointer < record.pointer + Math.max(1, record.byteLength);
  if (!inside) return `no block starts there: it is ${place(pointer)}`;
  const state = {
    live: 'a block in use',
    freed: 'a block that was freed',
    past: 'a block that was freed long ago',
    reset: 'a block from before heap.reset()',
    unused: '',
  }[record.state];
  return `that is ${count(pointer - record.pointer, 'byte')} into ${state}, which starts at ${hex(record.pointer)}`;
}

/**
 * @param {RawFinding} raw
 * @param {object} known
 * @param {import('./stacks.js').Stacks} known.stacks
 * @param {number} known.stack the number of the stack where it was found
 * @param {Uint8Array} known.u8 the program's memory
 * @param {Place} known.place
 * @returns {Finding}
 */
export function findingOf(raw, { stacks, stack, u8, place }) {
  const { misuse, operation, pointer, record, written } = raw;
  const name = misuse === 'double-free' && operation === 'realloc' ? 'ReallocAfterFreeError' : kNames[misuse];
  return {
    name,
    what: kSentences[misuse](/** @type {any} */ (raw), place),
    operation,
    pointer,
    ...(record && { block: { ...record, allocated: stacks.frames(record.allocatedBy), released: stacks.frames(record.freedBy) } }),
    ...(written && record && { written, distance: written - record.pointer - (misuse === 'overrun' ? record.byteLength : 0), around: around(u8, written) }),
    stack: stacks.frames(stack),
  };
}

/** @param {Uint8Array} u8 @param {number} address */
function around(u8, address) {
  const start = Math.max(0, (address & ~15) - 16);
  return { address: start, bytes: [...u8.subarray(start, start + 48)] };
}

/** The whole report, as the error's message. @param {Finding} finding @param {number} allocations so far */
export function inWords({ what, block, written, around, stack }, allocations) {
  return [
    what,
    ...(block ? [history(block, allocations)] : []),
    ...(written && around ? [dump(around, written)] : []),
    ...(block ? [`  allocated${byFamily(block)}\n${inLines(block.allocated, '      ')}`] : []),
    ...(block && block.state !== 'live' && block.state !== 'reset' ? [`  freed\n${inLines(block.released, '      ')}`] : []),
    `  found\n${inLines(stack, '      ')}`,
  ].join('\n');
}

const byFamily = (/** @type {BlockRecord} */ { family }) => (family === 'malloc' ? '' : ` by ${family}`);

/** @param {BlockRecord} block @param {number} allocations */
function history({ pointer, byteLength, number, freed, state, alignment }, allocations) {
  const ago = count(allocations - number, 'allocation');
  const states = {
    live: 'in use',
    freed: `freed after allocation ${freed}, its memory not used again since`,
    past: `freed after allocation ${freed}, its memory given back since`,
    reset: 'forgotten by heap.reset()',
    unused: '',
  };
  return `  block ${hex(pointer)}: ${count(byteLength, 'byte')}${alignment > 16 ? `, aligned to ${alignment}` : ''}, allocation ${number} (${ago} ago), ${states[state]}`;
}

/** Three lines of 16 bytes; the overwritten one in brackets. @param {{ address: number, bytes: number[] }} around @param {number} written */
function dump({ address, bytes }, written) {
  const lines = [];
  for (let i = 0; i < bytes.length; i += 16) {
    const cells = bytes.slice(i, i + 16).map((byte, j) => {
      const text = byte.toString(16).padStart(2, '0');
      return address + i + j === written ? `[${text}]` : ` ${text} `;
    });
    lines.push(`      ${hex(address + i)} ${cells.join('')}`);
  }
  return `  memory there (cd: new, dd: freed, fd: zone)\n${lines.join('\n')}`;
}
