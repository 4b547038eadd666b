// `node job.mjs NAME`: one job (jobs.mjs) in Node. Run from a copy beside the packages. Prints what came out.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

globalThis.require = createRequire(import.meta.url);
const { done } = await import('./jobs.mjs');

const file = (path) => join(import.meta.dirname, 'node_modules', path);
/** In a buffer of their own. */
const bytes = async (path) => new Uint8Array(readFileSync(file(path)));
/** CPU of the process, so that others on the machine count less. */
const clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
console.log(`RESULT ${JSON.stringify(await done(process.argv[2], { file, bytes, isPage: false }, clock))}`);
