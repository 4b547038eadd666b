// Reports of checked memory (js/check): what an access that may not be was, which block it missed, and where in the source it happened.

import { AFTER_BLOCK, BEFORE_BLOCK, FREED, NOBODYS, NULL_PAGE, WHOLE } from './kinds.js';
import { hex } from '../errors.js';
import { inWords } from './findings.js';

/**
 * @typedef {'OverrunError' | 'UnderrunError' | 'UseAfterFreeError' | 'NullPointerError' | 'WildPointerError' | 'StackOverflowError' | 'UninitializedReadError'} CheckName
 *
 * @typedef {object} CheckFinding an access that may not be
 * @property {CheckName} name
 * @property {string} what happened, in a sentence
 * @property {'read' | 'write' | 'call'} operation
 * @property {number} pointer the address of the access
 * @property {number} size of the access
 * @property {number} site where the instruction is in the program's file
 * @property {string} [source] its line in the source, where the file has that
 * @property {import('./debug-heap.js').BlockHistory} [block] the block, or the nearest one
 * @property {number} [distance] of the first wrong byte: from the block's end for an overrun, from its start else
 * @property {number} written the first wrong byte
 * @property {{ address: number, bytes: number[] }} around the bytes there
 * @property {import('./stacks.js').Frame[]} stack
 *
 * @typedef {object} WrongAccess
 * @property {number} address
 * @property {number} size
 * @property {number} site where the instruction is in the program's file
 * @property {number} shadow what the shadow has for the first wrong byte
 * @property {boolean} write
 *
 * @typedef {object} Known what a report is made of
 * @property {Uint8Array} u8 the program's memory
 * @property {(address: number) => number} shadowOf
 * @property {(address: number) => import('./debug-heap.js').BlockHistory | undefined} blockAt
 * @property {import('./stacks.js').Frame[]} stack
 * @property {string} [source]
 */

const bytes = (/** @type {number} */ count) => `${count.toLocaleString('en')} byte${count === 1 ? '' : 's'}`;

/** The first byte of an access that may not be touched. @param {WrongAccess} access @param {Known['shadowOf']} shadowOf */
export function firstWrong({ address, size }, shadowOf) {
  for (let at = address; at < address + size; at = (Math.floor(at / 8) + 1) * 8) {
    const shadow = shadowOf(at),
      there = Math.floor(at / 8) * 8 + shadow;
    if (shadow === WHOLE) continue;
    const wrong = shadow > WHOLE ? at : Math.max(at, there);
    if (wrong < address + size && wrong < (Math.floor(at / 8) + 1) * 8) return wrong;
  }
  return address;
}

/** @param {number} address */
const around = (/** @type {Uint8Array} */ u8, address) => {
  const start = Math.max(0, Math.floor(address / 16) * 16 - 16);
  return { address: start, bytes: [...u8.subarray(start, start + 48)] };
};

/**
 * What is wrong with an access.
 * @param {WrongAccess} access @param {Known} known
 * @returns {CheckFinding}
 */
export function findingOfAccess(access, known) {
  const { address, size, site, write } = access,
    { u8, shadowOf, stack, source } = known;
  const wrong = firstWrong(access, shadowOf),
    shadow = shadowOf(wrong),
    block = shadow === NOBODYS ? undefined : known.blockAt(wrong);
  const operation = write ? /** @type {const} */ ('write') : /** @type {const} */ ('read');
  const [name, where, distance] = placeOf(wrong, shadow, block, u8.length);
  const what = `${operation} of ${bytes(size)} at ${hex(address)}: ${wrong === address ? '' : `from ${hex(wrong)} on it is `}${where}`;
  return { name, what, operation, pointer: address, size, site, source, block, distance, written: wrong, around: around(u8, wrong), stack };
}

/**
 * @param {number} wrong @param {number} shadow @param {import('./debug-heap.js').BlockHistory | undefined} block @param {number} end of the memory
 * @returns {[CheckName, string, number?]} what it is, where that is in words, and how far from the block
 */
function placeOf(wrong, shadow, block, end) {
  if (shadow === NULL_PAGE) return ['NullPointerError', 'in the NULL page: the pointer is NULL, or NULL and an offset'];
  if (!block) return ['WildPointerError', wrong >= end ? `beyond the memory, which ends at ${hex(end)}` : 'in no block, and neither data nor stack'];
  const { pointer, byteLength, state } = block,
    behind = wrong - pointer - byteLength,
    isGone = state !== 'live';
  const ofBlock = `a block of ${bytes(byteLength)}${isGone ? ' that was freed' : ''}`;
  if (wrong < pointer && shadow !== AFTER_BLOCK)
    return [isGone ? 'UseAfterFreeError' : 'UnderrunError', `${bytes(pointer - wrong)} before the start of ${ofBlock}`, wrong - pointer];
  if (behind >= 0)
    return [
      isGone && shadow === FREED
        ? 'UseAfterFreeError'
        : shadow === BEFORE_BLOCK || shadow === AFTER_BLOCK || shadow < WHOLE
          ? 'OverrunError'
          : 'WildPointerError',
      `${bytes(behind + 1)} past the end of ${ofBlock}`,
      behind,
    ];
  return ['UseAfterFreeError', `at offset ${wrong - pointer} of ${ofBlock}`, wrong - pointer];
}

/** The stack has run into what is below it. @param {{ pointer: number, frame: number, site: number, low: number }} overflow @param {Known} known @returns {CheckFinding} */
export const findingOfOverflow = ({ pointer, frame, site, low }, { u8, stack, source }) => {
  const below = low + 2 ** 32 - pointer < 2 ** 31 ? low + 2 ** 32 - pointer : low - pointer; // it wraps below 0
  return {
    name: 'StackOverflowError',
    operation: 'call',
    pointer,
    size: frame,
    site,
    source,
    written: pointer,
    around: around(u8, low),
    stack,
    what: `a frame of ${bytes(frame)} ends ${bytes(below)} below the end of the stack, which is at ${hex(low)}: recursion too deep, or the stack too small (wasm-ld -z stack-size=...)`,
  };
};

/** Memory was read that nobody wrote to. @param {{ address: number, size: number, site: number }} read @param {import('./debug-heap.js').BlockHistory} block @param {Known} known @returns {CheckFinding} */
export const findingOfUninitialized = ({ address, size, site }, block, { u8, stack, source }) => ({
  name: 'UninitializedReadError',
  operation: 'read',
  pointer: address,
  size,
  site,
  source,
  block,
  distance: address - block.pointer,
  written: address,
  around: around(u8, address),
  stack,
  what: `read of ${bytes(size)} at ${hex(address)}: nobody wrote to offset ${address - block.pointer} of a block of ${bytes(block.byteLength)} since it was allocated`,
});

/** The report as an error's message. @param {CheckFinding} finding @param {number} allocations so far */
export const accessInWords = (finding, allocations) => inWords(/** @type {any} */ (finding), allocations);
