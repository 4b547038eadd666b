// What the heap for 64-bit memories and the secure heap cost on recorded traces, over the release heap in the same run, in turns. Each is merged
// with the replayer, as load() does: node bench/heaps/cost.mjs [trace ...], in a Node that knows 64-bit memories.
// Prints a line a trace and, as the last line, JSON: the median ratio of each heap.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from '../../dist/memory.js';
import { compile, link } from '../../tests/e2e/build-programs.js';
import { readTrace } from '../lib/trace.js';

const bench = fileURLToPath(new URL('..', import.meta.url));
const names = process.argv.length > 2 ? process.argv.slice(2) : ['bc', 'dot', 'ruby', 'z3'];
const kRounds = 9;
/** Operations handed over at a time. */
const kPiece = 65536;

/** The replayer, for 32-bit memories or for another target. @param {string[]} compiling @param {string[]} linking */
function programFor(compiling = [], linking = []) {
  const scratch = mkdtempSync(join(tmpdir(), 'memory-wasm-cost-'));
  compile(join(bench, 'harness/replay.c'), join(scratch, 'replay.o'), '-O2', '-fno-builtin', '-mbulk-memory', ...compiling);
  link(join(scratch, 'replay.o'), join(scratch, 'replay.wasm'), '--export=__heap_base', ...linking);
  const bytes = readFileSync(join(scratch, 'replay.wasm'));
  rmSync(scratch, { recursive: true });
  return bytes;
}

const narrow = programFor();
const kHeaps = { release: narrow, secure: narrow, memory64: programFor(['--target=wasm64'], ['-mwasm64']) };

/** Nanoseconds of CPU for each operation of a trace. */
async function replayer(trace, word) {
  const { exports, heap } = await load(kHeaps[word], { heap: word, link: 'merge' });
  const operations = heap.malloc(kPiece * 8);
  const slots = heap.calloc(trace.slots, heap.isWide ? 8 : 4);
  const [from, table] = heap.isWide ? [BigInt(operations), BigInt(slots)] : [operations, slots];
  return () => {
    const began = process.cpuUsage();
    let wrong = 0;
    for (let i = 0; i < trace.count; i += kPiece) {
      const part = trace.operations.subarray(2 * i, 2 * Math.min(i + kPiece, trace.count));
      heap.u32.set(part, operations / 4);
      wrong += exports.replay(from, part.length / 2, table);
    }
    const { user, system } = process.cpuUsage(began);
    if (wrong) throw new Error(`${trace.name}: ${wrong} blocks were wrong`);
    return ((user + system) * 1000) / trace.count;
  };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const ratios = { secure: [], memory64: [] };
for (const name of names) {
  const trace = readTrace({ name, path: join(bench, 'traces', `${name}.wmt.br`) });
  const replayers = Object.fromEntries(await Promise.all(Object.keys(kHeaps).map(async (word) => [word, await replayer(trace, word)])));
  const rounds = Array.from({ length: kRounds }, () => Object.fromEntries(Object.entries(replayers).map(([word, replay]) => [word, replay()]))).slice(2);
  const ratioOf = (word) => median(rounds.map((times) => times[word] / times.release));
  console.log(`${name}: release ${median(rounds.map(({ release }) => release)).toFixed(1)} ns, secure ${ratioOf('secure').toFixed(2)} x, memory64 ${ratioOf('memory64').toFixed(2)} x`);
  for (const word in ratios) ratios[word].push(ratioOf(word));
}
console.log(JSON.stringify(Object.fromEntries(Object.entries(ratios).map(([word, all]) => [word, median(all)]))));
