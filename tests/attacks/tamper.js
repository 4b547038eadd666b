// Tampering: words of the heap's own metadata are overwritten, one, two or three at a time, or a whole range of predictable bytes; then
// the program goes on. What came of it is counted.
//
//     node tests/attacks/tamper.js [--words 1|2|3|range] [--trials N] [--seed S] [--full]
//
// --full with --words 1 changes each word in turn, in each way.

import { parseArgs } from 'node:util';
import { isMainThread, parentPort, workerData, Worker } from 'node:worker_threads';
import { layout as L } from './layout.js';
import { isCorrupt, outcomeOf, randomNumbers, use, warmUp, World } from './world.js';

const kOperations = 500;
const kPatience = 20_000; // ms that one trial may take

/** Where the heap has metadata: { address, kind }. */
export function metadata(world) {
  const words = [];
  const add = (kind, address, count = 1) => {
    for (let i = 0; i < count; i++) words.push({ kind, address: address + 4 * i });
  };
  add('state: guard', world.field('guard'), 2);
  add('state: map', world.field('map_entries'), 3);
  add('state: active words', world.field('nothing'), 2 + 2 * L.slot_classes);
  add('state: classes', world.field('classes'), (L.slot_classes * L.class_bytes) / 4);
  add('state: counts', world.field('cell_count'), (L.chunks - L.cell_count) / 4);
  add('state: top, regions, nonce', world.field('chunks'), (L.bin_maps - L.chunks) / 4);
  add('state: bins', world.field('bin_maps'), (L.state_bytes - L.bin_maps) / 4);
  for (const region of world.regions()) add('region', region, L.region_bytes / 4);
  add('map entry', world.read(world.field('map_entries')), world.read(world.field('map_count')));
  for (const cell of world.cells()) {
    add('cell: links, base, countdown', cell, L.cell_shape / 4);
    add('cell: shape', cell + L.cell_shape, 2);
    add('cell: free bits', cell + L.cell_free, (L.free_bits_bytes / 4) * L.words_of(world.classOf(cell)));
  }
  addChunks(world, add);
  return words;
}

/** The tags of the chunks, found as the heap's own walk does: by their sizes. */
function addChunks(world, add) {
  for (const region of world.regions()) {
    const fence = world.read(region + L.region_end) - 4;
    for (let chunk = region + L.region_bytes; chunk < fence; ) {
      const head = world.read(chunk);
      const size = head & ~L.flags;
      const isFree = !(head & L.in_use);
      const isTop = chunk === world.read(world.field('top'));
      add(isTop ? 'top: head' : isFree ? 'free chunk: head' : 'chunk in use: head', chunk);
      if (isFree && !isTop) add('free chunk: links', chunk + 4, 2);
      if (!isTop) add(isFree ? 'free chunk: foot' : 'chunk in use: seal', chunk + size - 4);
      chunk += size;
    }
    add('fence', fence);
  }
}

/** A new value for a word. */
function changed(old, words, random) {
  switch (random(5)) {
    case 0:
      return random(2 ** 32);
    case 1:
    case 2:
      return (old ^ (1 << random(32))) >>> 0;
    case 3:
      return (random(2) ? old + 16 : old - 16) >>> 0;
    default:
      return words[random(words.length)].address + 4 * random(2); // another valid address
  }
}

/** Every change of one word that the issue names. */
const allChanges = (old, words, random) => [
  random(2 ** 32), 0, 0xffffffff, ...Array.from({ length: 32 }, (_, bit) => (old ^ (1 << bit)) >>> 0), (old + 16) >>> 0, (old - 16) >>> 0, words[random(words.length)].address, words[random(words.length)].address,
].filter((value) => value !== old);

