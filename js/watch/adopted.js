// Programs with a malloc inside: the watcher adopts them. Where the engine knows several memories they get the debug heap, which finds
// overruns, and keeps the stacks of leaks; elsewhere the release heap, with hooks that keep a ledger. Where adopting refuses to replace the allocator, it stays,
// and hooks keep the ledger.
//
// Nothing of it can be seen from the program's JavaScript: `instance.exports` has what the program exports, and its `imports` object is
// handed on as it is, unread. (Glue of position-independent programs makes an entry for whatever is asked of it.)

import { adopt, AdoptError, inWords, kHookCodes } from '../adopt/index.js';
import { hasSecondMemory } from '../check/runtime.js';
import { debugCore } from '../core.js';
import { debugHeapClass } from '../debug/debug-heap.js';
import { symbolsOf } from '../debug/symbols.js';
import { asTableEntry } from '../toolkit/table.js';
import { apart, PREFIX } from '../wasm/prefix.js';
import { checkedProgram, wantsChecks } from './checked.js';
import { heapBytes } from './heap-bytes.js';
import { Ledger } from './ledger.js';
import { recipeFor, keepRecipe } from './recipes.js';

/** @typedef {import('./patch.js').Program} Program */
/** @typedef {import('../adopt/recipe.js').Adopted} Adopted */

const DebugHeap = debugHeapClass(debugCore);

/** @typedef {{ adopted: Adopted, debug: boolean }} One what was made of a module; `debug`: with the debug heap */

/** By module: it may be instantiated again. @type {WeakMap<WebAssembly.Module, One | undefined>} */
const known = new WeakMap();

/** Modules that are no programs with a malloc of their own: heaps, and those that import malloc. @param {WebAssembly.Module} module */
const isOther = (module) =>
  WebAssembly.Module.exports(module).some(({ name }) => name === 'heap_version' || name.startsWith(PREFIX)) ||
  WebAssembly.Module.imports(module).some(({ name }) => name === 'malloc');

/**
 * The source that adopts (js/watch/patch.js).
 * @param {typeof WebAssembly} wasm the engine's own
 * @returns {import('./patch.js').Source}
 */
export const adoptedPrograms =
  (wasm) =>
  ({ module, bytes, imports }, add) => {
    if (!bytes || isOther(module)) return undefined;
    if (!known.has(module)) known.set(module, adoptQuietly(bytes, wasm));
    const one = known.get(module);
    if (!one) return undefined;
    const { adopted } = one;
    const name = `program ${++programs} (${bytes.length.toLocaleString('en')} bytes, ${adopted.mode})`;
    const checked = wantsChecks ? checkedQuietly({ module, bytes, imports }, one, { name, wasm }) : undefined;
    const { bytes: changed } = checked ?? adopted;
    return { bytes: changed, imports: checked?.imports, instantiated: (instance) => dress(instance, { ...one, checked, bytes, name }, add) };
  };
let programs = 0;

/**
 * The program with its accesses checked. What can't be checked runs unchecked, and the application's developer reads why.
 * @param {Program & { bytes: Uint8Array }} program
 * @param {One} one
 * @param {{ name: string, wasm: typeof WebAssembly }} options
 */
function checkedQuietly(program, { adopted, debug }, { name, wasm }) {
  const unchecked = (/** @type {string} */ why) => console.error(`memory.wasm watch: the accesses of ${name} are not checked: ${why}`);
  if (adopted.mode !== 'replaced') return unchecked(`its malloc stays, since ${adopted.reasons.join('; ')}`);
  if (!debug) return unchecked('this engine knows no modules with two memories (Node 22, Chromium 120)');
  try {
    return checkedProgram(program, adopted.recipe, { name, onError: reportOnce(), wasm });
  } catch (error) {
    return unchecked(/** @type {Error} */ (error).message);
  }
}

/** @param {Uint8Array} bytes @param {typeof WebAssembly} wasm */
function adoptQuietly(bytes, wasm) {
  const debug = hasSecondMemory();
  /** @type {import('../adopt/recipe.js').AdoptOptions} */
  const options = { hooks: debug ? 'refused' : 'always', wasm };
  try {
    const heap = heapBytes(debug ? 'debug' : 'release');
    const kept = byRecipe(bytes, heap, options);
    const adopted = kept ?? adopt(bytes, heap, options);
    if (!kept) keepRecipe(bytes, adopted.recipe);
    return adopted.mode === 'none' ? undefined : { adopted, debug: debug && adopted.mode === 'replaced' };
  } catch {
    return undefined; // a program that can't be read, or engine limits: it runs as it is
  }
}

