// Replays of recorded traces: on a heap just made, and on one that has run the trace before.
import { TABLES_BYTES, footprint, instantiate } from '../instance.js';
import { guarded, rotated, warmUp } from '../rounds.js';

/** @import { Candidate, Instance } from '../instance.js' */
/** @import { Host } from '../rounds.js' */
/** @import { Trace } from '../trace.js' */

const PIECE = 32768;  // operations handed over at a time: 256 KiB
const PIECE_BYTES = PIECE * 8;
const GROUP = 4;  // pieces whose time is kept together: a browser's clock has steps of up to 20 microseconds

/**
 * Replays a trace once. Only the replay is timed, not the handing over of the pieces.
 * @param {Instance} instance @param {Trace} trace @param {() => number} clock
 * @param {string} [entry] the harness's function
 */
export function replay({ program, memory, tables }, trace, clock, entry = 'replay') {
  const slots = tables + PIECE_BYTES;
  if (slots + trace.slots * 4 > tables + TABLES_BYTES) throw new Error(`trace ${trace.name}: ${trace.slots} slots don't fit into the harness's tables`);
  /** @type {number[]} */
  const groups = [];
  let result = 0;
  for (let first = 0; first < trace.count; first += PIECE) {
    const count = Math.min(PIECE, trace.count - first);
    new Uint32Array(memory.buffer, tables, 2 * count).set(trace.operations.subarray(2 * first, 2 * (first + count)));
    const start = clock();
    result += program[entry](tables, count, slots);
    const group = Math.floor(first / PIECE / GROUP);
    groups[group] = (groups[group] ?? 0) + clock() - start;
  }
  return { groups, result };
}

/**
 * @typedef {object} TraceResult
 * @property {number[]} fresh ns per operation on a heap just made, a round each; none in a browser
 * @property {number[]} steady ns per operation when the same heap has run the trace before
 * @property {{ fresh: number, steady: number }} least the same from the least time of each group of pieces over all rounds: most of
 *   these are over before anything else that the machine does gets in between
 * @property {number} bytes the heap's footprint after one replay
 * @property {number} bytesRepeated after six
 * @property {number} [grows] how often the memory became larger during the first replay
 * @property {number} errors blocks that were absent or damaged; 0 or the candidate is wrong
 */

/**
 * Candidates that refuse the alignments the trace asks for are left out.
 * @param {Candidate[]} all @param {Trace} trace @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, TraceResult>>}
 */
export async function measureTrace(all, trace, rounds, host) {
  const candidates = all.filter(({ maxAlignment = Infinity }) => maxAlignment >= trace.maxAlignment);
  /** @type {Record<string, TraceResult>} */
  const results = {};
  /** @type {Map<string, Instance>} */
  const used = new Map();
  await guarded(candidates, results, (candidate) => {
    const instance = instantiate(candidate);
    results[candidate.name] = observeTrace(candidate, instance, trace, host);
    if (host.browser) used.set(candidate.name, instance);
  });
  const fresh = new Times(trace.count), steady = new Times(trace.count);
  for (let round = 0; round < rounds; round++) {
    await guarded(rotated(candidates, round), results, async (candidate) => {
      const { name } = candidate, instance = used.get(name) ?? instantiate(candidate);
      if (!host.browser) fresh.add(name, replay(instance, trace, host.clock));
      steady.add(name, replay(instance, trace, host.clock));
      await host.collect();
    });
    host.progress(`${trace.name} ${round + 1}/${rounds}`);
  }
  for (const [name, result] of Object.entries(results))
    if (!('failed' in result)) Object.assign(result, { fresh: fresh.rounds(name), steady: steady.rounds(name), least: { fresh: fresh.least(name), steady: steady.least(name) } });
  return results;
}

/** What the replays of each candidate took, in ns per operation. */
class Times {
  /** By candidate and round, the microseconds of each group. @type {Map<string, number[][]>} */
  #replays = new Map();

  /** @param {number} operations of a replay */
  constructor(operations) {
    this.operations = operations;
  }

  /** @param {string} name @param {{ groups: number[] }} replay */
  add(name, { groups }) {
    this.#replays.set(name, [...this.#replays.get(name) ?? [], groups]);
  }

  /** @param {string} name */
  rounds(name) {
    return (this.#replays.get(name) ?? []).map((groups) => this.#perOperation(groups));
  }

  /** @param {string} name */
  least(name) {
    const replays = this.#replays.get(name) ?? [];
    return replays.length ? this.#perOperation(replays[0].map((_, group) => Math.min(...replays.map((groups) => groups[group])))) : NaN;
  }

  /** @param {number[]} groups */
  #perOperation(groups) {
    return groups.reduce((sum, each) => sum + each, 0) * 1000 / this.operations;
  }
}

/** What needs no clock. @param {Candidate} candidate @param {Instance} instance of it @param {Trace} trace @param {Host} host
 *  @returns {TraceResult} */
function observeTrace(candidate, instance, trace, host) {
  let errors = replay(instance, trace, host.clock).result;
  const bytes = footprint(instance);
  for (let repeat = 1; repeat < 6; repeat++) errors += replay(instance, trace, host.clock).result;
  const bytesRepeated = footprint(instance);
  warmUp(host, () => replay(instance, trace, host.clock));
  const grows = !host.browser ? replay(instantiate(candidate), trace, host.clock, 'replay_counting_growth').result : undefined;
  return { fresh: [], steady: [], least: { fresh: NaN, steady: NaN }, bytes, bytesRepeated, grows, errors };
}
