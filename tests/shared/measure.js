// What threads cost: CPU time of each thread, in rounds that take turns, the median of their ratios.
//
//     node tests/shared/measure.js [--rounds N]     prints four lines
//
// By CPU time, so that a busy machine disturbs little; it needs Node 24 (threadCpuUsage). Footprints are exact on any machine.

import { fileURLToPath } from 'node:url';
import { load } from '../../dist/memory.js';
import { loadFirst, programForOne, startWorker } from './threads.js';

const kTimes = 400_000;
const kLive = 1000;
const kThreads = 8;
const kBytes = 8e6;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const cpuOf = ({ user, system }) => (user + system) / 1000;

/** Milliseconds of CPU that the call takes on this thread. */
function cost(run) {
  const before = process.threadCpuUsage();
  run();
  return cpuOf(process.threadCpuUsage(before));
}

/** One thread: how much longer than memory.wasm, both linked directly. */
export async function oneThread(rounds) {
  const plain = await load(programForOne(), { link: 'direct' });
  const shared = await loadFirst();
  const ratios = [];
  for (let i = -1; i < rounds; i++) {
    const [a, b] = [plain, shared].map(({ exports }) => cost(() => exports.churn(i + 5, kTimes, kLive)));
    if (i >= 0) ratios.push(b / a);
  }
  return median(ratios);
}

/** Two Workers with blocks of their own: the work of both, in the CPU time of one that works alone. */
export async function twoPrivate(rounds) {
  const first = await loadFirst();
  const workers = [await startWorker(first.handle), await startWorker(first.handle)];
  const ratios = [];
  for (let i = -1; i < rounds; i++) {
    const alone = await workers[0].call('cost', 'churn', i + 5, kTimes, kLive);
    const both = await Promise.all(workers.map(({ call }, k) => call('cost', 'churn', i + 7 + k, kTimes, kLive)));
    if (i >= 0) ratios.push((2 * alone) / Math.max(...both));
  }
  await Promise.all(workers.map(({ end }) => end()));
  return median(ratios);
}

/**
 * A producer and a consumer, which take turns so that neither waits: the CPU time of one thread that does both, over theirs together. On two cores, where they
 * work at the same time, they are faster than that.
 */
export async function producerConsumer(rounds) {
  const first = await loadFirst();
  const workers = [await startWorker(first.handle), await startWorker(first.handle), await startWorker(first.handle)];
  const ring = first.exports.make_ring();
  const both = async (producer, consumer, seed) => (await producer.call('cost', 'produce', ring, seed)) + (await consumer.call('cost', 'consume', ring));
  let [alone, apart] = [0, 0]; // sums: one turn is shorter than the clock's tick
  for (let i = 0; i < rounds * 20; i++) {
    alone += await both(workers[2], workers[2], i); // one that has nothing to take back from others
    apart += await both(workers[0], workers[1], i);
  }
  await Promise.all(workers.map(({ end }) => end()));
  return alone / apart;
}

/** Eight threads with 8 MB each: how much more memory than one heap with 64 MB. */
export async function footprint() {
  const one = await load(programForOne(), { link: 'direct' });
  one.exports.fill(1, kThreads * kBytes);
  const first = await loadFirst();
  const workers = await Promise.all(Array.from({ length: kThreads - 1 }, () => startWorker(first.handle)));
  await Promise.all(workers.map(({ call }, i) => call('fill', i + 2, kBytes)));
  first.exports.fill(9, kBytes);
  await Promise.all(workers.map(({ end }) => end()));
  return first.memory.buffer.byteLength / one.memory.buffer.byteLength;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 7;
  const line = (what, value, wanted) => console.log(`${what}: ${value.toFixed(2)} (wanted: ${wanted})`);
  line('one thread, times memory.wasm', await oneThread(rounds), '<= 1.10');
  line('two Workers with their own blocks, times one', await twoPrivate(rounds), '>= 1.85');
  line('producer and consumer, of the speed of one thread doing both', await producerConsumer(rounds), '>= 0.85');
  line('footprint of 8 threads with 8 MB each, times one heap', await footprint(), '<= 1.15');
}
