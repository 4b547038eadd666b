// The measurements themselves, for any host (Node, a browser): interleaved rounds over all candidates.
// A round runs every candidate once, so that whatever else the machine does falls on all of them alike.

/**
 * @typedef {object} Candidate
 * @property {string} name
 * @property {'static' | 'merged' | 'direct' | 'js' | 'wasm'} link how the harness reaches malloc
 * @property {WebAssembly.Module} program the harness; with link 'static' or 'merged' the allocator is in it
 * @property {WebAssembly.Module} [heap] the allocator otherwise
 * @property {number} [maxAlignment]
 */

/**
 * @typedef {object} Host
 * @property {() => number} clock CPU time if there is one, in microseconds
 * @property {() => Promise<void>} collect drops dead instances, so that their memories don't pile up
 * @property {(text: string) => void} progress
 */

/** @typedef {Record<string, CallableFunction>} Exports */

export const PAGE = 65536;
/** Where the harness's own tables begin, and how long they are (build.js links --global-base behind them). */
export const TABLES = PAGE;
export const TABLES_BYTES = 4 << 20;
const PIECE = 32768;  // operations handed over at a time: 256 KiB
const PIECE_BYTES = PIECE * 8;

/**
 * @typedef {object} Instance
 * @property {Exports} program
 * @property {WebAssembly.Memory} memory
 * @property {number} tables address of TABLES_BYTES for the harness
 * @property {number} heapStart first byte that is the heap's
 */

/** A fresh heap with the harness around it. @param {Candidate} candidate @returns {Instance} */
export function instantiate({ link, program, heap }) {
  if (link === 'static' || link === 'merged') {
    const exports = /** @type {any} */ (new WebAssembly.Instance(program, {}).exports);
    exports._initialize?.();
    return { program: exports, memory: exports.memory, tables: TABLES, heapStart: exports.__heap_base?.value ?? TABLES + TABLES_BYTES };
  }
  const given = new WebAssembly.Memory({ initial: (TABLES + TABLES_BYTES) / PAGE, maximum: 65536 });
  const exports = /** @type {any} */ (new WebAssembly.Instance(/** @type {WebAssembly.Module} */ (heap), { env: { memory: given } }).exports);
  exports._initialize?.();
  const memory = exports.memory ?? given;
  const instance = new WebAssembly.Instance(program, { env: { ...reach(link, exports), memory } });
  const own = memory === given;
  const before = memory.buffer.byteLength;
  const tables = own ? TABLES : exports.malloc(TABLES_BYTES);
  return { program: /** @type {any} */ (instance.exports), memory, tables, heapStart: own ? before : memory.buffer.byteLength };
}

const NAMES = ['malloc', 'free', 'calloc', 'realloc', 'aligned_alloc'];

/** The allocator's functions as the program sees them. @param {string} link @param {Exports} exports */
function reach(link, exports) {
  if (link === 'direct') return Object.fromEntries(NAMES.map((name) => [name, exports[name]]));
  if (link !== 'js') throw new Error(`no way to link called ${JSON.stringify(link)}: direct and js are known here`);
  return {
    malloc: (/** @type {number} */ bytes) => exports.malloc(bytes),
    free: (/** @type {number} */ block) => exports.free(block),
    calloc: (/** @type {number} */ count, /** @type {number} */ bytes) => exports.calloc(count, bytes),
    realloc: (/** @type {number} */ block, /** @type {number} */ bytes) => exports.realloc(block, bytes),
    aligned_alloc: (/** @type {number} */ alignment, /** @type {number} */ bytes) => exports.aligned_alloc(alignment, bytes),
  };
}

/** Bytes of memory the heap has made its own so far. @param {Instance} instance */
const footprint = (instance) => instance.memory.buffer.byteLength - instance.heapStart;

/**
 * Replays a trace once. Only the replay is timed, not the handing over of the pieces.
 * @param {Instance} instance @param {import('./trace.js').Trace} trace @param {() => number} clock
 * @param {string} [entry] the harness's function
 */
export function replay({ program, memory, tables }, trace, clock, entry = 'replay') {
  const slots = tables + PIECE_BYTES;
  if (slots + trace.slots * 4 > tables + TABLES_BYTES) throw new Error(`trace ${trace.name}: ${trace.slots} slots don't fit into the harness's tables`);
  let microseconds = 0, result = 0;
  for (let first = 0; first < trace.count; first += PIECE) {
    const count = Math.min(PIECE, trace.count - first);
    new Uint32Array(memory.buffer, tables, 2 * count).set(trace.operations.subarray(2 * first, 2 * (first + count)));
    const start = clock();
    result += program[entry](tables, count, slots);
    microseconds += clock() - start;
  }
  return { microseconds, result };
}

