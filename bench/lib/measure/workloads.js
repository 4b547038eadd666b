// The synthetic workloads, on a heap that has run the workload before.
import { footprint, instantiate } from '../instance.js';
import { guarded, rotated, warmUp } from '../rounds.js';

/** @import { Candidate, Instance } from '../instance.js' */
/** @import { Host } from '../rounds.js' */

const PIECES = 10;  // of a run in a browser: most are over before something interrupts them

/**
 * @typedef {object} WorkloadResult
 * @property {number[]} steady ns per malloc or realloc with its free and checks; in a browser more and shorter runs
 * @property {number} bytes the heap's footprint afterwards
 * @property {number} errors
 */

/**
 * @param {Candidate[]} candidates @param {string} name @param {number} full allocations of a run @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, WorkloadResult>>}
 */
export async function measureWorkload(candidates, name, full, rounds, host) {
  const count = host.browser ? full / PIECES : full;
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
    warmUp(host, () => run(candidate));
    results[candidate.name] = { steady: [], bytes: footprint(instance), errors };
  });
  for (let round = 0; round < (host.browser ? rounds * PIECES : rounds); round++)
    await guarded(rotated(candidates, round), results, (candidate) => results[candidate.name].steady.push(run(candidate).nanoseconds));
  instances.clear();
  await host.collect();
  host.progress(name);
  return results;
}
