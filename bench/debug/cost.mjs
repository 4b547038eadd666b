// What the debug heap costs on recorded traces, over the release heap in the same run: node bench/debug/cost.mjs [trace ...]
// A figure is the sum of the least times that each piece of a trace took in any round: a busy machine hardly disturbs it.
// Prints a line a trace and, as the last line, JSON: { traces, median, contexts } - the ratios with 256 KiB of quarantine and no stacks, their
// median, and the median of what calling contexts (the stack of each allocation and free, js/check/contexts.js) take beyond that.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from '../../dist/memory.js';
import { checked } from '../../tests/check/through.js';
import { compile, link } from '../../tests/e2e/build-programs.js';
import { readTrace } from '../lib/trace.js';

const bench = fileURLToPath(new URL('..', import.meta.url));
const names = process.argv.length > 2 ? process.argv.slice(2) : ['bc', 'dot', 'ruby', 'z3'];
/** Enough for the optimized code to be there, on a machine with other work. */
const kRounds = 40;
/** Operations handed over at a time: some 100 microseconds. */
const kPiece = 4096;

const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-cost-'));
compile(join(bench, 'harness/replay.c'), join(scratch, 'replay.o'), '-O2', '-fno-builtin', '-mbulk-memory');
link(join(scratch, 'replay.o'), join(scratch, 'replay.wasm'), '--export=__heap_base');
const program = new Uint8Array(readFileSync(join(scratch, 'replay.wasm')));
/** The replayer, rewritten so that it says its calling context, and checks nothing. */
const inContext = checked(program, { checks: false, contexts: true });
rmSync(scratch, { recursive: true });

/** Runs a trace; `time` is the nanoseconds for each operation. */
async function replayer(trace, { program: bytes = program, ...options }) {
  const { exports, heap } = await load(bytes, options);
  const operations = heap.malloc(kPiece * 8), slots = heap.calloc(trace.slots, 4);
  const least = new Float64Array(Math.ceil(trace.count / kPiece)).fill(Infinity);
  const run = () => {
    let wrong = 0;
    for (let piece = 0; piece < least.length; piece++) {
      const part = trace.operations.subarray(2 * piece * kPiece, 2 * Math.min((piece + 1) * kPiece, trace.count));
      heap.u32.set(part, operations >>> 2);
      const began = performance.now();
      wrong += exports.replay(operations, part.length / 2, slots);
      least[piece] = Math.min(least[piece], performance.now() - began);
    }
    if (wrong) throw new Error(`${trace.name}: ${wrong} blocks were wrong`);
  };
  return { run, time: () => (least.reduce((sum, milliseconds) => sum + milliseconds) * 1e6) / trace.count };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const kHeaps = {
  release: { link: 'direct' },
  'debug, 256 KiB': { heap: 'debug', debug: { stacks: false } },
  'debug, contexts': { heap: 'debug', debug: {}, program: inContext.bytes, imports: inContext.imports() },
  'debug, 16 MiB': { heap: 'debug', debug: { stacks: false, quarantine: 2 ** 24 } },
};
const ratios = {},
  contexts = [];
for (const name of names) {
  const trace = readTrace({ name, path: join(bench, 'traces', `${name}.wmt.br`) });
  const replayers = Object.fromEntries(await Promise.all(Object.entries(kHeaps).map(async ([heap, options]) => [heap, await replayer(trace, options)])));
  for (let round = 0; round < kRounds; round++) for (const { run } of Object.values(replayers)) run();
  const figures = Object.entries(replayers).map(([heap, { time }]) => [heap, time()]);
  const [[, release]] = figures;
  console.log(`${name}: ${figures.map(([heap, time]) => `${heap} ${time.toFixed(1)} ns (${(time / release).toFixed(2)} x)`).join(', ')}`);
  ratios[name] = figures[1][1] / release;
  contexts.push(figures[2][1] / figures[1][1]);
}
console.log(JSON.stringify({ traces: ratios, median: median(Object.values(ratios)), contexts: median(contexts) }));