/**
 * @typedef {object} TraceResult
 * @property {number[]} fresh ns per operation on a heap just made, a round each
 * @property {number[]} steady ns per operation when the same heap has run the trace before
 * @property {number} bytes the heap's footprint after one replay
 * @property {number} bytesRepeated after six
 * @property {number} grows how often the memory became larger during the first replay
 * @property {number} errors blocks that were absent or damaged; 0 or the candidate is wrong
 */

/**
 * Candidates that refuse the alignments the trace asks for are left out.
 * @param {Candidate[]} all @param {import('./trace.js').Trace} trace @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, TraceResult>>}
 */
export async function measureTrace(all, trace, rounds, host) {
  const candidates = all.filter(({ maxAlignment = Infinity }) => maxAlignment >= trace.maxAlignment);
  /** @type {Record<string, TraceResult>} */
  const results = {};
  await guarded(candidates, results, (candidate) => (results[candidate.name] = observeTrace(candidate, trace, host)));
  const perOperation = (/** @type {number} */ microseconds) => microseconds * 1000 / trace.count;
  for (let round = 0; round < rounds; round++) {
    await guarded(rotated(candidates, round), results, async (candidate) => {
      const result = results[candidate.name];
      const instance = instantiate(candidate);
      result.fresh.push(perOperation(replay(instance, trace, host.clock).microseconds));
      result.steady.push(perOperation(replay(instance, trace, host.clock).microseconds));
      await host.collect();
    });
    host.progress(`${trace.name} ${round + 1}/${rounds}`);
  }
  return results;
}

/** What needs no clock; it also lets the engine compile the code for speed. @param {Candidate} candidate
 *  @param {import('./trace.js').Trace} trace @param {Host} host @returns {TraceResult} */
function observeTrace(candidate, trace, host) {
  const instance = instantiate(candidate);
  let errors = replay(instance, trace, host.clock).result;
  const bytes = footprint(instance);
  for (let repeat = 1; repeat < 6; repeat++) errors += replay(instance, trace, host.clock).result;
  const bytesRepeated = footprint(instance);
  const grows = replay(instantiate(candidate), trace, host.clock, 'replay_counting_growth').result;
  return { fresh: [], steady: [], bytes, bytesRepeated, grows, errors };
}

/**
 * @typedef {object} WorkloadResult
 * @property {number[]} steady ns per malloc or realloc with its free and checks
 * @property {number} bytes the heap's footprint afterwards
 * @property {number} errors
 */

/**
 * @param {Candidate[]} candidates @param {string} name @param {number} count @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, WorkloadResult>>}
 */
export async function measureWorkload(candidates, name, count, rounds, host) {
  /** @type {Record<string, WorkloadResult>} */
  const results = {};
  /** @type {Map<string, Instance>} */
  const instances = new Map();
  const run = (/** @type {Candidate} */ { name: candidate }) => {
    const { program, memory, tables } = /** @type {Instance} */ (instances.get(candidate));
    const start = host.clock();
    program[`workload_${name}`](tables, count);
    const microseconds = host.clock() - start;
    const [allocations, errors] = new Uint32Array(memory.buffer, tables, 2);
    return { nanoseconds: microseconds * 1000 / allocations, errors };
  };
  await guarded(candidates, results, (candidate) => {
    const instance = instantiate(candidate);
    instances.set(candidate.name, instance);
    const { errors } = run(candidate);
    run(candidate);
    results[candidate.name] = { steady: [], bytes: footprint(instance), errors };
  });
  for (let round = 0; round < rounds; round++)
    await guarded(rotated(candidates, round), results, (candidate) => results[candidate.name].steady.push(run(candidate).nanoseconds));
  instances.clear();
  await host.collect();
  host.progress(name);
  return results;
}

/** Each round begins with another candidate. @template T @param {T[]} list @param {number} by @returns {T[]} */
function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/**
 * One candidate that traps must not end the run: it is reported as failed and left out from then on.
 * @param {Candidate[]} candidates @param {Record<string, any>} results @param {(candidate: Candidate) => any} action
 */
async function guarded(candidates, results, action) {
  for (const candidate of candidates) {
    if (results[candidate.name]?.failed) continue;
    try {
      await action(candidate);
    } catch (error) {
      results[candidate.name] = { failed: String(error) };
    }
  }
}
