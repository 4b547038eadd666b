// Adopts every program that is loaded from now on, with the release heap, and keeps what was found and how the heap is at the end:
// `adoptedPrograms()`. In Node preload.mjs starts it, in a page page.html.

import { adopt, AdoptError } from '../../../js/adopt/index.js';
import { apart } from '../../../js/wasm/prefix.js';
import { patch } from '../../../js/watch/patch.js';

/** Programs that are too small to have a malloc: feature tests. */
const kSmallest = 2000;

/** The HTTP parser of Node 20's own fetch. @param {WebAssembly.Module} module */
const isNodes = (module) => WebAssembly.Module.exports(module).some(({ name }) => name.startsWith('llhttp_'));

/**
 * @param {Uint8Array | undefined} heap none: programs are only noted, and run as they are
 * @param {() => number} clock milliseconds
 * @param {(bytes: Uint8Array) => string | undefined} [sha256] of a program's file
 */
export function adoptAll(heap, clock, sha256) {
  const wasm = Object.fromEntries(Object.getOwnPropertyNames(WebAssembly).map((name) => [name, WebAssembly[name]]));
  const recipes = new Map();
  /** @type {{ one: object, exports?: object }[]} */
  const all = [];

  function adopted({ module, bytes }) {
    if (!bytes || bytes.length < kSmallest || isNodes(module) || WebAssembly.Module.imports(module).some(({ name }) => name === 'malloc')) return undefined;
    const about = { byteLength: bytes.length, sha256: sha256?.(bytes) };
    if (!heap) return void all.push({ one: about });
    const began = clock();
    const found = adoptOrSay(bytes, { wasm, recipe: recipes.get(module) });
    const { bytes: changed, mode, roles, reasons, recipe } = found;
    recipes.set(module, recipe);
    const by = [...new Set(roles.map((role) => role.by))].join(', ');
    const entry = { one: { ...about, mode, kind: recipe?.kind, by, roles: roles.length, reasons, adoptMs: Math.round(clock() - began) }, exports: undefined };
    all.push(entry);
    return changed && { bytes: changed, instantiated: (instance) => dress(entry, instance) };
  }

  /** As the watcher: what can't be adopted here, such as a program too large for a page's main thread, runs as it is. */
  function adoptOrSay(bytes, options) {
    try {
      return adopt(bytes, heap, options);
    } catch (error) {
      if (error instanceof AdoptError) return { mode: 'none', roles: [], reasons: [error.message] };
      throw error;
    }
  }

  globalThis.adoptedPrograms = () =>
    all.map(({ one, exports }) => ({
      ...one,
      pages: exports?.memory && exports.memory.buffer.byteLength / 65536,
      ...(one.mode === 'replaced' && exports && { check: exports.heap_check(), blocks: blocksIn(exports) }),
    }));
  patch([adopted], () => {});
}

/** The program's JavaScript sees what the program exports, and nothing else. */
function dress(entry, instance) {
  const { own, heap } = apart(instance.exports);
  Object.defineProperty(instance, 'exports', { value: Object.freeze(own), enumerable: true });
  entry.exports = heap;
}

/** Blocks in use, by the heap's own walk. */
function blocksIn(exports) {
  let blocks = 0;
  for (let at = exports.heap_span_next(0); at; at = exports.heap_span_next(at)) if (exports.heap_span_kind(at) === 1) blocks++;
  return blocks;
}