/** The trials: { kind, writes: [address, value][] }. */
function plan(world, { words: mode, trials, seed, full }) {
  const random = randomNumbers(seed);
  const words = metadata(world);
  if (full) return words.flatMap(({ kind, address }) => allChanges(world.read(address), words, random).map((value) => ({ kind, writes: [[address, value]] })));
  return Array.from({ length: trials }, () => (mode === 'range' ? rangeOf(world, words, random) : wordsOf(world, words, random, Number(mode))));
}

function wordsOf(world, words, random, count) {
  const chosen = Array.from({ length: count }, () => words[random(words.length)]);
  return { kind: chosen[0].kind, writes: chosen.map(({ address }) => [address, changed(world.read(address), words, random)]) };
}

/** 4 to 260 predictable bytes from a word of metadata on, as an overflow writes them. */
function rangeOf(world, words, random) {
  const { kind, address } = words[random(words.length)];
  const value = [0, 0x41414141, 0xffffffff, random(2 ** 32)][random(4)];
  return { kind, writes: Array.from({ length: 1 + random(64) }, (_, i) => [address + 4 * i, value]) };
}

/** In a worker: the trials from `progress` on. */
function work({ options, progress }) {
  const world = new World({ key: options.seed, maximum: 64 });
  const blocks = warmUp(world, options.seed);
  const trials = plan(world, options);
  const saved = world.save();
  for (let i = Atomics.load(progress, 0); i < trials.length; i++) {
    Atomics.store(progress, 0, i);
    world.restore(saved);
    const { kind, writes } = trials[i];
    const result = outcomeOf(() => {
      for (const [address, value] of writes) if (address < world.u8.length) world.write(address, value);
      use(world, [...blocks], i, kOperations);
    });
    parentPort.postMessage({ i, kind, writes, ...result });
  }
  parentPort.postMessage({ done: true, count: trials.length });
}

/**
 * Runs the trials in a worker, so that one that never ends is seen and left behind.
 * @param {{ words: '1' | '2' | '3' | 'range', trials: number, seed: number, full?: boolean }} options
 * @returns {Promise<{ kind: string, outcome: string, what?: string }[]>}
 */
export async function tamper(options) {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const results = [];
  for (let done = false; !done; ) {
    const worker = new Worker(new URL(import.meta.url), { workerData: { options, progress } });
    done = await new Promise((resolve, reject) => {
      let last = -1;
      let heard = 0;
      const watch = setInterval(() => {
        const now = Atomics.load(progress, 0);
        if (now === last && heard) {
          results.push({ kind: `trial ${now}`, outcome: 'hang' });
          Atomics.add(progress, 0, 1);
          resolve(false);
        }
        last = now;
      }, kPatience);
      worker.on('message', (result) => (result.done ? resolve(true) : (heard++, results.push(result))));
      worker.on('error', reject);
      worker.on('exit', () => clearInterval(watch));
    });
    await worker.terminate();
  }
  return results;
}

/** A row for each kind of word: how many trials, and what came of them. */
export function tableOf(results) {
  const rows = {};
  for (const { kind, outcome } of results) {
    const row = (rows[kind] ??= { trials: 0 });
    row.trials++;
    row[outcome] = (row[outcome] ?? 0) + 1;
  }
  return rows;
}

export const percentCorrupt = (results) => (100 * results.filter(isCorrupt).length) / results.length;

if (!isMainThread && workerData?.options) {
  work(workerData);
} else if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values } = parseArgs({ options: { words: { type: 'string', default: '1' }, trials: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' }, full: { type: 'boolean' }, show: { type: 'boolean' } } });
  const results = await tamper({ words: values.words, trials: Number(values.trials), seed: Number(values.seed), full: values.full });
  console.table(tableOf(results));
  if (values.show) for (const { kind, writes, what, outcome } of results.filter(isCorrupt)) console.log(kind, outcome, what ?? '', JSON.stringify(writes?.slice(0, 3)));
  console.log(`${results.length} trials: corrupt in ${percentCorrupt(results).toFixed(2)} %`);
}
