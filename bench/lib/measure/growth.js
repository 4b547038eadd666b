// How a heap grows: the footprint for little and for much, the number of memory.grow calls, and the cost of filling it.
import { footprint, instantiate } from '../instance.js';
import { guarded, rotated } from '../rounds.js';

/** @import { Candidate } from '../instance.js' */
/** @import { Host } from '../rounds.js' */

/** How many blocks of how many bytes. @type {Record<string, [number, number]>} */
const FILLS = {
  '10 x 12': [10, 12],
  '1000 x 100': [1000, 100],
  '10^5 x 64': [100_000, 64],
  '10^6 x 100': [1_000_000, 100],
};

/** @typedef {{ bytes: number, grows: number, asked: number, nanoseconds: number[] }} GrowthResult nanoseconds per block */

/**
 * @param {Candidate[]} candidates @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, Record<string, GrowthResult>>>} by fill and candidate
 */
export async function measureGrowth(candidates, rounds, host) {
  /** @type {Record<string, Record<string, GrowthResult>>} */
  const results = {};
  for (const [fill, [count, bytes]] of Object.entries(FILLS)) {
    results[fill] = {};
    for (let round = 0; round < rounds; round++) {
      await guarded(rotated(candidates, round), results[fill], async (candidate) => {
        const instance = instantiate(candidate);
        const start = host.clock();
        const grows = instance.program.fill(count, bytes);
        const nanoseconds = (host.clock() - start) * 1000 / count;
        const result = results[fill][candidate.name] ??= { bytes: footprint(instance), grows, asked: count * bytes, nanoseconds: [] };
        result.nanoseconds.push(nanoseconds);
        await host.collect();
      });
    }
    host.progress(`growth ${fill}`);
  }
  return results;
}
