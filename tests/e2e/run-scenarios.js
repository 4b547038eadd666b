// Runs every scenario in whatever host this is and prints the results as JSON: <host> run-scenarios.js <address of the server>.

import { contextOver, makeContext } from './context.js';
import { overOtherHeaps } from './heaps.js';
import { scenarios } from './scenarios/index.js';

const api = await import('../../dist/memory.js');
const address = process.argv[2];
const all = [
  ...scenarios.map(([name, run]) => [name, () => run(makeContext(api, address))]),
  ...overOtherHeaps(scenarios).map(([name, heap, run]) => [name, () => run(contextOver(api, address, heap))]),
];
const results = [];
for (const [name, run] of all) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, 20000, 'it took more than 20 seconds')));
  const error = await Promise.race([run().then(() => null, (error) => `${error}\n${error?.stack}`), late]);
  clearTimeout(timer);
  results.push({ name, error });
}
console.log(JSON.stringify(results));
process.exit(0);
