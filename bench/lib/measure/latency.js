// How long single operations take. Every operation is timed by itself, from outside, with the wall clock (nothing else
// is fine enough), so that some tens of nanoseconds of clock and call are in every figure. The same operations run
// several times on fresh heaps and the least time of each counts: a deterministic allocator does the same work each
// time, whereas an interruption by the machine seldom hits the same operation again.
import { instantiate } from '../instance.js';
import { guarded, rotated } from '../rounds.js';

/** @import { Candidate, Instance } from '../instance.js' */
/** @import { Host } from '../rounds.js' */

const OPERATIONS = 300_000;
const WARM_CALLS = 20_000;
const SHARES = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 1];

/** How many blocks are alive, more or less, and how large they are. @type {Record<string, { live: number, size: (random: number) => number }>} */
const HEAPS = {
  '10^2': { live: 100, size: mixed },
  '10^5': { live: 100_000, size: mixed },
  '10^7': { live: 10_000_000, size: (random) => 16 + random % 113 },
};

/**
 * @typedef {object} LatencyResult
 * @property {Record<string, number>} percentiles ns, of all operations
 * @property {Record<string, number>} withoutGrowth ns, of those that didn't grow the memory
 */

/**
 * @param {Candidate[]} candidates @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, Record<string, LatencyResult>>>} by live blocks and candidate
 */
export async function measureLatency(candidates, rounds, host) {
  /** @type {Record<string, Record<string, LatencyResult>>} */
  const results = {};
  for (const heap of Object.keys(HEAPS)) results[heap] = await measureHeap(candidates, heap, rounds, host);
  return results;
}

/**
 * @param {Candidate[]} candidates @param {string} heap @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, LatencyResult>>}
 */
async function measureHeap(candidates, heap, rounds, host) {
  /** @type {Record<string, any>} */
  const results = {};
  /** @type {Map<string, { least: Float64Array, grew: Uint8Array }>} */
  const observed = new Map();
  for (let round = 0; round < rounds; round++) {
    await guarded(rotated(candidates, round), results, async (candidate) => {
      const { name } = candidate;
      if (!observed.has(name)) observed.set(name, { least: new Float64Array(OPERATIONS).fill(Infinity), grew: new Uint8Array(OPERATIONS) });
      const { least, grew } = /** @type {{ least: Float64Array, grew: Uint8Array }} */ (observed.get(name));
      timeOperations(instantiate(candidate), HEAPS[heap], least, grew, host.wall);
      await host.collect();
    });
    host.progress(`latency ${heap}: ${round + 1}/${rounds}`);
  }
  for (const [name, { least, grew }] of observed)
    results[name] ??= { percentiles: percentiles(least), withoutGrowth: percentiles(least.filter((_, index) => !grew[index])) };
  return results;
}

/**
 * Half of the blocks are there at first; each operation frees a random one or, where there is none, makes one.
 * @param {Instance} instance @param {typeof HEAPS[string]} heap @param {Float64Array} least @param {Uint8Array} grew @param {() => number} wall
 */
function timeOperations({ program: { allocate, release }, memory }, { live, size }, least, grew, wall) {
  // The engine compiles the way from JavaScript into a new instance after some thousand calls: not the allocator's doing.
  for (let call = 0; call < WARM_CALLS; call++) release(allocate(16));
  const blocks = new Uint32Array(2 * live);
  let random = 1;
  const next = () => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return random >>> 0;
  };
  for (let index = 0; index < blocks.length; index += 2) blocks[index] = allocate(size(next()));
  let pages = memory.buffer.byteLength;
  for (let operation = 0; operation < OPERATIONS; operation++) {
    const index = next() % blocks.length;
    const bytes = size(next());
    const block = blocks[index];
    const start = wall();
    if (block) release(block);
    else blocks[index] = allocate(bytes);
    const nanoseconds = (wall() - start) * 1e6;
    if (block) blocks[index] = 0;
    if (nanoseconds < least[operation]) least[operation] = nanoseconds;
    if (memory.buffer.byteLength !== pages) {
      grew[operation] = 1;
      pages = memory.buffer.byteLength;
    }
  }
}

/** Mostly small, some up to 64 KiB: uniform in the logarithm, with one in 16 above 1 KiB. @param {number} random */
function mixed(random) {
  const [low, high] = random % 16 ? [3, 10] : [10, 16];
  const base = 2 ** (low + (random >>> 4) % (high - low));
  return base + (random >>> 8) % base;
}

/** @param {Float64Array} times */
function percentiles(times) {
  const sorted = times.slice().sort();
  return Object.fromEntries(SHARES.map((share) => [share === 1 ? 'most' : `${+(share * 100).toFixed(3)} %`, sorted[Math.ceil(sorted.length * share) - 1]]));
}

/** The blocks that fill the memory, of which every second one is freed, and the request that then can't be met.
 *  @type {Record<string, [number, number]>} */
const REFUSALS = { '3016 among 3000': [3000, 3016], '116 among 100': [100, 116], '64 KiB among 3000': [3000, 65536], '1 GiB among 3000': [3000, 2 ** 30] };
const REFUSED = 500;

/** @typedef {{ nanoseconds: number[] }} RefusalResult ns per refused malloc */

/**
 * What a refusal costs in a memory that can't grow.
 * @param {Candidate[]} candidates linked with a memory of 72 MB at most @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, Record<string, RefusalResult>>>} by request and candidate
 */
export async function measureRefusals(candidates, rounds, host) {
  /** @type {Record<string, Record<string, RefusalResult>>} */
  const results = {};
  for (const [request, [filling, bytes]] of Object.entries(REFUSALS)) {
    results[request] = {};
    for (let round = 0; round < Math.min(rounds, 5); round++) {
      await guarded(rotated(candidates, round), results[request], async (candidate) => {
        const { program, tables } = instantiate(candidate);
        program.fill_to_the_limit(tables, filling);
        for (let tried = 0; program.refuse(bytes, REFUSED) < REFUSED; tried++)
          if (tried > 10_000) throw new Error(`${request}: never refused`);
        const start = host.clock();
        program.refuse(bytes, REFUSED);
        const nanoseconds = (host.clock() - start) * 1000 / REFUSED;
        (results[request][candidate.name] ??= { nanoseconds: [] }).nanoseconds.push(nanoseconds);
        await host.collect();
      });
    }
    host.progress(`refusals: ${request}`);
  }
  return results;
}
