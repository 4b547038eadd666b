// node bench/merge/cost.js <file> <copied|rewritten> : what one merge costs, in a process of its own; prints JSON.
// "cold" is the first merge of the process, as a page has it; "warm" the best of those in a second and a half, at least twelve.

import { readFileSync } from 'node:fs';
import { merge } from '../../js/merge/index.js';

const [, , file, code] = process.argv;
const program = new Uint8Array(readFileSync(file)), heap = new Uint8Array(readFileSync(new URL('../../dist/memory.wasm', import.meta.url)));
// With nothing satisfied, no index moves; with free left to the host, the calls of the others do.
const options = { leave: (_, name) => code === 'copied' || name === 'free' };
/** CPU time: the machine does other things too. */
const milliseconds = work => {
  const start = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(start);
  return { result, time: (user + system) / 1000 };
};
const before = process.memoryUsage().arrayBuffers;
const { result, time: cold } = milliseconds(() => merge(program, heap, options));
if (result.code !== code) throw new Error(`${file}: the code was ${result.code}, not ${code}`);
const kept = process.memoryUsage().arrayBuffers - before;
let warm = Infinity;
// The engine's best compiler is done with a small merge after some hundred.
for (let i = 0, end = performance.now() + 1500; i < 12 || performance.now() < end; i++) warm = Math.min(warm, milliseconds(() => merge(program, heap, options)).time);
console.log(JSON.stringify({ bytes: program.length, merged: result.bytes.length, code, cold, warm, buffers: kept / program.length }));
