// Random operations of several threads, compared with a model that they share (model.c): no two blocks overlap, none is lost, none changes. A test runs a
// few; more, in the newest Node, by
//
//     node tests/shared/stress.js --minutes 30 [--seed N] [--workers N]

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from '../../dist/memory.js';
import { modelProgram, startWorker } from './threads.js';

const kOperations = 50_000;

/** Runs until `goesOn` says no, in rounds of operations for each thread. Throws what was wrong, with the seed. */
export async function stress({ workers: count, seed, goesOn, report = () => {} }) {
  const first = await load(modelProgram(), { heap: 'shared' });
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker(first.handle)));
  const stacks = await Promise.all(workers.map(({ call }) => call('inUse')));
  const expect = (found, wanted, what, round) => {
    if (found !== wanted) throw new Error(`${what}: ${found} instead of ${wanted} (seed ${seed}, round ${round}, ${count} Workers)`);
  };
  let round = 0;
  for (; goesOn(round); round++) {
    const at = seed + round * (count + 1);
    const work = workers.map(({ call }, i) => call('operate', at + i, kOperations));
    const wrong = [first.exports.operate(at + count, kOperations), ...(await Promise.all(work))];
    expect(String(wrong), String(wrong.map(() => 0)), 'what each thread found wrong', round);
    expect(first.exports.finish(), 0, 'units that are still in use', round);
    for (const [i, { call }] of workers.entries()) {
      expect(await call('inUse'), stacks[i], 'bytes of a Worker in use', round);
      expect(await call('check'), null, 'a heap of a Worker', round);
    }
    first.heap.trim();
    expect(first.heap.inUse, 0, 'bytes of the first thread in use', round);
    expect(first.heap.check(), null, 'the heap of the first thread', round);
    report((round + 1) * kOperations * (count + 1), first.memory.buffer.byteLength / 65536);
  }
  await Promise.all(workers.map(({ end }) => end()));
  return { operations: round * kOperations * (count + 1), pages: first.memory.buffer.byteLength / 65536 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' }, workers: { type: 'string', default: '3' } } });
  const began = performance.now();
  const minutes = () => (performance.now() - began) / 60_000;
  let told = 0;
  const report = (operations, pages) => minutes() > told && console.log(`${(told = Math.ceil(minutes()))} min: ${operations} operations, ${pages} pages`);
  const { operations, pages } = await stress({ workers: Number(values.workers), seed: Number(values.seed), goesOn: () => minutes() < Number(values.minutes), report });
  console.log(`${operations} operations of ${Number(values.workers) + 1} threads in ${minutes().toFixed(1)} minutes, seed ${values.seed}: nothing wrong, ${pages} pages`);
}
