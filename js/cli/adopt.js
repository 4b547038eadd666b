// `memory.wasm adopt`: memory.wasm in the place of the malloc inside a program, once and for all, or what stands against it.

import { createHash } from 'node:crypto';
import { adopt as adoptModule, AdoptError, inWords } from '../adopt/index.js';
import { PREFIX } from '../wasm/prefix.js';
import { checkForm } from './form.js';
import { checkValid } from './valid.js';

/** @typedef {import('../adopt/recipe.js').Adopted} Adopted */
/** @typedef {import('../adopt/recipe.js').Recipe} Recipe */
/** @typedef {import('../adopt/names.js').Role} Role */

/**
 * @typedef {object} AdoptChoices
 * @property {Partial<Record<Role, string>>} [roles] functions that are known, by their role: 'func[123]', or a name
 * @property {Recipe} [recipe] of an earlier adoption of the same file
 * @property {boolean} [exportHeap] export everything of the heap behind "memory.wasm/"
 */

/**
 * @param {Uint8Array} bytes
 * @param {string} file
 * @param {Uint8Array} heap
 * @param {AdoptChoices} choices
 * @returns {Adopted & { text: string }}
 */
export function adoptProgram(bytes, file, heap, { roles, recipe, exportHeap }) {
  checkForm(bytes, file);
  checkValid(bytes, file, 'adopted');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (recipe?.sha256 && recipe.sha256 !== sha256)
    throw new AdoptError(`the recipe is not for ${file}: it was made of a file with another SHA-256. Leave it out: a new one is made.`);
  const exportAs = (/** @type {string} */ name) => (exportHeap ? PREFIX + name : undefined);
  const adopted = adoptModule(bytes, heap, { file, roles, recipe, hooks: 'never', exportAs });
  adopted.recipe.sha256 = sha256;
  return { ...adopted, text: inWords(adopted, file) };
}

/** Options like --malloc=func[12] @param {Record<string, string | undefined>} options @returns {Partial<Record<Role, string>>} */
export const rolesIn = ({ malloc, free, calloc, realloc, memalign }) =>
  Object.fromEntries(Object.entries({ malloc, free, calloc, realloc, memalign }).filter(([, value]) => value !== undefined));

/** @param {string} file @param {Uint8Array} bytes @returns {Recipe} */
export function recipeIn(file, bytes) {
  const refused = (/** @type {string} */ found) =>
    new AdoptError(
      `${file} is no recipe: ${found}. A recipe is what \`memory.wasm adopt --recipe\` wrote: name another file, or delete this one and it is made anew.`,
    );
  let recipe;
  try {
    recipe = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw refused(`it is not JSON (${/** @type {Error} */ (error).message})`);
  }
  if (recipe?.version === undefined) throw refused('it is JSON, but without a version and roles');
  return recipe;
}
