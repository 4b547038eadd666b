// Measures in this process: node --expose-gc measure_node.js <plan.json> <results.json>
import { readFileSync, writeFileSync } from 'node:fs';
import { measureGrowth } from './measure/growth.js';
import { measureLatency } from './measure/latency.js';
import { measureProgram } from './measure/programs.js';
import { measureScaling } from './measure/scaling.js';
import { measureTrace } from './measure/traces.js';
import { measureWorkload } from './measure/workloads.js';
import { readTrace } from './trace.js';
import { workloads } from './workloads.js';

/** @import { Built } from './candidates.js' */
/** @import { Candidate } from './instance.js' */

/**
 * @typedef {object} Plan what to measure; nothing that is empty
 * @property {Built[]} candidates
 * @property {number} rounds
 * @property {{ directory: string, names: string[] }} traces
 * @property {string[]} workloads
 * @property {number[]} scaling counts of live blocks
 * @property {boolean} latency
 * @property {boolean} growth
 * @property {Record<string, { name: string, path: string }[]>} programs
 */

const MOST_INTERLEAVED = 1_000_000;  // more live blocks than that are measured with fewer rounds

const [planFile, resultFile] = process.argv.slice(2);
/** @type {Plan} */
const plan = JSON.parse(readFileSync(planFile, 'utf8'));

const host = {
  clock() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  wall: () => performance.now(),
  async collect() {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  },
  progress(/** @type {string} */ text) {
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : '');
  },
};

const load = (/** @type {string} */ path) => new WebAssembly.Module(readFileSync(path));
/** @type {Candidate[]} */
const candidates = plan.candidates.map((built) => ({ ...built, program: load(built.program), heap: built.heap ? load(built.heap) : undefined }));
const { rounds } = plan;

/** @type {Record<string, any>} */
const results = { engine: `Node ${process.version.slice(1)}`, rounds, traces: {}, peakLive: {}, workloads: {}, scaling: {}, programs: {} };
for (const name of plan.traces.names) {
  const trace = readTrace(plan.traces.directory, name);
  results.peakLive[name] = trace.peakLive;
  results.traces[name] = await measureTrace(candidates, trace, rounds, host);
}
for (const name of plan.workloads) results.workloads[name] = await measureWorkload(candidates, name, workloads[name], rounds, host);
if (plan.scaling.length) {
  const roomy = plan.candidates.flatMap(({ name, link, roomy }) => roomy ? { name, link, program: load(roomy) } : []);
  for (const live of plan.scaling)
    results.scaling[live] = await measureScaling(roomy, live, live > MOST_INTERLEAVED ? Math.min(rounds, 3) : rounds, host);
}
if (plan.latency) results.latency = await measureLatency(candidates, Math.max(5, rounds), host);
if (plan.growth) results.growth = await measureGrowth(candidates, Math.min(rounds, 5), host);
for (const [name, linked] of Object.entries(plan.programs))
  results.programs[name] = await measureProgram(linked.map(({ name: candidate, path }) => ({ name: candidate, module: load(path) })), name, rounds, host);
host.progress('');
writeFileSync(resultFile, JSON.stringify(results));
