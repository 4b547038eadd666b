// The heaps that the scenarios run over, and what is different over each. A scenario that can't hold over a heap says so in its third part:
// { memory64: 'why' }.

/**
 * @typedef {object} Variant
 * @property {string} file in dist/
 * @property {string[]} links the link modes that it has
 * @property {Uint8Array} [needs] a module that an engine without the feature refuses
 * @property {object} [options] of `load`
 * @property {string} [suffix] of the programs that are built for it
 */

const kAllLinks = ['merge', 'direct', 'table', 'trampoline'];
const module = (...sections) => Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, ...sections);

/** @type {Record<string, Variant>} */
export const kVariants = {
  release: { file: 'memory.wasm', links: kAllLinks },
  small: { file: 'memory.small.wasm', links: kAllLinks },
  secure: { file: 'memory.secure.wasm', links: kAllLinks, needs: module(5, 5, 2, 0, 0, 0, 0) },
  // The programs of the scenarios have one thread: each is made one for several.
  shared: { file: 'memory.shared.wasm', links: ['direct'], needs: module(5, 4, 1, 3, 1, 1), options: { makeShared: true } },
  memory64: { file: 'memory64.wasm', links: kAllLinks, needs: module(5, 3, 1, 4, 1), suffix: '64' },
};

/** Whether this engine can run the heap. */
const isHere = ({ needs, options }) => (!needs || WebAssembly.validate(needs)) && (!options?.makeShared || globalThis.crossOriginIsolated !== false);

/** What must hold over every heap; the other areas are about heaps or features of their own. */
const kAreas = /^(heap|heapOf|toolkit|structs|calls|strict|attach): /;

/**
 * The scenarios over each heap but memory.wasm that this engine can run: [name, heap, run].
 * @param {[string, Function, Record<string, string>?][]} scenarios
 */
export const overOtherHeaps = (scenarios) =>
  Object.keys(kVariants)
    .filter((heap) => heap !== 'release' && isHere(kVariants[heap]))
    .flatMap((heap) => scenarios.filter(([name, , except]) => kAreas.test(name) && !except?.[heap]).map(([name, run]) => [`${heap}: ${name}`, heap, run]));
