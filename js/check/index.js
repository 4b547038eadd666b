// memory.check.js: `load(program, { check })`. The program is instrumented before it is linked; from then on its accesses are
// checked against what the debug heap says of its blocks.

import { createRuntime, hasSecondMemory } from './runtime.js';
import { instrument } from './instrument.js';
import { HEAPS_OWN, NOBODYS } from '../debug/kinds.js';
import { kFlag, kOnError, oneOf } from '../options.js';

export { instrument };

/**
 * @typedef {import('../debug/access.js').CheckFinding} CheckFinding
 * @typedef {import('../debug/stacks.js').Stacks} CallStacks
 */

/** @type {import('../options.js').Kinds} */
export const kOptions = { mode: oneOf(['call', 'inline', 'import']), uninitialized: kFlag, onError: kOnError };

/**
 * @typedef {object} CheckOptions
 * @property {'call' | 'inline' | 'import'} [mode] where the checks are: 'call' functions in the program (default), 'inline' written out at each access: faster, and
 *   twice the code; 'import' in a module beside the program: slower, and chosen by itself where the engine lets a module have one memory only
 * @property {boolean} [uninitialized] whether reads of memory that nobody wrote to since it was allocated are reported, once for each place in the program
 * @property {'throw' | 'report' | ((error: any) => void)} [onError] what happens at an access that may not be: an error is thrown through the
 *   program, before the access (default); written to console.error; or given to a function. In the last two cases the program goes on, and a place in the program
 *   is reported once. Default: that of `debug`
 *
 * @typedef {object} Checked what was done, in the result of `load`
 * @property {'call' | 'inline' | 'import'} mode
 * @property {number} accesses instructions that touch memory
 * @property {number} checked those that are checked: the others can't fail
 * @property {(Error & { finding: CheckFinding })[]} findings so far
 */

/**
 * @typedef {object} CheckCore what this file needs of memory.js, so that nothing exists twice
 * @property {typeof import('../errors.js').MemoryWasmError} MemoryWasmError
 * @property {typeof import('../load/input.js').open} open
 * @property {typeof import('../load/fetch-file.js').fetchFile} fetchFile
 */

/**
 * Instruments a program that is about to be linked.
 * @param {CheckCore} core
 * @param {import('../load/link.js').Parts} parts
 * @param {() => any} made the heap as JavaScript sees it, once its exports are known
 * @param {typeof import('../debug/index.js')} debugging what reports are made with
 * @param {import('../load/load.js').LoadOptions} loadOptions
 * @returns {Promise<{ parts: import('../load/link.js').Parts, check: Checked }>} what is to be linked instead
 */
