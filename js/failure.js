// Errors of loading and linking say at length what to do. Their texts lie in a file of their own, memory.more.js, fetched when one is needed.

import { MemoryWasmError } from './errors.js';

/** What is seldom needed: the texts, trampolines, attaching, integrity. */
export const loadMore = () => import('./more/index.js');

/**
 * @param {import('./errors.js').ErrorName} name
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
export async function needMore() {
  try {
    return await loadMore();
  } catch (error) {
    throw new MemoryWasmError('FetchError', `memory.more.js could not be loaded: ${error}. Put it beside memory.js.`, error);
  }
}
