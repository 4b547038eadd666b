// Measures in this process: node --expose-gc measure_node.js <plan.json> <results.json>
import { readFileSync, writeFileSync } from 'node:fs';
import { measureTrace, measureWorkload } from './measure.js';
import { readTrace } from './trace.js';
import { workloads } from './workloads.js';

const [planFile, resultFile] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(planFile, 'utf8'));

/** @type {import('./measure.js').Host} */
const host = {
  clock() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  async collect() {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  },
  progress(text) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  },
};

const load = (/** @type {string} */ path) => new WebAssembly.Module(readFileSync(path));
const candidates = plan.candidates.map((/** @type {any} */ built) => ({
  ...built, program: load(built.program), heap: built.heap && load(built.heap),
}));

/** @type {Record<string, any>} */
const results = { engine: `Node ${process.version.slice(1)}`, rounds: plan.rounds, traces: {}, peakLive: {}, workloads: {} };
for (const name of plan.traces.names) {
  const trace = readTrace(plan.traces.directory, name);
  results.peakLive[name] = trace.peakLive;
  results.traces[name] = await measureTrace(candidates, trace, plan.rounds, host);
}
for (const name of plan.workloads)
  results.workloads[name] = await measureWorkload(candidates, name, workloads[name], plan.rounds, host);
host.progress('');
writeFileSync(resultFile, JSON.stringify(results));
