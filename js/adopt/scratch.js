// Scratch instances: the same module with nothing of the application around it. Imports are stubs, the start function is left out, and the
// functions that are to be tried are exported. A try that writes where it should not, or traps, harms nobody.
//
//     program.wasm  - start, custom sections  + exports of what is tried  ->  compiled once, a new instance for every try

import { leb } from '../wasm/leb128.js';
import { text } from '../wasm/encode.js';
import { concatenate } from '../wasm/bytes.js';
import { A_FUNCTION, A_GLOBAL, A_MEMORY, A_TABLE, CUSTOM, EXPORTS, ORDER, START } from '../wasm/sections.js';
import { kMemoryBase } from './facts.js';
import { typeOf } from './module.js';

/** @typedef {import('./module.js').Module} Module */

/**
 * @typedef {object} Scratch one instance
 * @property {(index: number, ...values: number[]) => number} call a function, by its index
 * @property {() => Uint8Array} u8
 * @property {(global: number) => number | bigint | undefined} global the value of a mutable one
 * @property {Set<string>} called imports that were called, but for those that only ask for memory
 * @property {() => boolean} resized whether one was asked for memory
 */

/** The names that the scratch module exports things by. */
const kPrefix = 'scratch/';
const kPage = 65536;
/** Pages that a stub adds at most: what asks for more is no allocator being tried. */
const kMostPages = 2048;

const kStackTop = 5 << 20;

/** What the linker's variables are, for a module that imports them: position-independent ones do. */
const kVariables = [
  { name: /stack_(pointer|high)/, value: kStackTop },
  { name: /stack_low/, value: 4 << 20 },
  { name: /heap_base/, value: 6 << 20 },
  { name: /memory_base/, value: kMemoryBase },
  { name: /table_base/, value: 1 },
];

/**
 * @param {Module} module
 * @param {number[]} indices functions that will be called
 * @param {typeof WebAssembly} [wasm] the engine's own, where the global is watched
 */
export function scratchMaker(module, indices, wasm = WebAssembly) {
  const globals = module.globals.flatMap(({ mutable, type, name }, index) =>
    mutable && name === undefined && (type === 'i32' || type === 'i64') ? [index] : [],
  );
  const compiled = new wasm.Module(/** @type {BufferSource} */ (scratchModule(module, indices, globals)));
  return { fresh: (/** @type {StubOptions} */ options = {}) => instance(module, compiled, options, wasm) };
}

/**
 * @param {Module} module
 * @param {number[]} indices
 * @param {number[]} globals
 */
function scratchModule(module, indices, globals) {
  const { sections, exports } = module;
  const bytes = withLessMemory(module);
  const entry = (/** @type {string} */ name, /** @type {number} */ kind, /** @type {number} */ index) => [...text(kPrefix + name), kind, ...leb(index)];
  const added = [
    ...indices.map((index) => entry(`f${index}`, A_FUNCTION, index)),
    ...globals.map((index) => entry(`g${index}`, A_GLOBAL, index)),
    entry('memory', A_MEMORY, 0),
  ];
  const own = sections.find(({ id }) => id === EXPORTS);
  const list = own ? bytes.subarray(own.start + leb(exports.length).length, own.end) : new Uint8Array(0);
  const contents = concatenate([leb(exports.length + added.length), list, ...added]);
  /** @type {import('../wasm/bytes.js').Piece[]} */
  const out = [bytes.subarray(0, 8)];
  let done = false;
  const emitExports = () => {
    if (!done) out.push([EXPORTS], leb(contents.length), contents);
    done = true;
  };
  for (const { id, whole, end } of sections) {
    if (id === CUSTOM) continue;
    if (ORDER.indexOf(id) >= ORDER.indexOf(EXPORTS)) emitExports();
    if (id !== EXPORTS && id !== START) out.push(bytes.subarray(whole, end));
  }
  emitExports();
  return concatenate(out);
}

/** Pages behind the data that a try needs: for a stack, and for blocks. */
const kEnoughPages = 224;

/**
 * The module with a memory no larger than tries need: one of hundreds of megabytes takes long to make, again and again.
 * @param {Module} module
 */
function withLessMemory(module) {
  const { bytes, memories } = module;
  const [{ span }] = memories;
  const pages = pagesOf(module);
  const width = leb(memories[0].initial).length;
  if (pages === memories[0].initial) return bytes;
  const copy = bytes.slice();
  copy.set(leb(pages, width), span.start + 1);
  return copy;
}

/** @param {Module} module */
function pagesOf({ memories, data, globals }) {
  const ends = [
    ...data.map(({ at = 0, start, end }) => at + end - start),
    ...globals.map(({ value = 0 }) => value >>> 0).filter((value) => value < memories[0].initial * kPage),
  ];
  return Math.min(memories[0].initial, Math.ceil(Math.max(0, ...ends) / kPage) + kEnoughPages);
}

