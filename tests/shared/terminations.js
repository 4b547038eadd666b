// Workers that are terminated in the middle of their work, while others go on: nobody may wait for the dead, and what they left must be
// sound. A test runs a few; more by
//
//     node tests/shared/terminations.js 1000
//
// Where the host has no locks (Node before 24), the test says that the thread is gone.

import { fileURLToPath } from 'node:url';
import { loadFirst, startWorker } from './threads.js';

const kSlots = 300;

/** How many heaps did not pass their check, and the highest number of a heap: heaps that are taken over need no new number. */
export async function terminations({ times, report = () => {} }) {
  const first = await loadFirst();
  const slots = first.exports.slots(kSlots);
  const start = async (seed) => {
    const worker = await startWorker(first.handle);
    worker.call('exchange', slots, kSlots, seed, 2 ** 31).catch(() => {});
    return worker;
  };
  const workers = [await start(1), await start(2), await start(3)];
  let most = 0;
  for (let i = 0; i < times; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5 + (i * 7) % 20));
    const index = i % workers.length;
    const { number, end } = workers[index];
    await end();
    if (!globalThis.navigator?.locks) first.thread.ended(number);
    if (first.exports.exchange(slots, kSlots, 1000 + i, 2000) !== 0) throw new Error('a block was damaged');
    workers[index] = await start(10 + i);
    most = Math.max(most, workers[index].number);
    report(i + 1, most);
  }
  await Promise.all(workers.map(({ end }) => end()));
  const { heap_shared_status: status, heap_shared_state: state } = first.heap.exports;
  const lost = Array.from({ length: 254 }, (_, i) => status(state(), i + 1)).filter((found) => found === 4).length;
  if (first.heap.check()) throw new Error(first.heap.check().message);
  return { lost, most, pages: first.memory.buffer.byteLength / 65536 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const times = Number(process.argv[2] ?? 1000);
  const began = performance.now();
  const found = await terminations({ times, report: (done, most) => done % 100 === 0 && console.log(`${done} terminated, ${most} heaps`) });
  console.log(`${times} terminations in ${((performance.now() - began) / 1000).toFixed(0)} s: ${found.lost} heaps lost, ${found.most} heaps, ${found.pages} pages`);
}
