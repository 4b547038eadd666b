// A recipe: what was found in a file, to be kept. And what adopting takes and gives.

import { Cursor } from '../wasm/cursor.js';
import { immediatesOf, locals } from '../wasm/format.js';
import { I32_AND, I32_LOAD, I32_OR, I64_LOAD32_U } from '../wasm/instructions.js';
import { readModule } from './module.js';
import { kHookCodes } from './rewrite.js';

/** @typedef {import('./names.js').Role} Role */
/** @typedef {import('./names.js').By} By */

/**
 * @typedef {object} Recipe what was found in one file, so that it need not be looked for again: an object to be kept as JSON
 * @property {1} version
 * @property {string} [sha256] of the file that it is for, in hexadecimal: whoever keeps recipes fills it in
 * @property {number} byteLength of that file
 * @property {'dlmalloc' | undefined} [kind]
 * @property {Record<string, { role: Role, by: By }>} roles by function
 * @property {number[]} patches
 * @property {number} [sbrk]
 * @property {boolean} sbrkIsShared
 * @property {number} [errno] its address, if malloc sets it
 * @property {string[]} reasons
 * @property {string[]} notes
 *
 * @typedef {object} AdoptOptions
 * @property {string} [file] the program's name in errors and reports
 * @property {Partial<Record<Role, string>>} [roles] functions that the caller knows, by their role: 'func[123]', or a name. They are tried like all others
 * @property {Recipe} [recipe] of an earlier adoption of the same file
 * @property {'refused' | 'always' | 'never'} [hooks] when calls of malloc and the like are told of: where replacing is refused (default), always, or never
 * @property {(name: string) => string | undefined} [exportAs] the name under which an export of the heap is exported; undefined: not at all. Default: its name behind `PREFIX`
 * @property {typeof WebAssembly} [wasm] the engine's own, where the global is watched
 *
 * @typedef {object} Adopted
 * @property {Uint8Array<ArrayBufferLike>} bytes of the module; those of the program, if nothing was done
 * @property {'replaced' | 'hooked' | 'none'} mode
 * @property {{ role: Role, index: number, name: string, by: By }[]} roles
 * @property {string[]} reasons why the allocator was not replaced
 * @property {string[]} notes
 * @property {string[]} dropped custom sections left out, because their offsets are no longer true
 * @property {Recipe} recipe
 * @property {(offset: number) => number | undefined} originalOf where an instruction of the new module was in the program's file; undefined: nowhere
 */

/** A program whose malloc can't be adopted as was asked. The message says what was found, and why not. */
export class AdoptError extends Error {
  name = 'AdoptError';

  /**
   * @param {string} message
   * @param {boolean} [isOfOption] whether an option is wrong, not the program: then the message has the cure
   */
  constructor(message, isOfOption = false) {
    super(message);
    this.isOfOption = isOfOption;
  }
}

/**
 * @param {import('./module.js').Module} module
 * @param {import('./survey.js').Survey} found
 * @returns {Recipe}
 */
export const recipeOf = ({ bytes }, { kind, roles, patches, sbrk, sbrkIsShared, errno, reasons, notes }) => ({
  version: 1,
  byteLength: bytes.length,
  kind,
  roles: Object.fromEntries(roles),
  patches,
  sbrk,
  sbrkIsShared,
  errno,
  reasons,
  notes,
});

/** @param {Recipe} recipe @param {import('./module.js').Module} module */
export function checked(recipe, module) {
  const { bytes, file, functions, imported } = module;
  const isOwn = (/** @type {number} */ index) => index >= imported && index < functions.length;
  const wrong = (/** @type {string} */ what) =>
    new AdoptError(`the recipe is not for ${file}: ${what}. Leave it out: adopting then takes longer once, and makes a new one.`, true);
  if (recipe?.version !== 1 || !recipe.roles) throw wrong('it is no recipe of this version');
  if (recipe.byteLength !== bytes.length) throw wrong(`it was made of a file of ${recipe.byteLength} bytes, and this one has ${bytes.length}`);
  if (![recipe.patches, recipe.reasons, recipe.notes].every(Array.isArray))
    throw wrong('it is no recipe of this version: it has no lists of patches, reasons and notes');
  for (const [index, { role }] of Object.entries(recipe.roles)) {
    if (!isOwn(Number(index)) || !Object.hasOwn(kHookCodes, role)) throw wrong(`it calls func[${index}] ${role}`);
  }
  if (!recipe.reasons.length && !Object.keys(recipe.roles).length) throw wrong('it has no functions, and no reason for that');
  if (recipe.sbrk !== undefined && !isOwn(recipe.sbrk)) throw wrong(`its sbrk is func[${recipe.sbrk}]`);
  const patch = recipe.patches.find((at) => bytes[at] !== I32_AND);
  if (patch !== undefined) throw wrong(`at offset ${patch} there is no i32.and`);
  return recipe;
}

/**
 * A program with its inlined tests of calloc changed, in place.
 * @param {Uint8Array} bytes
 * @param {Recipe} recipe
 */
export function patchedProgram(bytes, { patches }) {
  const patched = bytes.slice();
  for (const at of patches) patched[at] = I32_OR;
  return patched;
}

/**
 * Where a patched program still reads the byte in front of a fresh block, and makes nothing of it.
 * @param {Uint8Array} bytes
 * @param {Recipe} recipe
 * @returns {Set<number>}
 */
export function headerReads(bytes, { patches }) {
  const { bodies } = patches.length ? readModule(bytes, 'the program') : { bodies: [] };
  const reads = patches.map((at) => {
    const body = bodies.find(({ start, end }) => at >= start && at < end);
    return body && lastLoad(bytes, body.start, at);
  });
  return new Set(reads.filter((read) => read !== undefined));
}

/** Where the last load of a function stands, before an offset. @param {Uint8Array} bytes @param {number} start of its body @param {number} end */
function lastLoad(bytes, start, end) {
  const cursor = new Cursor(bytes.subarray(start, end), 'the program', start);
  locals(cursor);
  let last;
  while (cursor.at < cursor.bytes.length) {
    const at = cursor.at;
    const opcode = cursor.byte();
    if (opcode >= I32_LOAD && opcode <= I64_LOAD32_U) last = start + at;
    immediatesOf(cursor, opcode);
  }
  return last;
}

/**
 * The recipe for a program that was patched, and then instrumented.
 * @param {Recipe} recipe
 * @param {number} byteLength of the instrumented program
 * @param {(index: number) => number} functionNow
 * @returns {Recipe}
 */
export const movedRecipe = ({ roles, sbrk, ...recipe }, byteLength, functionNow) => ({
  ...recipe,
  byteLength,
  roles: Object.fromEntries(Object.entries(roles).map(([index, one]) => [functionNow(Number(index)), one])),
  sbrk: sbrk === undefined ? undefined : functionNow(sbrk),
  patches: [],
});
