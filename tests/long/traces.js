// The recorded programs of bench/traces as the requests of a server: all of them at once on one heap of memory.wasm, each again as soon as it has ended. A
// turn is up to a thousand operations of one of them, chosen at random, so their blocks lie among each other's.

import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { load } from '../../dist/memory.js';
import { readTrace, tracesIn } from '../../bench/lib/trace.js';
import { compile, kDist, link } from '../wasm/toolchain.js';

const kSteps = 100;
const kTurn = 1000; // operations

const traces = ['traces', 'traces/long'].flatMap((folder) => tracesIn(fileURLToPath(new URL(`../../bench/${folder}`, import.meta.url)))).map(readTrace);
const replayer = pathToFileURL(link('long-traces.wasm', [compile('bench/harness/replay.c')], '--allow-undefined', '--export-memory', '--export-table', '--stack-first', '--export=__heap_base'));

/** The most bytes that are ever alive, if each program is where it has most. */
export const kMostAlive = traces.reduce((sum, { peakLive }) => sum + peakLive, 0);

function* randomNumbers(seed) {
  for (let state = seed >>> 0; ; ) yield (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** @returns {Promise<{ footprints: number[], damage: number, broken: boolean, rounds: number }>} */
export async function serveTraces(operations, seed) {
  const { exports, memory, heap } = await load(replayer, { heap: pathToFileURL(join(kDist, 'memory.wasm')) });
  const clients = traces.map((trace) => ({ trace, at: 0, blocks: exports.allocate(4 * trace.slots) >>> 0 }));
  const turn = exports.allocate(8 * kTurn) >>> 0;
  const random = randomNumbers(seed);
  const footprints = [];
  let damage = 0, rounds = 0, done = 0;
  for (let step = 1; step <= kSteps; step++) {
    while (done < (operations * step) / kSteps) {
      const client = clients[Math.floor(random.next().value * clients.length)];
      const count = Math.min(1 + Math.floor(random.next().value * kTurn), client.trace.count - client.at);
      new Uint32Array(memory.buffer, turn, 2 * count).set(client.trace.operations.subarray(2 * client.at, 2 * (client.at + count)));
      damage += exports.replay(turn, count, client.blocks);
      client.at = (client.at + count) % client.trace.count;
      if (client.at === 0) rounds++;
      done += count;
    }
    footprints.push(memory.buffer.byteLength - exports.__heap_base.value);
  }
  return { footprints, damage, broken: Boolean(heap.check()), rounds };
}
