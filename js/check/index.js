// memory.check.js: `load(program, { check })`. The program is instrumented before it is linked; from then on its accesses are
// checked against what the debug heap says of its blocks.

import { createChecker } from './checker.js';
import { instrument } from './instrument.js';
import { kFlag, kOnError, oneOf } from '../options.js';

export { instrument };

/** @typedef {import('../debug/access.js').CheckFinding} CheckFinding */
/** @typedef {ReturnType<typeof createChecker>} Checker */

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
 * @typedef {object} CheckedParts
 * @property {import('../load/link.js').Parts} parts what is to be linked instead
 * @property {Checker} checker
 */

/**
 * Instruments a program that is about to be linked.
 * @param {CheckCore} core
 * @param {import('../load/link.js').Parts} parts
 * @param {{ made: () => any, allowed: Set<number> }} more `made`: the heap as JavaScript sees it, once its exports are known; `allowed`: sites whose accesses are not
 *   reported
 * @param {typeof import('../debug/index.js')} debugging what reports are made with
 * @param {import('../load/load.js').LoadOptions} loadOptions
 * @returns {Promise<CheckedParts>}
 */
export async function checkedParts(core, parts, { made, allowed }, debugging, loadOptions) {
  const { program } = parts,
    { check, debug, heap = 'debug' } = loadOptions;
  const { mode, uninitialized, onError } = check === true ? {} : /** @type {CheckOptions} */ (check);
  const bytes = await program.bytes();
  const checker = createChecker({ ...debugging, MemoryWasmError: core.MemoryWasmError }, bytes, {
    file: program.name,
    mode,
    uninitialized,
    allowed,
    onError: onError ?? (debug || {}).onError ?? 'throw',
    contexts: Boolean(debug || heap === 'debug') && (debug || {}).stacks !== false,
    sourceMap: await sourceMapOf(core, program.name, debugging.symbolsOf(bytes).sourceMap),
  });
  if (!checker.isChecked) return { parts, checker };
  /** @type {import('../load/link.js').Parts['onHeapExports']} */
  const onHeapExports = (exports, memory, maximum) => {
    checker.begin(memory);
    checker.follow(exports, () => (parts.onHeapExports(exports, memory, maximum), made()));
  };
  const input = await core.open(checker.bytes, { label: program.name });
  return { parts: { ...parts, program: { ...input, name: program.name }, imports: { ...parts.imports, ...checker.imports }, onHeapExports }, checker };
}

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
