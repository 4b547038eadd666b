// What was found in a file is kept by its SHA-256, where the environment variable MEMORY_WASM_RECIPES names a folder: the next start then only
// rewrites the program. In a page nothing is kept.

/** @returns {{ path: (bytes: Uint8Array) => string, fs: any } | undefined} */
function folder() {
  const host = /** @type {any} */ (globalThis).process;
  const name = host?.env?.MEMORY_WASM_RECIPES;
  if (!name || !host.getBuiltinModule) return undefined;
  const [fs, { join }, { createHash }] = ['node:fs', 'node:path', 'node:crypto'].map((module) => host.getBuiltinModule(module));
  return { fs, path: (bytes) => join(name, `${createHash('sha256').update(bytes).digest('hex')}.json`) };
}

/** @param {Uint8Array} bytes @returns {import('../adopt/recipe.js').Recipe | undefined} */
export function recipeFor(bytes) {
  const kept = folder();
  try {
    return kept && JSON.parse(kept.fs.readFileSync(kept.path(bytes), 'utf8'));
  } catch {
    return undefined; // there is none yet
  }
}

/** @param {Uint8Array} bytes @param {import('../adopt/recipe.js').Recipe} recipe */
export function keepRecipe(bytes, recipe) {
  const kept = folder();
  try {
    kept?.fs.writeFileSync(kept.path(bytes), `${JSON.stringify(recipe)}\n`);
  } catch (error) {
    console.error(`memory.wasm watch: the recipe could not be written: ${/** @type {Error} */ (error).message}. Does the folder in MEMORY_WASM_RECIPES exist?`);
  }
}
