// Phases of one small size each, of which few blocks survive: how many pages the survivors pin (harness/phases.c).
import { footprint, instantiate } from '../instance.js';
import { guarded, rotated } from '../rounds.js';

/** @import { Candidate } from '../instance.js' */
/** @import { Host } from '../rounds.js' */

/** Whether the sizes fall, and that one block in so many survives. @type {Record<string, [number, number]>} */
const PATTERNS = { 'up 1/256': [0, 256], 'up 1/64': [0, 64], 'down 1/256': [1, 256], 'down 1/64': [1, 64] };

/** @typedef {{ bytes: number, errors: number, milliseconds: number[] }} PhasesResult bytes: the footprint at the end */

/**
 * @param {Candidate[]} candidates @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, Record<string, PhasesResult>>>} by pattern and candidate
 */
export async function measurePhases(candidates, rounds, host) {
  /** @type {Record<string, Record<string, PhasesResult>>} */
  const results = {};
  for (const [pattern, [falling, oneOf]] of Object.entries(PATTERNS)) {
    results[pattern] = {};
    for (let round = 0; round < rounds; round++) {
      await guarded(rotated(candidates, round), results[pattern], async (candidate) => {
        const instance = instantiate(candidate);
        const start = host.clock();
        const errors = instance.program.phases(instance.tables, falling, oneOf);
        const milliseconds = (host.clock() - start) / 1000;
        const result = results[pattern][candidate.name] ??= { bytes: footprint(instance), errors, milliseconds: [] };
        result.milliseconds.push(milliseconds);
        await host.collect();
      });
    }
    host.progress(`phases ${pattern}`);
  }
  return results;
}
