// Runs scenarios in whatever host this is and prints the results as JSON: <host> run-scenarios.js <address of the server> [file] [area...]. The file is
// what is tested, default dist/memory.js; the areas are those of scenarios/index.js, default all.

import { contextOver, makeContext } from './context.js';
import { overOtherHeaps } from './heaps.js';
import { scenarios } from './scenarios/index.js';

const [address, file = 'dist/memory.js', ...areas] = process.argv.slice(2);
const api = await import(`../../${file}`);
const all = [
  ...scenarios.map(([name, run]) => [name, () => run(makeContext(api, address))]),
  ...overOtherHeaps(scenarios).map(([name, heap, run]) => [name, () => run(contextOver(api, address, heap))]),
];
const results = [];
for (const [name, run] of all.filter(([name]) => areas.length === 0 || areas.includes(name.split(':')[0]))) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, 20000, 'it took more than 20 seconds')));
  const error = await Promise.race([run().then(() => null, (error) => `${error}\n${error?.stack}`), late]);
  clearTimeout(timer);
  results.push({ name, error });
}
console.log(JSON.stringify(results));
process.exit(0);
