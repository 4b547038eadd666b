// memory.adopt.js: `load(program, { adopt })`: the heap takes the place of the malloc inside the program, and both are one module.

import { apart } from '../wasm/prefix.js';
import { kObject } from '../options.js';
import { adopt, AdoptError, inWords } from './index.js';
import { kRoles } from './names.js';

export { adopt, AdoptError, inWords };

/** What its errors say. @type {import('../errors.js').Texts} */
export const kTexts = {
  AdoptError: (file, reasons) =>
    `the malloc inside ${file} can't be replaced: ${reasons}. Load it without the option adopt; memory.watch.js reports its leaks all the same.`,
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
 * @param {typeof import('../core.js').core} core
 * @param {import('../load/link.js').Parts} parts
 * @param {AdoptChoices} choices
 * @returns {import('../load/steps.js').Steps<import('../load/link.js').Linked>}
 */
export function* linkAdopted(
  { failure, declaredEnd, declaredMemory, memoryFor, memoryImport },
  { program, heap, imports, instantiate, onHeapExports },
  { recipe, ...roles },
) {
  const declared = declaredMemory(program);
  const bytes = yield program.bytes();
  const heapBytes = yield heap.bytes();
  const adopted = adoptOrFail(failure, bytes, heapBytes, { roles, recipe, file: program.name });
  if (adopted.mode !== 'replaced') throw failure('AdoptError', [program.name, adopted.reasons.join('; ')]);
  const module = yield WebAssembly.compile(/** @type {BufferSource} */ (adopted.bytes));
  const imported = declared.import && memoryFor(program, declared, imports);
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
    throw error instanceof AdoptError ? failure('AdoptError', [options.file, error.message], error) : error;
  }
}
