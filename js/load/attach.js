// One more module on the program's memory and heap. A position-independent one says in its section dylink.0 how much memory and how many places in
// the table it needs; it gets them here, and its symbols are bound to those of the program, of the heap and of the modules before
// it. (WebAssembly tool conventions: DynamicLinking.md)

import { kFunction, kImports, kSignal } from '../options.js';
import { Cursor } from '../wasm/cursor.js';
import { ownRange } from './own-range.js';

const kMemoryInfo = 1;
const kStackBytes = 65536;

/** What its errors say. @type {import('../errors.js').Texts} */
export const kTexts = {
  'MissingImportError symbol': (file, symbol, kind) =>
    `${file} needs the address of ${symbol} (${kind}), which nobody defines. Attach the module that does first.`,
  'MemoryKindError attach': (file) =>
    `${file} can't be attached: the program has a 64-bit memory, and only modules for 32-bit memories can be. Link it into the program.`,
  'MemoryKindError attach-shared': (file, isShared) =>
    `${file} can't be attached: the program's memory is ${isShared ? 'shared, and the module is linked for one that is not' : 'not shared, and the module is linked for one that is'}. Link the module ${isShared ? 'with' : 'without'} --shared-memory, or link it into the program.`,
  'MemoryKindError own-memory': (file) =>
    `${file} can't be attached: it has a memory of its own, so the heap's addresses mean nothing to it. Link it with --import-memory and the --global-base that attach names then, or with -shared; a program with its own heap goes to load().`,
  'MemoryKindError taken': (file, from, to, end) =>
    `${file} is not position-independent: its data and stack are at ${from} - ${to}, and program and heap have 0x0 - ${end}. Link it with wasm-ld -shared (and compile with -fPIC), or with --global-base=${end} or more.`,
};

/**
 * @typedef {import('../core.js').Core} Core
 * @typedef {import('../toolkit/heap.js').Heap} Heap
 * @typedef {Record<string, Function | number>} Symbols functions, and addresses of data
 *
 * @typedef {object} AttachOptions
 * @property {Record<string, Record<string, any>>} [imports] what else the module imports; goes before what program and heap offer
 * @property {AbortSignal} [signal]
 * @property {(progress: import('./input.js').Progress) => void} [onProgress]
 */

/** @type {import('../options.js').Kinds} */
export const kOptions = { imports: kImports, onProgress: kFunction, signal: kSignal };

/**
 * @template Exports
 * @typedef {{ exports: import('../toolkit/exports.js').Callable<Exports>, instance: WebAssembly.Instance, module: WebAssembly.Module }} Attached
 */

/**
 * What all modules on one heap share.
 * @typedef {{ symbols: Symbols, table: WebAssembly.Table }} Shared
 * @type {WeakMap<Heap, Shared>}
 */
const kShared = /* @__PURE__ */ new WeakMap();

/**
 * @param {Heap} heap
 * @param {import('../toolkit/heap.js').Program} program
 * @returns {Shared}
 */
function sharedOf(heap, program) {
  const exports = program.exports ?? {};
  const shared = kShared.get(heap) ?? {
    symbols: symbolsOf(exports, 0),
    table: tableFor(program),
  };
  kShared.set(heap, shared);
  return shared;
}

/**
 * The table that all modules call through. A program without one has none of its functions called by pointer: it gets one for the others.
 * @param {import('../toolkit/heap.js').Program} program
 */
function tableFor(program) {
  const { __indirect_function_table: own } = program.exports ?? {};
  program.table ??= own instanceof WebAssembly.Table ? own : new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  return program.table;
}

/**
 * @param {Core} core
 * @param {Heap} heap
 * @param {import('../toolkit/heap.js').Program} program
 * @param {import('./source.js').Source | Promise<import('./source.js').Source>} source
 * @param {AttachOptions} options
 * @returns {Promise<Attached<any>>}
 */
export async function attach(core, heap, program, source, { imports = {}, signal, onProgress }) {
  const { functionsOf, initialize, instantiate, open } = core;
  const input = await open(source, { label: 'the module', signal, onProgress });
  const bytes = input.header && (await input.bytes());
  const module = await input.compile();
  signal?.throwIfAborted();
  if (heap.isWide) throw core.failure('MemoryKindError attach', [input.name]);
  const isShared = !(heap.memory.buffer instanceof ArrayBuffer);
  if ((input.header?.memories[0]?.shared ?? isShared) !== isShared) throw core.failure('MemoryKindError attach-shared', [input.name, isShared]);
  if (isOutOfReach(module, input.header, heap.exports)) throw core.failure('MemoryKindError own-memory', [input.name]);
  const shared = sharedOf(heap, program);
  const needs = readNeeds(module);
  if (!needs) reserve(core, heap, bytes ?? (await input.bytes()), input.name);
  return heap.scope(async (scope) => {
    const base = needs ? takeZeroed(scope, needs.memory, needs.align) : 0;
    const got = offsetTables(module);
    const places = needs && bases(program, scope, base, needs.table ? shared.table.grow(needs.table) : 0);
    const own = { memory: heap.memory, __indirect_function_table: shared.table, ...places };
    const layers = [got, imports, { env: own }, { env: functionsOf(shared.symbols) }, { env: functionsOf(heap.exports) }];
    const instance = await instantiate(module, layers, input.name);
    const symbols = symbolsOf(instance.exports, base);
    await bind(core, got, Object.assign(Object.create(null), heap.exports, shared.symbols, symbols), shared.table, input.name);
    /** @type {Function | undefined} */ (instance.exports.__wasm_apply_data_relocs)?.();
    initialize(instance.exports);
    shared.symbols = Object.assign(Object.create(null), symbols, shared.symbols);
    scope.releaseAll();
    return { exports: instance.exports, instance, module };
  });
}

