// The module beside an instrumented program, instantiated: the shadow, what the program imports, and what JavaScript marks with.

import { CHECK, runtimeModule } from './shadow.js';
import { NULL_PAGE } from '../debug/kinds.js';

/**
 * @typedef {import('../debug/access.js').WrongAccess} WrongAccess
 *
 * @typedef {object} Host what an instrumented program tells; what these throw, the program throws
 * @property {(access: WrongAccess) => void} report bytes that may not be touched are about to be
 * @property {(pointer: number, frame: number, site: number) => void} overflow the stack pointer has left the stack, for a frame of so many bytes
 * @property {(address: number, size: number, site: number) => void} uninitialized memory was read that nobody wrote to
 * @property {() => Map<number, import('./groups.js').Group>} grouped accesses that are checked together, by the site of the first
 */

/**
 * @param {import('./instrument.js').Instrumented} instrumented
 * @param {Host} host
 * @param {typeof WebAssembly} [wasm] the engine's own, where the global is watched
 */
export function createRuntime({ shadow: { is64 }, shadow, layout }, { report, overflow, uninitialized, grouped }, wasm = WebAssembly) {
  const module = new wasm.Module(runtimeModule(shadow));
  /** An address as JavaScript has it. @param {number | bigint} value */
  const number = (value) => (typeof value === 'bigint' ? Number(BigInt.asUintN(64, value)) : value >>> 0);
  /** And as the program has it. @param {number} value */
  const address = (value) => (is64 ? BigInt(value) : value);
  /** Whether the accesses of a group are looked at, one by one. */
  let apart = false;
  /** @type {(p: any, n: any, site: number, shadow: number, write: number) => void} */
  const onReport = (p, n, site, shadow, write) => {
    const group = apart ? undefined : grouped().get(site >>> 0);
    if (!group) return report({ address: number(p), size: number(n), site: site >>> 0, shadow, write: write > 0 });
    apart = true;
    try {
      for (const { from, to, site, write } of group.members) exports.slow(address(number(p) + from - group.from), address(to - from), site, write);
    } finally {
      apart = false;
    }
  };
  const exports = /** @type {any} */ (new wasm.Instance(module, { host: { report: onReport } }).exports);
  return {
    /** What the program imports. */
    imports: {
      [CHECK]: {
        ...exports,
        overflow: (/** @type {any} */ pointer, /** @type {any} */ frame, /** @type {number} */ site) => overflow(number(pointer), number(frame), site >>> 0),
        uninitialized: (/** @type {any} */ p, /** @type {any} */ n, /** @type {number} */ site) => uninitialized(number(p), number(n), site >>> 0),
      },
    },
    /** What the debug heap calls when a block was allocated, freed, or given back (heap_debug_on_block). @type {Function} */
    onBlock: exports.block,
    /** @param {number} from @param {number} to @param {number} kind */
    poison: (from, to, kind) => exports.poison(address(from), address(to), kind),
    /** @param {number} from a multiple of 8 @param {number} to */
    unpoison: (from, to) => exports.unpoison(address(from), address(to)),
    /** What the shadow has for the granule of an address. @param {number} at */
    shadowOf: (at) => new Uint8Array(exports.shadow.buffer)[Math.floor(at / 8)],
    /** The program's data and stack may be touched. @param {number} bytes of its memory as it begins */
    begin(bytes) {
      exports.unpoison(address(layout.nullPage), address(Math.min(layout.end, bytes)));
      exports.poison(address(0), address(layout.nullPage), NULL_PAGE);
    },
  };
}

/** Whether this engine lets a module have two memories. */
export const hasSecondMemory = () => WebAssembly.validate(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0));
