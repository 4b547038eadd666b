// Scratch instances: the same module with nothing of the application around it. Imports are stubs, the start function is left out, and the
// functions that are to be tried are exported. A try that writes where it should not, traps, or would never end (fuel.js), harms nobody.
//
//     program.wasm  - start, custom sections, functions that no try reaches  + fuel  + exports of what is tried
//         ->  compiled once, a new instance for every try

import { most } from '../wasm/extremes.js';
import { leb } from '../wasm/leb128.js';
import { text } from '../wasm/encode.js';
import { concatenate } from '../wasm/bytes.js';
import { Cursor } from '../wasm/cursor.js';
import { A_FUNCTION, A_GLOBAL, A_MEMORY, A_TABLE, CODE, CUSTOM, EXPORTS, GLOBALS, IMPORTS, MEMORIES, ORDER, START } from '../wasm/sections.js';
import { kMemoryBase } from './facts.js';
import { kGlobals, meterOf, takeFor } from './fuel.js';
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
  const meter = meterOf(module);
  const reached = meter.reach(indices);
  /** What is compiled anyhow can be tried, too, without being compiled again. */
  const callable = reached.size <= kMostCallable ? reached : new Set(indices);
  const compile = (/** @type {RegExp} */ needed) => {
    const code = meter.code(new Set([...reached, ...meter.reach(exported(module, needed))]));
    return new wasm.Module(/** @type {BufferSource} */ (scratchModule(module, [...callable], code, globals)));
  };
  const plain = compile(kPreparing);
  /** Constructors may reach the whole program: it is compiled with them if nothing works without. @type {WebAssembly.Module | undefined} */
  let whole;
  return {
    canCall: (/** @type {number} */ index) => callable.has(index),
    fresh: (/** @type {StubOptions} */ options = {}) => instance(module, options.constructors ? (whole ??= compile(kStarting)) : plain, options, wasm),
  };
}

/** So many functions are exported at most, besides those that were asked for. */
const kMostCallable = 200;

/** Exports that an instance calls before anything is tried; and constructors, too. */
const kPreparing = /^(__wasm_apply_data_relocs|emscripten_stack_init|__set_stack_limits|emscripten_stack_get_(base|end))$/;
const kStarting = new RegExp(`${kPreparing.source}|^(_initialize|__wasm_call_ctors)$`);

/** The functions that a module exports by such a name. @param {Module} module @param {RegExp} named */
const exported = ({ exports }, named) => exports.filter(({ kind, name }) => kind === A_FUNCTION && named.test(name)).map(({ index }) => index);

/**
 * @param {Module} module
 * @param {number[]} indices of functions to export
 * @param {Uint8Array} code contents of the code section
 * @param {number[]} globals
 */
function scratchModule(module, indices, code, globals) {
  const { bytes, sections } = module;
  const fuel = module.globals.length;
  const entry = (/** @type {string} */ name, /** @type {number} */ kind, /** @type {number} */ index) => [...text(kPrefix + name), kind, ...leb(index)];
  const exported = [
    ...indices.map((index) => entry(`f${index}`, A_FUNCTION, index)),
    ...globals.map((index) => entry(`g${index}`, A_GLOBAL, index)),
    entry('fuel', A_GLOBAL, fuel),
    entry('memory', A_MEMORY, 0),
  ];
  /** The contents of each section that there is. @type {Map<number, Uint8Array>} */
  const contents = new Map(sections.filter(({ id }) => id !== CUSTOM && id !== START).map(({ id, start, end }) => [id, bytes.subarray(start, end)]));
  if (module.imports.some(({ kind }) => kind === A_MEMORY)) contents.set(IMPORTS, importsOfLess(module));
  else contents.set(MEMORIES, lessMemory(module, contents.get(MEMORIES)));
  contents.set(GLOBALS, withMore(contents.get(GLOBALS), kGlobals));
  contents.set(EXPORTS, withMore(contents.get(EXPORTS), exported));
  if (contents.has(CODE)) contents.set(CODE, code);
  const inOrder = ORDER.flatMap((id) => {
    const section = contents.get(id);
    return section ? [[id], leb(section.length), section] : [];
  });
  return concatenate([bytes.subarray(0, 8), ...inOrder]);
}

const kNoItems = Uint8Array.of(0);

/**
 * A section's list with more items at its end.
 * @param {Uint8Array | undefined} section
 * @param {number[][]} items
 */
function withMore(section = kNoItems, items) {
  const cursor = new Cursor(section, '');
  const count = cursor.number();
  return concatenate([leb(count + items.length), section.subarray(cursor.at), ...items]);
}

/** Pages behind the data that a try needs: for a stack, and for blocks. */
const kEnoughPages = 224;

