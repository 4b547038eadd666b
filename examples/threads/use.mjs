// Two Workers of Node hand records to each other: pointers go by message, nothing is copied.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { load } from '../../dist/memory.js';

const kRecords = 10_000;
const { handle, heap, memory } = await load(fileURLToPath(new URL('../../build/examples/threads.wasm', import.meta.url)), { heap: 'shared' });

const { port1, port2 } = new MessageChannel();
const start = (port) => new Worker(new URL('node-worker.mjs', import.meta.url), { workerData: { handle, port, records: kRecords }, transferList: [port] });
const sums = await Promise.all([start(port1), start(port2)].map((worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))));

console.log('sums of the records that each got:', sums.join(' and '));
console.log(`few pages: ${memory.buffer.byteLength < 64 * 65536}, the heap is sound: ${heap.check() === null}`);