export async function checkedParts(core, parts, made, debugging, loadOptions) {
  const { program } = parts,
    debug = loadOptions.debug || {};
  const { mode = 'call', uninitialized = false, ...rest } = loadOptions.check === true ? {} : /** @type {CheckOptions} */ (loadOptions.check);
  const onError = /** @type {CheckOptions['onError']} */ (rest.onError ?? debug.onError ?? 'throw');
  const isDebugHeap = loadOptions.debug || (loadOptions.heap ?? 'debug') === 'debug',
    contexts = !!isDebugHeap && debug.stacks !== false;
  const { accessInWords, findingOfAccess, findingOfOverflow, findingOfUninitialized, lastAtOrBefore, Stacks, symbolsOf } = debugging;
  const bytes = await program.bytes();
  const options = { file: program.name, mode: hasSecondMemory() ? mode : /** @type {const} */ ('import'), uninitialized, contexts };
  const instrumented = instrument(bytes, options);
  const symbols = symbolsOf(bytes, await sourceMapOf(core, program.name, symbolsOf(bytes).sourceMap));
  /** @type {Checked} */
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
  /** Where in the program's own file an instruction of the instrumented one was. @param {number} offset */
  const originalOf = (offset) => {
    moved ??= pairsOf(inDetail().moved);
    const piece = lastAtOrBefore(moved, offset);
    return piece && piece.from + offset - piece.offset;
  };
  /** @param {CallStacks} of @returns {CallStacks} which find lines in the source */
  const located = (of) => {
    of.locate = ({ offset }) => {
      const from = offset === undefined ? undefined : originalOf(offset);
      return from === undefined ? undefined : symbols.lineAt(from);
    };
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

  /** Whether a place is to be reported. @param {number} site */
  const isNew = (site) => onError === 'throw' || (!reported.has(site) && !!reported.add(site));

  /** Whether the heap says what becomes of its blocks. Of a release heap's memory it is only known that it is the heap's. */
  let followsBlocks = false;

  /** Memory that somebody else grew is no business of ours. @param {import('../debug/access.js').WrongAccess} access */
  const grownByOthers = ({ address, shadow }) => {
    if (shadow !== NOBODYS || !memory || address >= memory.buffer.byteLength || address < instrumented.layout.end) return false;
    if (followsBlocks) for (const { pointer, byteLength } of heap?.spans() ?? []) if (address >= pointer && address < pointer + byteLength) return false;
    const page = Math.floor(address / 65536) * 65536;
    runtime.unpoison(Math.max(page, Math.floor(instrumented.layout.end / 8) * 8), page + 65536);
    return true;
  };

  const runtime = createRuntime(instrumented, {
    grouped: () => inDetail().grouped,
    report(access) {
      if (grownByOthers(access) || !isNew(access.site)) return;
      found(findingOfAccess(access, known(access.site)));
    },
    overflow(pointer, frame, site) {
      const { low, high } = /** @type {{ low: number, high: number }} */ (instrumented.layout.stack),
        before = (pointer + frame) % 2 ** 32;
      if (before < low || before > high || !isNew(site)) return; // another stack: of a thread, of a fiber; or it had overflowed already
      found(findingOfOverflow({ pointer, frame, site, low }, known(site)));
    },
    uninitialized(address, size, site) {
      const block = heap?.blockAt?.(address);
      if (block?.state !== 'live' || address < block.pointer || address + size > block.pointer + block.byteLength || reported.has(site)) return;
      reported.add(site);
      found(findingOfUninitialized({ address, size, site }, block, known(site)));
    },
  });

  /** Called when the heap is there, before the program's code runs. @type {import('../load/link.js').Parts['onHeapExports']} */
  const onHeapExports = (exports, given, maximum) => {
    memory = given;
    runtime.begin(memory.buffer.byteLength);
    const { heap_debug_on_block: onBlock, __indirect_function_table: table } = /** @type {any} */ (exports);
    followsBlocks = !!onBlock;
    if (onBlock) {
      const entry = table.grow(1);
      table.set(entry, runtime.onBlock);
      onBlock(entry);
    }
    parts.onHeapExports(exports, memory, maximum);
    heap = made();
    if (heap.stacks) located(heap.stacks);
    const { reset } = heap;
    if (followsBlocks)
      heap.reset = () => {
        reset.call(heap);
        for (const { pointer, byteLength } of heap.spans()) runtime.poison(pointer, pointer + byteLength, HEAPS_OWN);
      };
  };
  if (instrumented.mode === 'none') return { parts, check: result };
  const input = await core.open(instrumented.bytes, { label: program.name });
  return { parts: { ...parts, program: { ...input, name: program.name }, imports: { ...parts.imports, ...runtime.imports }, onHeapExports }, check: result };
}

/** @param {number[]} moved where instructions were and are, in pairs */
const pairsOf = (moved) => {
  const pairs = [];
  for (let i = 0; i < moved.length; i += 2) pairs.push({ from: moved[i], offset: moved[i + 1] });
  return pairs;
};

/** The source map that a program names. @param {CheckCore} core @param {string} file @param {string | undefined} address */
async function sourceMapOf({ fetchFile }, file, address) {
  if (!address) return undefined;
  try {
    const { response, bytes } = await fetchFile(new URL(address, file), undefined);
    return response ? await response.json() : JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // without it there are no lines
    return undefined;
  }
}
