// Puts memory.wasm in the place of the malloc that is already inside a program, whose source nobody needs. Nothing of the
// application changes: not its JavaScript, not the program's exports, not an index in its code.
//
//     program.wasm --read--> module --facts--> what each function does --survey--> roles, state, reasons not to
//                                                                                       |
//         reasons: hook (calls are told of, the allocator stays)   <--------------------+-------> none: replace
//
// It refuses rather than guesses: a malloc that works, and something that might still depend on it, is a reason.

import { FormatError } from '../wasm/cursor.js';
import { PREFIX } from '../wasm/prefix.js';
import { factsOf } from './facts.js';
import { meterOf } from './fuel.js';
import { labelOf, readModule, typeOf } from './module.js';
import { isSound } from './proof.js';
import { AdoptError, checked, movedRecipe, patchedProgram, recipeOf } from './recipe.js';
import { kHookCodes, rewrite } from './rewrite.js';
import { survey } from './survey.js';

export { AdoptError, kHookCodes };

/** @typedef {import('./names.js').Role} Role */
/** @typedef {import('./recipe.js').Recipe} Recipe */
/** @typedef {import('./recipe.js').AdoptOptions} AdoptOptions */
/** @typedef {import('./recipe.js').Adopted} Adopted */

/**
 * @param {Uint8Array} program
 * @param {Uint8Array} heap the bytes of memory.wasm
 * @param {AdoptOptions} [options]
 * @returns {Adopted}
 * @throws {AdoptError} for a program that can't be read, and for an option that doesn't fit it
 */
export function adopt(
  program,
  heap,
  { file = 'program.wasm', roles: given = {}, recipe: known, hooks = 'refused', exportAs = (name) => PREFIX + name, wasm } = {},
) {
  const heapModule = fittingHeap(heap);
  const module = asAdoptError(() => readModule(program, file));
  const found = known ? undefined : asAdoptError(() => survey(module, factsOf(module), givenRoles(module, given), wasm));
  if (found && meterOf(module).isEmpty) found.reasons.push('its functions take too long to try');
  const recipe = checked(found ? recipeOf(module, found) : /** @type {Recipe} */ (known), module);
  const roles = new Map(Object.entries(recipe.roles).map(([index, { role }]) => [Number(index), role]));
  const reasons = [...recipe.reasons, ...engineReasons(heapModule, wasm)];
  const replace = reasons.length === 0;
  const hooked = hooks === 'always' || (hooks === 'refused' && !replace) ? hookable(recipe) : [];
  const { sbrk, sbrkIsShared, errno, notes } = recipe;
  const told = {
    roles: Object.entries(recipe.roles).map(([index, one]) => ({ ...one, index: Number(index), name: labelOf(module, Number(index)) })),
    notes,
    recipe,
  };
  if (!replace && !hooked.length) return { ...told, bytes: program, mode: 'none', reasons, dropped: [], originalOf: (offset) => offset };
  const patched = replace ? { ...module, bytes: patchedProgram(program, recipe) } : module;
  const { bytes, dropped, heapFunctions, originalOf } = rewrite(patched, heap, { roles, replace, hooked, sbrk, sbrkIsShared, errno, exportAs });
  if (replace && found && !isSound(bytes, heapFunctions, roles, found.surroundings, wasm)) {
    recipe.reasons.push('with memory.wasm in its place, malloc does not work when it is tried');
    return adopt(program, heap, { file, recipe, hooks, exportAs, wasm });
  }
  return { ...told, bytes, dropped, originalOf, mode: replace ? 'replaced' : 'hooked', reasons };
}

/**
 * The same, in the program as it was instrumented after `patchedProgram` (recipe.js). Its malloc must have been found and tried before. The checker is told where
 * its instructions went.
 * @param {Pick<import('../check/index.js').Checker, 'bytes' | 'functionNow' | 'rewritten'>} checker
 * @param {Uint8Array} heap
 * @param {Recipe} recipe of the program as it is
 * @param {typeof WebAssembly} [wasm]
 * @returns {Uint8Array}
 */
export function adoptInstrumented({ bytes, functionNow, rewritten }, heap, recipe, wasm) {
  const adopted = adopt(bytes, heap, { recipe: movedRecipe(recipe, bytes.length, functionNow), hooks: 'never', wasm });
  rewritten(adopted.originalOf);
  return adopted.bytes;
}

/**
 * The heap, if its memory is of the kind that adopted programs have. A file may be named as anything, so this asks what is in it.
 * @param {Uint8Array} bytes
 */
