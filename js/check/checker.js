// A program that is checked: instrumented, and what is known of it while it runs.
//
//     bytes --instrument--> bytes, imports          what is to be linked, and with what
//     begin(memory)                                 before the program's code runs: data and stack may be touched
//     follow(exports of the heap, ...)              once the heap is there: it says what becomes of each block
//     a wrong access --> a finding                  named by its offset in the program's own file, at whatever place engines have it

import { createRuntime, hasSecondMemory } from './runtime.js';
import { instrument } from './instrument.js';
import { HEAPS_OWN, NOBODYS } from '../debug/kinds.js';

/**
 * @typedef {import('../debug/access.js').CheckFinding} CheckFinding
 * @typedef {import('../debug/stacks.js').Stacks} CallStacks
 * @typedef {(offset: number) => number | undefined} WhereItWas where an instruction was, by where it is; undefined: nowhere
 *
 * @typedef {Pick<typeof import('../debug/index.js'), 'accessInWords' | 'findingOfAccess' | 'findingOfOverflow' | 'findingOfUninitialized' | 'countAtOrBefore' | 'Stacks' |
 *   'symbolsOf'> & { MemoryWasmError: typeof import('../errors.js').MemoryWasmError }} CheckerCore what reports are made with
 *
 * @typedef {object} CheckerOptions
 * @property {string} file the program's name in errors
 * @property {'call' | 'inline' | 'import'} [mode]
 * @property {boolean} [uninitialized]
 * @property {Set<number>} [allowed] sites whose accesses are not reported
 * @property {boolean} [contexts] whether the program keeps the calling context for the debug heap
 * @property {'throw' | 'report' | ((error: any) => void)} onError
 * @property {any} [sourceMap]
 * @property {typeof WebAssembly} [wasm] the engine's own, where the global is watched
 */

/**
 * @param {CheckerCore} core
 * @param {Uint8Array} bytes of the program
 * @param {CheckerOptions} options
 */
