// The cost of replacing one small block when 10^2 to 10^7 of them are alive; beside it the cost of only touching the
// same blocks, which the caches decide and no allocator can better.
import { instantiate } from '../instance.js';
import { guarded, rotated } from '../rounds.js';

/** @import { Candidate } from '../instance.js' */
/** @import { Host } from '../rounds.js' */

const REPLACED = 500_000;

/** @typedef {{ steady: number[], touch: number[], errors: number }} ScalingResult ns per block replaced, ns per block touched */

/**
 * @param {Candidate[]} candidates linked with tables large enough: 4 bytes per live block
 * @param {number} live @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, ScalingResult>>}
 */
export async function measureScaling(candidates, live, rounds, host) {
  /** @type {Record<string, ScalingResult>} */
  const results = Object.fromEntries(candidates.map(({ name }) => [name, { steady: [], touch: [], errors: 0 }]));
  for (let round = 0; round < rounds; round++) {
    await guarded(rotated(candidates, round), results, async (candidate) => {
      const { program, tables } = instantiate(candidate);
      const result = results[candidate.name];
      program.scaling_fill(tables, live);
      result.errors += program.scaling_replace(tables, live, REPLACED, 2);  // away from the order of filling
      const start = host.clock();
      result.errors += program.scaling_replace(tables, live, REPLACED, 3);
      const middle = host.clock();
      result.errors += program.scaling_touch(tables, live, REPLACED, 4);
      result.steady.push((middle - start) * 1000 / REPLACED);
      result.touch.push((host.clock() - middle) * 1000 / REPLACED);
      await host.collect();
    });
    host.progress(`scaling ${live}: ${round + 1}/${rounds}`);
  }
  return results;
}
