// Carries out a plan, in any host.
import { measureGrowth } from './growth.js';
import { measureLatency, measureRefusals } from './latency.js';
import { measurePhases } from './phases.js';
import { measureProgram } from './programs.js';
import { measureScaling } from './scaling.js';
import { measureTrace } from './traces.js';
import { measureWorkload } from './workloads.js';
import { workloads } from '../workloads.js';

/** @import { Built } from '../candidates.js' */
/** @import { Candidate } from '../instance.js' */
/** @import { Host } from '../rounds.js' */
/** @import { Trace, TraceFile } from '../trace.js' */

/**
 * @typedef {object} Plan what to measure; nothing that is empty
 * @property {Built[]} candidates
 * @property {number} rounds
 * @property {TraceFile[]} traces
 * @property {string[]} workloads
 * @property {number[]} scaling counts of live blocks
 * @property {boolean} phases
 * @property {boolean} latency
 * @property {boolean} growth
 * @property {Record<string, { name: string, path: string }[]>} programs
 */

/**
 * @typedef {object} Files how the host gets at what the plan names
 * @property {(path: string) => Promise<WebAssembly.Module>} load
 * @property {(file: TraceFile) => Promise<Trace>} trace
 */

const MOST_INTERLEAVED = 1_000_000;  // more live blocks than that are measured with fewer rounds

/**
 * @param {Plan} plan @param {Host & { engine: string }} host @param {Files} files
 * @returns {Promise<Record<string, any>>}
 */
export async function measureAll(plan, host, { load, trace: readTrace }) {
  const { rounds } = plan;
  const maybe = async (/** @type {string | undefined} */ path) => path ? load(path) : undefined;
  /** @type {Candidate[]} */
  const candidates = [];
  for (const built of plan.candidates)
    candidates.push({ ...built, program: await load(built.program), heap: await maybe(built.heap), trampolines: await maybe(built.trampolines) });

  const general = candidates.filter(({ only }) => !only);

  /** @type {Record<string, any>} */
  const results = { engine: host.engine, rounds, traces: {}, peakLive: {}, workloads: {}, scaling: {}, programs: {} };
  for (const file of plan.traces) {
    const trace = await readTrace(file);
    results.peakLive[trace.name] = trace.peakLive;
    results.traces[trace.name] = await measureTrace(general, trace, rounds, host);
  }
  for (const name of plan.workloads)
    results.workloads[name] = await measureWorkload(candidates.filter(({ only }) => !only || only.includes(name)), name, workloads[name], rounds, host);
  /** The same candidates, linked another way. @param {'roomy' | 'limited'} variant */
  const linkedAs = async (variant) => {
    const linked = [];
    for (const { name, link, [variant]: path } of plan.candidates) if (path) linked.push({ name, link, program: await load(path) });
    return linked;
  };
  if (plan.scaling.length) {
    const roomy = await linkedAs('roomy');
    for (const live of plan.scaling)
      results.scaling[live] = await measureScaling(roomy, live, live > MOST_INTERLEAVED ? Math.min(rounds, 3) : rounds, host);
  }
  if (plan.phases) results.phases = await measurePhases(general, Math.min(rounds, 3), host);
  if (plan.latency) {
    results.latency = await measureLatency(general.filter(({ link }) => link === 'static'), Math.max(5, rounds), host);
    results.refusals = await measureRefusals(await linkedAs('limited'), rounds, host);
  }
  if (plan.growth) results.growth = await measureGrowth(general, Math.min(rounds, 5), host);
  for (const [name, linked] of Object.entries(plan.programs)) {
    const modules = [];
    for (const { name: candidate, path } of linked) modules.push({ name: candidate, module: await load(path) });
    results.programs[name] = await measureProgram(modules, name, rounds, host);
  }
  host.progress('');
  return results;
}