function fittingHeap(bytes) {
  const heap = asAdoptError(() => readModule(bytes, 'the heap'));
  const [memory] = heap.memories;
  const other = memory?.shared ? 'is shared between threads' : memory?.is64 ? 'has 64-bit addresses' : undefined;
  if (!other) return heap;
  throw new AdoptError(
    `the memory of this heap ${other}, and only programs with a 32-bit memory of one thread are adopted. Take memory.wasm or memory.debug.wasm (the heaps release and debug).`,
    true,
  );
}

/**
 * Why this engine can't run a program with such a heap inside. It says nothing of the program, so no recipe keeps it.
 * @param {import('./module.js').Module} heap
 * @param {typeof WebAssembly} [wasm]
 */
function engineReasons(heap, wasm = WebAssembly) {
  if (heap.memories.length < 2 || wasm.validate(/** @type {BufferSource} */ (heap.bytes))) return [];
  return [
    'this heap keeps its data in a memory of its own, and this engine knows no modules with two memories (multi-memory: Node 22, Chromium 120). The release heap needs none',
  ];
}

/** @template T @param {() => T} work @returns {T} */
function asAdoptError(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof FormatError) throw new AdoptError(error.message);
    if (error instanceof RangeError) throw new AdoptError(`the program can't be tried here: ${error.message}`);
    if (error instanceof WebAssembly.CompileError) throw new AdoptError(`the program can't be compiled here, so not be tried: ${error.message}`);
    throw error;
  }
}

/** Functions whose calls say which blocks are in use: all of them, or none. @param {Recipe} recipe */
function hookable({ roles }) {
  const known = Object.entries(roles).filter(([, { role }]) => role !== 'malloc_usable_size');
  const has = (/** @type {RegExp} */ pattern) => known.some(([, { role }]) => pattern.test(role));
  return has(/malloc|rust_alloc$/) && has(/free|dealloc/) ? known.map(([index]) => Number(index)) : [];
}

/**
 * The functions that the caller names.
 * @param {import('./module.js').Module} module
 * @param {Partial<Record<Role, string>>} given
 * @returns {Map<number, Role>}
 */
function givenRoles(module, given) {
  const roles = new Map();
  for (const [role, name] of Object.entries(given)) {
    if (!Object.hasOwn(kHookCodes, role)) throw new AdoptError(`there is no role ${role}; there are ${Object.keys(kHookCodes).join(', ')}`, true);
    const index = indexOf(module, String(name));
    if (index === undefined || index < module.imported || typeOf(module, index) === undefined) {
      throw new AdoptError(
        `${module.file} has no function ${name} of its own, which was given as ${role}. Write func[N], with N from a stack or wasm-objdump, or a name that the file has.`,
        true,
      );
    }
    roles.set(index, role);
  }
  return roles;
}

/** @param {import('./module.js').Module} module @param {string} name */
function indexOf({ names, exports, functions }, name) {
  const number = /^(?:func\[)?(\d+)\]?$/.exec(name);
  if (number) return Number(number[1]) < functions.length ? Number(number[1]) : undefined;
  return exports.find((entry) => entry.kind === 0 && entry.name === name)?.index ?? [...names].find(([, own]) => own === name)?.[0];
}

/**
 * What was found and done, in words.
 * @param {Adopted} adopted
 * @param {string} [file]
 */
export function inWords({ mode, roles, reasons, notes, recipe, dropped }, file = 'the program') {
  const found = roles.map(({ role, name, by }) => `${role}: ${name}, found by ${by}`);
  const done = {
    replaced: `${file}: memory.wasm is in the place of its ${recipe.kind ?? 'malloc'}`,
    hooked: `${file}: its malloc stays, and its calls are counted`,
    none: `${file}: nothing was changed`,
  }[mode];
  return [
    done,
    ...found.map((line) => `  ${line}`),
    ...(mode === 'replaced'
      ? [recipe.sbrk === undefined ? '  the heap grows by memory.grow' : `  the heap grows by the program's sbrk, func[${recipe.sbrk}]`]
      : []),
    ...(recipe.patches.length && mode === 'replaced'
      ? [`  ${recipe.patches.length} inlined calloc ${recipe.patches.length === 1 ? 'test is' : 'tests are'} changed: always clear`]
      : []),
    ...reasons.map((reason) => `  not replaced: ${reason}`),
    ...notes.map((note) => `  note: ${note}`),
    ...(dropped.length ? [`  left out, because its offsets are no longer true: ${dropped.join(', ')}`] : []),
  ].join('\n');
}