/**
 * Whether the module takes blocks from the heap that it could not reach: it has a memory that nobody gives it. Of a compiled module only an
 * exported memory shows.
 * @param {WebAssembly.Module} module
 * @param {import('../wasm/header.js').Header | undefined} header
 * @param {object} offered by the heap
 */
function isOutOfReach(module, header, offered) {
  const { Module } = WebAssembly;
  const imports = Module.imports(module);
  if (imports.some(({ kind }) => kind === 'memory') || !imports.some((entry) => entry.module === 'env' && Object.hasOwn(offered, entry.name))) return false;
  return header ? header.memories.length > 0 : Module.exports(module).some(({ kind }) => kind === 'memory');
}

/**
 * @param {WebAssembly.Exports} exports
 * @param {number} base what addresses of data are relative to
 */
function symbolsOf(exports, base) {
  /** @type {Symbols} */
  const symbols = Object.create(null);
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value === 'function') symbols[name] = value;
    const address = value instanceof WebAssembly.Global ? valueOf(value) : undefined;
    if (typeof address === 'number') symbols[name] = base + address;
  }
  return symbols;
}

/** @param {WebAssembly.Global} global */
function valueOf(global) {
  try {
    return global.value;
  } catch {
    return undefined; // a v128 has none in JavaScript
  }
}

/**
 * A module that is not position-independent has its data at addresses of its own: they must be free. Those behind the memory's end are, and
 * become the module's.
 * @param {Core} core
 * @param {Heap} heap
 * @param {Uint8Array} bytes
 * @param {string} name
 */
function reserve({ failure }, { memory }, bytes, name) {
  const { start, end, least } = ownRange(bytes, name);
  const size = memory.buffer.byteLength;
  const hex = (/** @type {number} */ address) => `0x${address.toString(16)}`;
  if (end > start && start < size) throw failure('MemoryKindError taken', [name, hex(start), hex(end), hex(size)]);
  const missing = Math.ceil((Math.max(end, least) - size) / 65536);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (error) {
    throw failure('OutOfMemoryError', [name, error, missing], error);
  }
}

/** @param {WebAssembly.Module} module */
function readNeeds(module) {
  const [section] = WebAssembly.Module.customSections(module, 'dylink.0');
  if (!section) return undefined;
  const cursor = new Cursor(new Uint8Array(section), 'dylink.0');
  while (cursor.byte() !== kMemoryInfo) cursor.block();
  cursor.number();
  const memory = cursor.number();
  const align = 2 ** cursor.number();
  return { memory, align, table: cursor.number() };
}

/**
 * @param {import('../toolkit/scope.js').Scope} scope
 * @param {number} bytes
 * @param {number} align a power of two
 */
function takeZeroed(scope, bytes, align) {
  const pointer = scope.alloc(bytes + align);
  scope.heap.u8.fill(0, pointer, pointer + bytes + align);
  return Math.ceil(pointer / align) * align;
}

/**
 * @param {import('../toolkit/heap.js').Program} program
 * @param {import('../toolkit/scope.js').Scope} scope
 * @param {number} memoryBase
 * @param {number} tableBase
 */
const bases = (program, scope, memoryBase, tableBase) => ({
  __memory_base: i32(memoryBase),
  __table_base: i32(tableBase),
  // The program's stack if it exports its pointer, otherwise one of its own: two pointers into one stack would overwrite each other.
  __stack_pointer: program.exports?.__stack_pointer ?? i32(scope.alloc(kStackBytes) + kStackBytes, true),
});

/**
 * @param {number} value
 * @param {boolean} [mutable]
 */
const i32 = (value, mutable) => new WebAssembly.Global({ value: 'i32', mutable }, value);

/**
 * The global offset tables: a global for the address of each symbol, filled when all symbols are known.
 * @param {WebAssembly.Module} module
 */
function offsetTables(module) {
  /** @type {Record<string, Record<string, WebAssembly.Global>>} */
  const tables = { 'GOT.mem': Object.create(null), 'GOT.func': Object.create(null) };
  for (const entry of WebAssembly.Module.imports(module)) {
    if (Object.hasOwn(tables, entry.module)) tables[entry.module][entry.name] = i32(0, true);
  }
  return tables;
}

/**
 * @param {Core} core
 * @param {ReturnType<typeof offsetTables>} tables
 * @param {Record<string, any>} symbols
 * @param {WebAssembly.Table} table
 * @param {string} name of the module
 */
async function bind({ addToTable, failure }, tables, symbols, table, name) {
  for (const [kind, globals] of Object.entries(tables)) {
    for (const symbol of Object.keys(globals)) {
      const value = symbols[symbol];
      if (value === undefined) {
        throw failure('MissingImportError symbol', [name, symbol, kind]);
      }
      globals[symbol].value = typeof value === 'function' ? indexOf(addToTable, table, value) : value;
    }
  }
}

/**
 * A function has one address, however many modules ask for it.
 * @param {Core['addToTable']} addToTable
 * @param {WebAssembly.Table} table
 * @param {any} value
 */
function indexOf(addToTable, table, value) {
  for (let index = 1; index < table.length; index++) if (table.get(index) === value) return index;
  return addToTable(table, value);
}
