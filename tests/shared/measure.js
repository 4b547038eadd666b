// What threads cost: the shared heap, loaded and linked in, beside memory.wasm's heap behind one lock (bench/locked) and Emscripten's malloc for
// threads, where Debian's package emscripten is installed.
//
//     node tests/shared/measure.js [--rounds N]     prints a table, and as its last line JSON
//
// In rounds that take turns: the medians. By the clock, in pieces so short that another process seldom comes between; what two Workers do at the same
// time also by the CPU time of each, which a busy machine lengthens less. But a thread that waits for a lock sleeps: there the clock counts, and two
// idle cores. What two Workers with a memory each reach is all that the machine gives.
// The queue from a producer to a consumer costs time of its own, between two cores more than within one thread. It is measured alone, with a malloc that
// does next to nothing (nothing.c), and once left out of both times. It needs Node 24 (threadCpuUsage). Footprints are exact anywhere.

import { load } from '../../dist/memory.js';
import { firstThread, hasEmscripten, linkedProgram, linkedProgramForOne } from './linked.js';
import { costOf } from './serve.js';
import { loadFirst, programForOne, startWorker, workerOf } from './threads.js';

const kTimes = 200_000; // of one thread
const kLongTimes = 2_000_000; // of Workers at the same time
const kLive = 1000;
const kQueue = 16384; // of worker.c
const kBlocks = 64 * kQueue;
const kThreads = 8;
const kBytes = 8e6;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

async function loaded() {
  const { exports, memory, handle } = await loadFirst();
  return { exports, memory, start: () => startWorker(handle) };
}

/** @param {'shared' | 'locked' | 'nothing' | 'emscripten'} heap */
const linked = (heap) => async () => {
  const { exports, memory, next } = firstThread(linkedProgram(heap));
  return { exports, memory, start: () => workerOf('linked-worker.js', next()) };
};

const forOne = async () => (await load(programForOne(), { link: 'direct' })).exports;
const linkedForOne = async () => new WebAssembly.Instance(linkedProgramForOne()).exports;

/** Each heap: how a program with threads starts on it, and the program for one thread that it is compared with. */
const kHeaps = {
  'memory.shared.wasm': { begin: loaded, plain: forOne },
  'libmemory-shared.a': { begin: linked('shared'), plain: linkedForOne },
  'memory.wasm, one lock': { begin: linked('locked'), plain: linkedForOne },
  ...(hasEmscripten && { 'Emscripten, -pthread': { begin: linked('emscripten'), plain: linkedForOne } }),
};

/** One thread: how much longer than memory.wasm, loaded or linked in like it. */
async function oneThread({ begin, plain }, rounds) {
  const programs = [await plain(), (await begin()).exports];
  const ratios = [];
  for (let i = -1; i < rounds * 12; i++) {
    const [before, now] = programs.map((exports) => costOf(() => exports.churn(i + 5, kTimes, kLive)).wall);
    if (i >= 0) ratios.push(now / before);
  }
  return median(ratios);
}

/** Two Workers with blocks of their own: the work of both, in the time of one that works alone. */
async function twoWorkers(workers, rounds) {
  const ratios = [];
  for (let i = -1; i < rounds; i++) {
    const alone = await workers[0].call('cost', 'churn', i + 5, kLongTimes, kLive);
    const both = await Promise.all(workers.map(({ call }, k) => call('cost', 'churn', i + 7 + k, kLongTimes, kLive)));
    if (i >= 0) ratios.push(['cpu', 'wall'].map((clock) => (2 * alone[clock]) / Math.max(...both.map((cost) => cost[clock]))));
  }
  await Promise.all(workers.map(({ end }) => end()));
  return { cpu: median(ratios.map(([cpu]) => cpu)), wall: median(ratios.map(([, wall]) => wall)) };
}

async function twoPrivate({ begin }, rounds) {
  const { start } = await begin();
  return twoWorkers([await start(), await start()], rounds);
}

/** What the machine does for two Workers that share nothing. */
async function twoMemories(rounds) {
  const programs = [await kHeaps['libmemory-shared.a'].begin(), await kHeaps['libmemory-shared.a'].begin()];
  return twoWorkers(await Promise.all(programs.map(({ start }) => start())), rounds);
}