/**
 * By what an earlier start found, if that is kept and can be used; else it is looked for anew.
 * @param {Uint8Array} bytes
 * @param {Uint8Array} heap
 * @param {import('../adopt/recipe.js').AdoptOptions} options
 */
function byRecipe(bytes, heap, options) {
  const recipe = recipeFor(bytes);
  try {
    return recipe && adopt(bytes, heap, { ...options, recipe });
  } catch (error) {
    if (error instanceof AdoptError) return undefined;
    throw error;
  }
}

/**
 * @param {WebAssembly.Instance} instance
 * @param {One & { checked: ReturnType<typeof checkedProgram> | void, bytes: Uint8Array, name: string }} made of the program; `bytes`: its own file
 * @param {(watched: import('./patch.js').Watched) => void} add
 */
function dress(instance, { adopted, debug, checked, bytes, name }, add) {
  const { own, heap: ours } = apart(instance.exports);
  Object.defineProperty(instance, 'exports', { value: Object.freeze(own), enumerable: true });
  const about = inWords(adopted, name);
  if (debug) {
    const heap = new DebugHeap(ours.memory, ours, { exports: own }, { onError: reportOnce() });
    if (checked) checked.follow(ours, () => heap);
    else locateIn(heap.stacks, adopted, bytes);
    add({ name, about, heap, leaks: () => (heap.check(), heap.leaks()) });
    return;
  }
  const ledger = new Ledger(name);
  ledger.stacks.program = { exports: own };
  locateIn(ledger.stacks, adopted, bytes);
  ledger.memory = ours.memory;
  ours.hooks.set(
    0,
    asTableEntry((/** @type {number} */ code, /** @type {number[]} */ ...values) => tell(ledger, code, values.slice(0, 4), values[4]), Array(6).fill('i32')),
  );
  ours.hooks_on.value = 1;
  add({ name, about, heap: adopted.mode === 'replaced' ? new debugCore.Heap(ours.memory, ours, { exports: own }) : undefined, leaks: () => ledger.leaks() });
}

/**
 * Stacks whose frames are at their places in the program's own file, which also knows the lines of the source.
 * @param {import('../debug/stacks.js').Stacks} stacks
 * @param {Adopted} adopted
 * @param {Uint8Array} bytes
 */
function locateIn(stacks, { originalOf }, bytes) {
  const { lineAt } = symbolsOf(bytes);
  stacks.original = ({ index, offset }) => {
    const from = offset === undefined ? undefined : originalOf(offset);
    return from === undefined ? undefined : { index, offset: from };
  };
  stacks.locate = ({ offset }) => (offset === undefined ? undefined : lineAt(offset));
}

/** A program goes on after a finding, and may make it again and again: each place is reported once. */
function reportOnce() {
  const reported = new Set();
  return (/** @type {Error & { finding: import('../debug/findings.js').Finding }} */ error) => {
    const place = JSON.stringify([error.name, error.finding.block?.allocated, error.finding.stack]);
    if (reported.has(place)) return;
    reported.add(place);
    console.error(`memory.wasm watch: ${error.name}: ${error.message}`);
  };
}

const kRoles = Object.fromEntries(Object.entries(kHookCodes).map(([role, code]) => [code, role]));

/**
 * What a call means for the blocks that are in use.
 * @param {Ledger} ledger
 * @param {number} code
 * @param {number[]} values
 * @param {number} result
 */
function tell(ledger, code, [a, b, c, d], result) {
  switch (kRoles[code]) {
    case 'malloc':
    case 'rust_alloc':
    case 'rust_alloc_zeroed':
      return void ledger.allocated(result, a);
    case 'calloc':
      return void ledger.allocated(result, Math.imul(a, b));
    case 'memalign':
      return void ledger.allocated(result, b);
    case 'posix_memalign':
      return void ledger.stored(result, a, c);
    case 'free':
    case 'rust_dealloc':
      return ledger.freed(a);
    case 'realloc':
      return void ledger.moved(a, result, b);
    case 'rust_realloc':
      return void ledger.moved(a, result, d);
  }
}
