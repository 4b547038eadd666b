// What a merged module exports: the program's exports, and the heap's behind a prefix, so that they can't clash.

export const PREFIX = 'memory.wasm/';

/**
 * The two apart: the program's exports, and the heap's under their own names.
 * @param {Record<string, any>} exports of a merged module
 * @returns {{ own: Record<string, any>, heap: Record<string, any> }}
 */
export function apart(exports) {
  const [own, heap] = [Object.create(null), Object.create(null)];
  for (const [name, value] of Object.entries(exports)) {
    if (name.startsWith(PREFIX)) heap[name.slice(PREFIX.length)] = value;
    else own[name] = value;
  }
  return { own, heap };
}