export function createChecker(core, bytes, { file, mode = 'call', uninitialized = false, allowed = new Set(), contexts = false, onError, sourceMap, wasm }) {
  const { accessInWords, findingOfAccess, findingOfOverflow, findingOfUninitialized, countAtOrBefore, Stacks, symbolsOf } = core;
  const options = { file, mode: hasSecondMemory() ? mode : /** @type {const} */ ('import'), uninitialized, contexts };
  const instrumented = instrument(bytes, options);
  const symbols = symbolsOf(bytes, sourceMap);
  const { layout } = instrumented;
  /** @type {import('./index.js').Checked} */
  const result = { mode: /** @type {any} */ (instrumented.mode), accesses: instrumented.counts.accesses, checked: instrumented.counts.checked, findings: [] };
  /** The heap, from when there is one. @type {any} */
  let heap;
  /** @type {WebAssembly.Memory | undefined} */
  let memory;
  const stacks = () => heap?.stacks ?? (own ??= located(new Stacks()));
  /** @type {CallStacks | undefined} */
  let own;
  /** Places that were reported. */
  const reported = new Set();

  /** The program instrumented once more, to know where each instruction is. @type {import('./instrument.js').Instrumented | undefined} */
  let again;
  const inDetail = () => (again ??= instrument(bytes, { ...options, moved: true }));
  /** Where instructions were and are, in the order of the latter. @type {{ offset: number, from: number }[] | undefined} */
  let moved;
  /** What came after: whoever changes the instrumented program once more says what went where. @type {WhereItWas} */
  let beforeRewriting = (offset) => offset;
  /** Where in the program's own file an instruction of what runs was. @type {WhereItWas} */
  const originalOf = (offset) => {
    const instrumentedAt = beforeRewriting(offset);
    if (instrumentedAt === undefined) return undefined;
    moved ??= pairsOf(inDetail().moved);
    const next = countAtOrBefore(moved, instrumentedAt);
    if (next === 0) return undefined;
    const { offset: now, from } = moved[next - 1];
    // Behind what was copied comes what was added, which belongs to the next instruction.
    return Math.min(from + instrumentedAt - now, moved[next]?.from ?? Infinity);
  };
  /** @param {CallStacks} of @returns {CallStacks} whose frames are at their places in the program's own file, and which find lines in the source */
  const located = (of) => {
    of.original = ({ index, offset }) => {
      const before = instrumented.functionBefore(index);
      const from = offset === undefined ? undefined : originalOf(offset);
      return before === undefined || from === undefined ? undefined : { index: before, offset: from };
    };
    of.locate = ({ offset }) => (offset === undefined ? undefined : symbols.lineAt(offset));
    return of;
  };

  /** What a report needs to know, at a site. @param {number} site */
  const known = (site) => {
    const source = symbols.lineAt(site),
      [first, ...rest] = stacks().frames(stacks().take());
    const { name = first?.name ?? 'the program' } = symbols.functionAt(site) ?? {};
    // The engine may not know the innermost place; the site does.
    const stack = [{ ...first, name, place: first?.place ?? `offset 0x${site.toString(16)}`, ...(source && { source }) }, ...rest];
    const buffer = memory?.buffer ?? new ArrayBuffer(0);
    return { u8: new Uint8Array(buffer), shadowOf: runtime.shadowOf, blockAt: (/** @type {number} */ address) => heap?.blockAt?.(address), stack, source };
  };

  /** @param {CheckFinding} finding */
  const found = (finding) => {
    const error = Object.assign(new core.MemoryWasmError(finding.name, accessInWords(finding, heap?.mark?.() ?? 0)), { finding });
    result.findings.push(error);
    heap?.findings?.push(error);
    if (onError === 'throw') throw error;
    if (typeof onError === 'function') onError(error);
    else console.error(`${error.name}: ${error.message}`);
  };

  /** Whether a place is to be reported, and was not yet. @param {number} site */
  const isNew = (site) => !allowed.has(site) && (onError === 'throw' || (!reported.has(site) && !!reported.add(site)));

  /** Whether the heap says what becomes of its blocks. Of a release heap's memory it is only known that it is the heap's. */
  let followsBlocks = false;

  /** Memory that somebody else grew is no business of ours. @param {import('../debug/access.js').WrongAccess} access */
  const grownByOthers = ({ address, shadow }) => {
    if (shadow !== NOBODYS || !memory || address >= memory.buffer.byteLength || address < layout.end) return false;
    if (followsBlocks) for (const { pointer, byteLength } of heap?.spans() ?? []) if (address >= pointer && address < pointer + byteLength) return false;
    const page = Math.floor(address / 65536) * 65536;
    runtime.unpoison(Math.max(page, Math.floor(layout.end / 8) * 8), page + 65536);
    return true;
  };

  const host = {
    grouped: () => inDetail().grouped,
    report(/** @type {import('../debug/access.js').WrongAccess} */ access) {
      if (grownByOthers(access) || !isNew(access.site)) return;
      found(findingOfAccess(access, known(access.site)));
    },
    overflow(/** @type {number} */ pointer, /** @type {number} */ frame, /** @type {number} */ site) {
      const { low, high } = /** @type {{ low: number, high: number }} */ (layout.stack),
        before = (pointer + frame) % 2 ** 32;
      if (before < low || before > high || !isNew(site)) return; // another stack: of a thread, of a fiber; or it had overflowed already
      found(findingOfOverflow({ pointer, frame, site, low }, known(site)));
    },
    uninitialized(/** @type {number} */ address, /** @type {number} */ size, /** @type {number} */ site) {
      const block = heap?.blockAt?.(address);
      if (block?.state !== 'live' || address < block.pointer || address + size > block.pointer + block.byteLength || reported.has(site)) return;
      reported.add(site);
      found(findingOfUninitialized({ address, size, site }, block, known(site)));
    },
  };
  const runtime = createRuntime(instrumented, host, wasm);

  return {
    /** A program without a memory is not. */
    isChecked: instrumented.mode !== 'none',
    /** The instrumented program, and the index that each function of the program has in it. */
    bytes: instrumented.bytes,
    functionNow: instrumented.functionNow,
    /** What it imports beside its own. */
    imports: /** @type {Record<string, Record<string, any>>} */ (runtime.imports),
    /** What was done, and what was found. */
    check: result,
    /** Called by whoever changes the instrumented program once more. @param {WhereItWas} whereItWas */
    rewritten(whereItWas) {
      beforeRewriting = whereItWas;
    },
    /** Called before the program's code runs. @param {WebAssembly.Memory} given */
    begin(given) {
      memory = given;
      runtime.begin(memory.buffer.byteLength);
    },
    /**
     * Called when the heap is there.
     * @param {WebAssembly.Exports} exports of the heap
     * @param {() => any} make the heap as JavaScript has it
     */
    follow(exports, make) {
      const { heap_debug_on_block: onBlock, __indirect_function_table: table } = /** @type {any} */ (exports);
      followsBlocks = !!onBlock;
      if (onBlock) {
        const entry = table.grow(1);
        table.set(entry, runtime.onBlock);
        onBlock(entry);
      }
      heap = make();
      if (heap.stacks) located(heap.stacks);
      if (followsBlocks) forgettingBlocks(heap, ({ pointer, byteLength }) => runtime.poison(pointer, pointer + byteLength, HEAPS_OWN));
    },
  };
}

/**
 * A reset calls nobody: all that the heap has is its own again.
 * @param {any} heap
 * @param {(span: { pointer: number, byteLength: number }) => void} poison
 */
function forgettingBlocks(heap, poison) {
  const { reset } = heap;
  heap.reset = () => {
    reset.call(heap);
    for (const span of heap.spans()) poison(span);
  };
}

/** @param {number[]} moved where instructions were and are, in pairs */
const pairsOf = (moved) => {
  const pairs = [];
  for (let i = 0; i < moved.length; i += 2) pairs.push({ from: moved[i], offset: moved[i + 1] });
  return pairs;
};
