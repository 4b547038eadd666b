// A candidate brought to life: the harness around a fresh heap, in any host.

/**
 * @typedef {object} Candidate
 * @property {string} name
 * @property {'static' | 'merged' | 'direct' | 'js' | 'wasm'} link how the harness reaches malloc
 * @property {WebAssembly.Module} program the harness; with link 'static' or 'merged' the allocator is in it
 * @property {WebAssembly.Module} [heap] the allocator otherwise
 * @property {WebAssembly.Module} [trampolines] between them with link 'wasm'
 * @property {string[]} [only] the only workloads it can run; no trace then
 * @property {number} [maxAlignment]
 */

/** @typedef {Record<string, CallableFunction>} Exports */

export const PAGE = 65536;
/** Where the harness's own tables begin, and how long they are (build.js links --global-base behind them). */
export const TABLES = PAGE;
export const TABLES_BYTES = 4 << 20;

/**
 * @typedef {object} Instance
 * @property {Exports} program
 * @property {WebAssembly.Memory} memory
 * @property {number} tables address of TABLES_BYTES for the harness
 * @property {number} heapStart first byte that is the heap's
 */

/** A fresh heap with the harness around it. @param {Candidate} candidate @returns {Instance} */
export function instantiate({ link, program, heap, trampolines }) {
  if (link === 'static' || link === 'merged') {
    const exports = /** @type {any} */ (new WebAssembly.Instance(program, {}).exports);
    exports._initialize?.();
    return { program: exports, memory: exports.memory, tables: TABLES, heapStart: exports.__heap_base?.value ?? TABLES + TABLES_BYTES };
  }
  const given = new WebAssembly.Memory({ initial: (TABLES + TABLES_BYTES) / PAGE, maximum: 65536 });
  const exports = /** @type {any} */ (new WebAssembly.Instance(/** @type {WebAssembly.Module} */ (heap), { env: { memory: given } }).exports);
  exports._initialize?.();
  const memory = exports.memory ?? given;
  const instance = new WebAssembly.Instance(program, { env: { ...reach(link, exports, trampolines), memory } });
  const own = memory === given;
  const before = memory.buffer.byteLength;
  const tables = own ? TABLES : exports.malloc(TABLES_BYTES);
  return { program: /** @type {any} */ (instance.exports), memory, tables, heapStart: own ? before : memory.buffer.byteLength };
}

const NAMES = ['malloc', 'free', 'calloc', 'realloc', 'aligned_alloc'];

/** The allocator's functions as the program sees them. @param {string} link @param {Exports} exports @param {WebAssembly.Module} [trampolines] */
function reach(link, exports, trampolines) {
  switch (link) {
    case 'direct':
      return Object.fromEntries(NAMES.map((name) => [name, exports[name]]));
    case 'wasm':
      return throughTable(exports, /** @type {WebAssembly.Module} */ (trampolines));
    case 'js':
      return throughJavaScript(exports);
    default:
      throw new Error(`no way to link called ${JSON.stringify(link)}: expected direct, wasm, js or merged`);
  }
}

/** @param {Exports} exports @param {WebAssembly.Module} trampolines */
function throughTable(exports, trampolines) {
  const { table, ...functions } = /** @type {any} */ (new WebAssembly.Instance(trampolines).exports);
  NAMES.forEach((name, index) => table.set(index, exports[name]));
  return functions;
}

/** @param {Exports} exports @returns {Record<string, (...values: number[]) => number>} */
function throughJavaScript(exports) {
  return {
    malloc: (bytes) => exports.malloc(bytes),
    free: (block) => exports.free(block),
    calloc: (count, bytes) => exports.calloc(count, bytes),
    realloc: (block, bytes) => exports.realloc(block, bytes),
    aligned_alloc: (alignment, bytes) => exports.aligned_alloc(alignment, bytes),
  };
}

/** Bytes of memory the heap has made its own so far. @param {Instance} instance */
export const footprint = (instance) => instance.memory.buffer.byteLength - instance.heapStart;