/**
 * A thread that makes blocks and one that frees them: the time of one thread that does both, over theirs. `turns`: each waits for the other; `ratio`: they
 * work at the same time, and `ns` is their time for a block, `one` that of the one thread.
 */
async function producerConsumer({ begin }, rounds) {
  const { exports, start } = await begin();
  const [producer, consumer, alone] = [await start(), await start(), await start()];
  const queue = exports.make_queue();
  const produce = (i, count) => producer.call('cost', 'produce', queue, i, count);
  const consume = (count) => consumer.call('cost', 'consume', queue, count);
  const doBoth = async (i, count) => (await alone.call('cost', 'make_and_free', queue, i, count)).wall; // has nothing to take back from others
  const together = async (i) => {
    exports.restart(queue);
    return Math.max(...(await Promise.all([produce(i, kBlocks), consume(kBlocks)])).map(({ wall }) => wall));
  };
  const inTurns = async (i) => {
    exports.restart(queue);
    return (await produce(i, kQueue)).wall + (await consume(kQueue)).wall;
  };
  const turns = [];
  for (let i = 0; i < rounds * 30; i++) turns.push((await doBoth(i, kQueue)) / (await inTurns(i)));
  const times = [];
  for (let i = 0; i < rounds; i++) times.push([await doBoth(i, kBlocks), await together(i)]);
  await Promise.all([producer, consumer, alone].map(({ end }) => end()));
  const ratio = median(times.map(([one, both]) => one / both));
  const [one, ns] = [0, 1].map((i) => (median(times.map((pair) => pair[i])) * 1e6) / kBlocks);
  return { turns: median(turns), ratio, one, ns };
}

/** Eight threads with 8 MB each: how much more memory than memory.wasm with 64 MB in one thread. */
async function footprint({ begin, plain }) {
  const one = await plain();
  one.fill(1, kThreads * kBytes);
  const { exports, memory, start } = await begin();
  const workers = await Promise.all(Array.from({ length: kThreads - 1 }, start));
  await Promise.all(workers.map(({ call }, i) => call('fill', i + 2, kBytes)));
  exports.fill(9, kBytes);
  await Promise.all(workers.map(({ end }) => end()));
  return memory.buffer.byteLength / one.memory.buffer.byteLength;
}

/** The ratio of a producer and a consumer at the same time, without what the queue takes of both times. */
const withoutQueue = ({ one, ns }, queue) => (one - queue.one) / (ns - queue.ns);

const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 7;
const figures = {};
console.log('| | one thread, x memory.wasm | two Workers, x one: CPU time | by the clock | producer and consumer, x one thread: in turns | at the same time | at the same time, without the queue | ns a block | footprint of 8 threads, x one heap |');
console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|');
const queue = await producerConsumer({ begin: linked('nothing') }, rounds);
for (const [name, heap] of Object.entries(kHeaps)) {
  const one = await oneThread(heap, rounds);
  const two = await twoPrivate(heap, rounds);
  const pair = await producerConsumer(heap, rounds);
  const { turns, ratio, ns } = pair;
  const own = withoutQueue(pair, queue);
  figures[name] = { one, two, turns, ratio, own, ns, footprint: await footprint(heap) };
  console.log(`| ${[name, ...[one, two.cpu, two.wall, turns, ratio, own].map((value) => value.toFixed(2)), ns.toFixed(0), figures[name].footprint.toFixed(2)].join(' | ')} |`);
}
const apart = await twoMemories(rounds);
console.log(`| two Workers with a memory each | | ${apart.cpu.toFixed(2)} | ${apart.wall.toFixed(2)} | | | | | |`);
console.log(`| the queue alone | | | | ${queue.turns.toFixed(2)} | ${queue.ratio.toFixed(2)} | | ${queue.ns.toFixed(0)} | |`);
if (!hasEmscripten) console.log('Emscripten is not installed (Debian: emscripten), so its malloc is not measured.');
console.log(JSON.stringify({ ...figures, apart, queue }));
