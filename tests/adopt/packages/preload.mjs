// `node --import preload.mjs job.mjs NAME`: adopts what the job loads (adopting.mjs); with ADOPT=no it only notes it.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { adoptAll } from './adopting.mjs';

const heap = process.env.ADOPT === 'no' ? undefined : new Uint8Array(readFileSync(new URL('../../../dist/memory.wasm', import.meta.url)));
const clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
adoptAll(heap, clock, (bytes) => createHash('sha256').update(bytes).digest('hex'));