const kHasMaximum = 1;

/**
 * The memory section with a memory no larger than tries need: one of hundreds of megabytes takes long to make, again and again. A heap's own
 * memory behind it stays as it is.
 * @param {Module} module
 * @param {Uint8Array} [section]
 */
function lessMemory(module, section = kNoItems) {
  const pages = pagesOf(module);
  const { maximum = Infinity } = module.memories[0];
  const cursor = new Cursor(section, '');
  const count = cursor.number();
  const limits = cursor.byte() & kHasMaximum ? 2 : 1;
  for (let i = 0; i < limits; i++) cursor.number();
  return concatenate([leb(count), [kHasMaximum], leb(pages), leb(Math.min(maximum, pages + kMostPages)), section.subarray(cursor.at)]);
}

/**
 * The import section, which asks for no larger memory either.
 * @param {Module} module whose memory is imported
 */
function importsOfLess(module) {
  const [{ initial, span }] = module.memories;
  const { start, end } = /** @type {import('./module.js').Section} */ (module.sections.find(({ id }) => id === IMPORTS));
  const section = module.bytes.slice(start, end);
  const flags = 1;
  section.set(leb(pagesOf(module), leb(initial).length), span.start + flags - start);
  return section;
}

/** @param {Module} module */
function pagesOf({ memories, data, globals }) {
  const ends = [
    ...data.map(({ at = 0, start, end }) => at + end - start),
    ...globals.map(({ value = 0 }) => value >>> 0).filter((value) => value < memories[0].initial * kPage),
  ];
  return Math.min(memories[0].initial, Math.ceil(most(ends) / kPage) + kEnoughPages);
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
  const meter = meterOf(module);
  meter.takeInstance();
  /** @type {Record<string, any>} */
  let exports = {};
  /** Of the instance's own exports too, which nobody else may call. @param {string} name @param {number[]} values */
  const call = (name, ...values) => meter.metered(exports[`${kPrefix}fuel`], () => exports[name](...values), !name.startsWith(kPrefix));
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
    if (kCopies.includes(type))
      return (/** @type {number} */ to, /** @type {number} */ from, /** @type {number} */ count) => copy(memory(), exports[`${kPrefix}fuel`], to, from, count);
    return type.endsWith('i64') ? () => (called.add(name), 0n) : () => (called.add(name), 0);
  };
  /** Without prototypes, so that no name from the module reaches one. @type {Record<string, Record<string, any>>} */
  const imports = Object.create(null);
  for (const entry of module.imports) {
    const into = (imports[entry.module] ??= Object.create(null));
    if (entry.kind === A_FUNCTION) into[entry.name] = stub(typeOf(module, /** @type {number} */ (entry.index)), `${entry.module}.${entry.name}`);
    else if (entry.kind === A_MEMORY) into[entry.name] = newMemory(wasm, { .../** @type {any} */ (entry.limits), initial: pagesOf(module) });
    else if (entry.kind === A_TABLE) into[entry.name] = newTable(wasm, /** @type {any} */ (entry.limits));
    else if (entry.kind === A_GLOBAL) into[entry.name] = newGlobal(wasm, entry);
  }
  exports = new wasm.Instance(compiled, imports).exports;
  const ifThere = (/** @type {string} */ name, /** @type {(() => number)[]} */ ...values) => {
    if (typeof exports[name] === 'function') quietly(() => call(name, ...values.map((value) => value())));
  };
  const asked = (/** @type {string} */ name, /** @type {number} */ otherwise) => () => (typeof exports[name] === 'function' ? call(name) : otherwise);
  ifThere('__wasm_apply_data_relocs');
  // Code that checks its stack asks where that ends.
  ifThere('emscripten_stack_init');
  ifThere('__set_stack_limits', asked('emscripten_stack_get_base', kStackTop), asked('emscripten_stack_get_end', 0));
  if (top) new DataView(memory().buffer).setUint32(top[0], top[1], true);
  if (constructors) ifThere('_initialize' in exports ? '_initialize' : '__wasm_call_ctors');
  return {
    call: (index, ...values) => call(`${kPrefix}f${index}`, ...values),
    u8: () => new Uint8Array(memory().buffer),
    called,
    resized: () => resized,
    global: (index) => exports[`${kPrefix}g${index}`]?.value,
  };
}

/** The types that `emscripten_memcpy_big` has had. */
const kCopies = ['(i32, i32, i32) -> i32', '(i32, i32, i32) -> nothing'];

/** As `emscripten_memcpy_big`. @param {WebAssembly.Memory} memory @param {WebAssembly.Global} fuel @param {number} to @param {number} from @param {number} count */
function copy(memory, fuel, to, from, count) {
  takeFor(fuel, count);
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
