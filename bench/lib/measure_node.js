// Measures in this process: node --expose-gc measure_node.js <plan.json> <results.json>
import { readFileSync, writeFileSync } from 'node:fs';
import { measureAll } from './measure/all.js';
import { readTrace } from './trace.js';

const [planFile, resultFile] = process.argv.slice(2);
/** @type {import('./measure/all.js').Plan} */
const plan = JSON.parse(readFileSync(planFile, 'utf8'));

const host = {
  engine: `Node ${process.version.slice(1)}`,
  // Of the whole process: threadCpuUsage of newer Nodes counts in the kernel's ticks of 4 ms, longer than a piece takes.
  clock() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  wall: () => performance.now(),
  warm: 100,
  browser: false,
  async collect() {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  },
  progress(/** @type {string} */ text) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  },
};

const results = await measureAll(plan, host, {
  load: async (path) => new WebAssembly.Module(readFileSync(path)),
  trace: async (file) => readTrace(file),
});
writeFileSync(resultFile, JSON.stringify(results));
