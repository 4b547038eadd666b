// What a merged module exports: the program's exports, and the heap's behind a prefix, so that they can't clash.

export const PREFIX = 'memory.wasm/';

/** @param {string} name of an export @returns {string | undefined} the heap's own name for it; undefined if it is the program's */
const nameInHeap = (name) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined);

/**
 * The two apart: the program's exports, and the heap's under their own names.
 * @param {Record<string, any>} exports of a merged module
 * @param {(name: string) => string | undefined} [heapName] the heap's name for an export; by the prefix, if nothing more is known
 * @returns {{ own: Record<string, any>, heap: Record<string, any> }}
 */
export function apart(exports, heapName = nameInHeap) {
  const [own, heap] = [Object.create(null), Object.create(null)];
  for (const [name, value] of Object.entries(exports)) {
    const itsName = heapName(name);
    if (itsName !== undefined) heap[itsName] = value;
    else own[name] = value;
  }
  return { own, heap };
}
