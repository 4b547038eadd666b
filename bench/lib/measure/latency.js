// How long single operations take. Every operation is timed by itself, from outside, with the wall clock (nothing else
// is fine enough), so that some tens of nanoseconds of clock and call are in every figure. The same operations run
// several times on fresh heaps and the least time of each counts: a deterministic allocator does the same work each
// time, whereas an interruption by the machine seldom hits the same operation again.
import { instantiate } from '../instance.js';
import { guarded, rotated } from '../rounds.js';

/** @import { Candidate, Instance } from '../instance.js' */
/** @import { Host } from '../rounds.js' */

const OPERATIONS = 1_000_000;
const LIVE = 100_000;
const WARM_CALLS = 20_000;
const SHARES = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 1];

/**
 * @typedef {object} LatencyResult
 * @property {Record<string, number>} percentiles ns, of all operations
 * @property {Record<string, number>} withoutGrowth ns, of those that didn't grow the memory
 */

/**
 * @param {Candidate[]} candidates @param {number} rounds @param {Host & { wall: () => number }} host wall: milliseconds
 * @returns {Promise<Record<string, LatencyResult>>}
 */
export async function measureLatency(candidates, rounds, host) {
  /** @type {Record<string, any>} */
  const results = {};
  /** @type {Map<string, { least: Float64Array, grew: Uint8Array }>} */
  const observed = new Map();
  for (let round = 0; round < rounds; round++) {
    await guarded(rotated(candidates, round), results, async (candidate) => {
      const { name } = candidate;
      if (!observed.has(name)) observed.set(name, { least: new Float64Array(OPERATIONS).fill(Infinity), grew: new Uint8Array(OPERATIONS) });
      const { least, grew } = /** @type {{ least: Float64Array, grew: Uint8Array }} */ (observed.get(name));
      timeOperations(instantiate(candidate), least, grew, host.wall);
      await host.collect();
    });
    host.progress(`latency ${round + 1}/${rounds}`);
  }
  for (const [name, { least, grew }] of observed)
    results[name] ??= { percentiles: percentiles(least), withoutGrowth: percentiles(least.filter((_, index) => !grew[index])) };
  return results;
}

/** @param {Instance} instance @param {Float64Array} least @param {Uint8Array} grew @param {() => number} wall */
function timeOperations({ program: { allocate, release }, memory }, least, grew, wall) {
  // The engine compiles the way from JavaScript into a new instance after some thousand calls: not the allocator's doing.
  for (let call = 0; call < WARM_CALLS; call++) release(allocate(16));
  const blocks = new Uint32Array(LIVE);
  let random = 1, pages = memory.buffer.byteLength;
  const next = () => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return random >>> 0;
  };
  for (let operation = 0; operation < OPERATIONS; operation++) {
    const index = next() % LIVE;
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
function size(random) {
  const [low, high] = random % 16 ? [3, 10] : [10, 16];
  const base = 2 ** (low + (random >>> 4) % (high - low));
  return base + (random >>> 8) % base;
}

/** @param {Float64Array} times */
function percentiles(times) {
  const sorted = times.slice().sort();
  return Object.fromEntries(SHARES.map((share) => [share === 1 ? 'most' : `${+(share * 100).toFixed(3)} %`, sorted[Math.ceil(sorted.length * share) - 1]]));
}
