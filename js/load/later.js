// Errors of loading and linking say at length what to do. Their texts lie in a file of their own, memory.more.js, fetched when one is needed.

import { MemoryWasmError } from '../errors.js';

/** What is seldom needed: the texts, trampolines, attaching, integrity. */
export const loadMore = () => import('../extras/index.js');

/**
 * @param {import('../errors.js').ErrorName} name
 * @param {any[]} facts first the file, then what was found there: all that is said if the text can't be had
 * @param {unknown} [cause]
 * @param {string} [text] which text of memory.more.js, if the name has several
 */
export async function failure(name, facts, cause, text = name) {
  const more = await loadMore().catch(() => undefined);
  const message = more ? more.explain(text, facts) : `${facts[0]}: ${facts[1]} (memory.more.js, which explains this, could not be loaded)`;
  return new MemoryWasmError(name, message, cause);
}

/** memory.more.js, for what can't be done without it. */
export const needMore = () => loadLater('FetchError', 'memory.more.js', loadMore);

/**
 * A file that lies beside memory.js.
 * @template T
 * @param {import('../errors.js').ErrorName} name of the error if it isn't there
 * @param {string} file
 * @param {() => Promise<T>} load
 */
export async function loadLater(name, file, load) {
  try {
    return await load();
  } catch (error) {
    throw new MemoryWasmError(name, `${file} could not be loaded: ${error}. Put it beside memory.js, or choose link 'direct'.`, error);
  }
}
