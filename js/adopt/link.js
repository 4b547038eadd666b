// memory.adopt.js: `load(program, { adopt })`: the heap takes the place of the malloc inside the program, and both are one module.

import { apart } from '../wasm/prefix.js';
import { kObject } from '../options.js';
import { adopt, adoptInstrumented, AdoptError, inWords } from './index.js';
import { kRoles } from './names.js';
import { headerReads, patchedProgram } from './recipe.js';

export { adopt, AdoptError, inWords };

/** What its errors say. @type {import('../errors.js').Texts} */
export const kTexts = {
  AdoptError: (file, reasons) =>
    `the malloc inside ${file} can't be replaced: ${reasons}. Load it without the option adopt: its malloc then stays, and nothing is known of its blocks. Of a program that the application instantiates itself memory.watch.js reports the leaks all the same.`,
  // What adopt says of a recipe or a function that was given has its own cure.
  'AdoptError option': (problem) => problem,
};

/** A function by its number or its name. @type {import('../options.js').Kind} */
const kNamed = ["a function's name, or 'func[123]'", (value) => typeof value === 'string' && value !== ''];

/** @type {import('../options.js').Kinds} */
export const kOptions = { recipe: kObject, ...Object.fromEntries(kRoles.map((role) => [role, kNamed])) };

/**
 * What is known of the malloc inside a program: a recipe of an earlier adoption, and functions by their role, like `{ malloc: 'func[123]' }`.
 * @typedef {{ recipe?: import('./recipe.js').Recipe } & Partial<Record<import('./names.js').Role, string>>} AdoptChoices
 */

/**
 * Where the program is checked, too, its malloc is looked for in the program as it is, and replaced in the program as it is instrumented.
 * @param {typeof import('../core.js').core} core
 * @param {import('../load/link.js').Parts} parts
 * @param {AdoptChoices} choices
 * @param {((parts: import('../load/link.js').Parts, allowed: Set<number>) => Promise<import('../check/index.js').CheckedParts>)} [checking] `allowed`:
 *   sites whose accesses are not reported
 * @returns {import('../load/steps.js').Steps<import('../load/link.js').Linked & { check?: import('../check/index.js').Checked }>}
 */
export function* linkAdopted(core, parts, { recipe, ...roles }, checking) {
  const { failure } = core,
    { name } = parts.program;
  const bytes = yield parts.program.bytes();
  const heap = yield parts.heap.bytes();
  if (recipe?.sha256 && globalThis.crypto?.subtle && (yield sha256Of(bytes)) !== recipe.sha256)
    throw failure('AdoptError option', [`the recipe is for another file than ${name}: it has another SHA-256. Leave it out: adopting then takes longer once.`]);
  const adopted = adoptOrFail(failure, bytes, heap, { roles, recipe, file: name });
  if (adopted.mode !== 'replaced') throw failure('AdoptError', [name, adopted.reasons.join('; ')]);
  if (!checking) return yield* linkedModule(core, parts, adopted.bytes);
  const patched = patchedProgram(bytes, adopted.recipe);
  const { parts: now, checker } = yield checking({ ...parts, program: { ...parts.program, bytes: async () => patched } }, headerReads(bytes, adopted.recipe));
  const linked = yield* linkedModule(core, now, adoptInstrumented(checker, heap, adopted.recipe), checker.begin);
  return { ...linked, check: checker.check };
}

/** In hexadecimal. @param {Uint8Array} bytes */
async function sha256Of(bytes) {
  const digest = await crypto.subtle.digest('SHA-256', /** @type {BufferSource} */ (bytes));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * @param {typeof import('../core.js').core} core
 * @param {import('../load/link.js').Parts} parts
 * @param {Uint8Array} bytes of the program with the heap inside
 * @param {(memory: WebAssembly.Memory) => void} [begin] called with a memory that is made for the program, before it is instantiated
 * @returns {import('../load/steps.js').Steps<import('../load/link.js').Linked>}
 */
function* linkedModule({ declaredEnd, declaredMemory, memoryFor, memoryImport }, { program, imports, instantiate, onHeapExports }, bytes, begin) {
  const declared = declaredMemory(program);
  const module = yield WebAssembly.compile(/** @type {BufferSource} */ (bytes));
  const imported = declared.import && memoryFor(program, declared, imports);
  if (imported) begin?.(imported);
  const instance = yield instantiate(module, [...(imported ? [memoryImport(declared, imported)] : []), imports], program.name);
  const { own: exports, heap: heapExports } = apart(instance.exports);
  const { memory } = heapExports;
  onHeapExports(heapExports, memory, declared.maximum);
  return { link: 'merge', module, instance, exports: Object.freeze(exports), end: declaredEnd(declared, memory, false) };
}

/**
 * @param {typeof import('../errors.js').failure} failure
 * @param {Uint8Array} bytes
 * @param {Uint8Array} heap
 * @param {import('./recipe.js').AdoptOptions} options
 */
function adoptOrFail(failure, bytes, heap, options) {
  try {
    return adopt(bytes, heap, { ...options, hooks: 'never' });
  } catch (error) {
    if (!(error instanceof AdoptError)) throw error;
    throw error.isOfOption ? failure('AdoptError option', [error.message], error) : failure('AdoptError', [options.file, error.message], error);
  }
}