/**
 * @typedef {object} StubOptions
 * @property {boolean} [constructors] whether `_initialize` or the like is called first
 * @property {boolean} [heapSize] whether imports that take nothing and return a number say how large the memory is
 * @property {[address: number, value: number]} [top] a word that the program's host sets before it starts: where the heap begins
 *
 * @param {Module} module
 * @param {WebAssembly.Module} compiled
 * @param {StubOptions} options
 * @param {typeof WebAssembly} wasm
 * @returns {Scratch}
 */
function instance(module, compiled, { constructors, heapSize, top }, wasm) {
  /** @type {Record<string, any>} */
  let exports = {};
  const memory = () => /** @type {WebAssembly.Memory} */ (exports[`${kPrefix}memory`]);
  /** As `emscripten_resize_heap`: makes the memory `wanted` bytes long. @param {number} wanted */
  const resize = (wanted) => {
    const missing = Math.ceil(((wanted >>> 0) - memory().buffer.byteLength) / kPage);
    if (missing <= 0 || missing > kMostPages) return 0;
    try {
      memory().grow(missing);
      resized = true;
      return 1;
    } catch {
      return 0;
    }
  };
  /** @type {Set<string>} */
  const called = new Set();
  let resized = false;
  const stub = (/** @type {string} */ type, /** @type {string} */ name) => {
    if (type === '(i32) -> i32') return (/** @type {number} */ wanted) => resize(wanted) || (called.add(name), 0);
    if (type === '() -> i32') return () => (heapSize ? memory().buffer.byteLength : 0);
    if (kCopies.includes(type)) return (/** @type {number} */ to, /** @type {number} */ from, /** @type {number} */ count) => copy(memory(), to, from, count);
    return type.endsWith('i64') ? () => (called.add(name), 0n) : () => (called.add(name), 0);
  };
  /** @type {Record<string, Record<string, any>>} */
  const imports = {};
  for (const entry of module.imports) {
    const into = (imports[entry.module] ??= {});
    if (entry.kind === A_FUNCTION) into[entry.name] = stub(typeOf(module, /** @type {number} */ (entry.index)), `${entry.module}.${entry.name}`);
    else if (entry.kind === A_MEMORY) into[entry.name] = newMemory(wasm, { .../** @type {any} */ (entry.limits), initial: pagesOf(module) });
    else if (entry.kind === A_TABLE) into[entry.name] = newTable(wasm, /** @type {any} */ (entry.limits));
    else if (entry.kind === A_GLOBAL) into[entry.name] = newGlobal(wasm, entry);
  }
  exports = new wasm.Instance(compiled, imports).exports;
  quietly(exports.__wasm_apply_data_relocs);
  // Code that checks its stack asks where that ends.
  quietly(exports.emscripten_stack_init);
  quietly(
    exports.__set_stack_limits &&
      (() => exports.__set_stack_limits(exports.emscripten_stack_get_base?.() ?? kStackTop, exports.emscripten_stack_get_end?.() ?? 0)),
  );
  if (top) new DataView(memory().buffer).setUint32(top[0], top[1], true);
  if (constructors) quietly(exports._initialize ?? exports.__wasm_call_ctors);
  return {
    call: (index, ...values) => exports[`${kPrefix}f${index}`](...values),
    u8: () => new Uint8Array(memory().buffer),
    called,
    resized: () => resized,
    global: (index) => exports[`${kPrefix}g${index}`]?.value,
  };
}

/** The types that `emscripten_memcpy_big` has had. */
const kCopies = ['(i32, i32, i32) -> i32', '(i32, i32, i32) -> nothing'];

/** As `emscripten_memcpy_big`. @param {WebAssembly.Memory} memory @param {number} to @param {number} from @param {number} count */
function copy(memory, to, from, count) {
  if (count >>> 0 < memory.buffer.byteLength) new Uint8Array(memory.buffer).copyWithin(to >>> 0, from >>> 0, (from >>> 0) + (count >>> 0));
  return 0;
}

/** @param {(() => void) | undefined} call */
function quietly(call) {
  try {
    call?.();
  } catch {
    // Without its host it can't get far. What is tried afterwards shows whether it got far enough.
  }
}

/** @param {typeof WebAssembly} wasm @param {import('./module.js').Limits} limits */
const newMemory = (wasm, { initial, maximum, shared }) => new wasm.Memory({ initial, ...(maximum !== undefined && { maximum }), shared });

/** @param {typeof WebAssembly} wasm @param {import('./module.js').Limits} limits */
function newTable(wasm, { initial, maximum }) {
  const enough = Math.min(initial + 1000, maximum ?? Infinity);
  return new wasm.Table({ element: 'anyfunc', initial: enough, ...(maximum !== undefined && { maximum }) });
}

/** @param {typeof WebAssembly} wasm @param {import('./module.js').Import} entry */
function newGlobal(wasm, { name, type, mutable }) {
  const value = kVariables.find((variable) => variable.name.test(name))?.value ?? 0;
  return new wasm.Global({ value: /** @type {any} */ (type), mutable }, type === 'i64' ? BigInt(value) : value);
}
