// node tests/long/run.js [--operations N] [--seed S] [--heap NAME]: a server's work on each heap (10^9 operations by default: minutes), with the
// footprint as it goes, and the most bytes that were alive until then; the same seed and so the same checksum on each; then Robson's adversary. A picture of
// both goes to build/long/footprint.svg. For memory.wasm the recorded programs come after that, for as many operations (traces.js).

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kMostAlive, serveTraces } from './traces.js';
import { footprint, worlds } from './worlds.js';

const kSteps = 100;

/** @returns {{ footprints: number[], peaks: number[], checksum: bigint, peak: number, damage: number, broken: number, nsPerOperation: number }} */
export function serve(world, operations, seed) {
  const [footprints, peaks] = [[], []];
  let checksum = 0n;
  world.start(BigInt(seed));
  const began = process.cpuUsage().user;
  for (let i = 0; i < kSteps; i++) {
    checksum = world.run(BigInt(Math.ceil(operations / kSteps)));
    footprints.push(footprint(world));
    peaks.push(world.peak());
  }
  const nsPerOperation = ((process.cpuUsage().user - began) * 1000) / operations;
  world.stop();
  return { footprints, peaks, checksum: BigInt.asUintN(64, checksum), peak: world.peak(), damage: world.damage(), broken: world.check?.() ?? 0, nsPerOperation };
}

const kMost = 2 ** 21;
const kLargest = 2 ** 14;

/** The footprint that Robson's adversary forces, over the most bytes alive. */
export function robson(world) {
  world.start(1n);
  const blocks = world.robson(kMost, kLargest);
  return { blocks, ratio: footprint(world) / kMost };
}

/** What he can force on any heap that moves no block (Robson 1974), and on one that takes the first that fits (1977): times what is alive. */
export const kLeastBound = 1 + Math.log2(kLargest / 16) / 2;
export const kFirstFitBound = Math.log2(kLargest / 16);

const kilobytes = (bytes) => (bytes / 1024).toFixed(0);

/** After 1, 10, 25, 50, 75 and 100 %. */
const at = (values) => [0, 9, 24, 49, 74, 99].map((i) => kilobytes(values[i])).join(', ');

function picture(results) {
  const [width, height] = [700, 300];
  const most = Math.max(...results.flatMap(([, { footprints }]) => footprints));
  const line = (values) => values.map((bytes, i) => `${((i + 1) * width) / kSteps},${height - (bytes * (height - 20)) / most}`).join(' ');
  // The same seed has the same bytes alive on every heap.
  const alive = `<polyline fill="none" stroke="#777" stroke-dasharray="4" points="${line(results[0][1].peaks)}"/><text x="10" y="${height - 6}" fill="#777">most bytes alive until then</text>`;
  const colours = ['#1c7c54', '#1f5fa8', '#b3541e'];
  const lines = results.map(([name, result], i) => `<polyline fill="none" stroke="${colours[i % 3]}" points="${line(result.footprints)}"/><text x="10" y="${height - 60 + 18 * i}" fill="${colours[i % 3]}">${name}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">${alive}${lines.join('')}<text x="10" y="14">${kilobytes(most)} KiB</text></svg>\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { operations: { type: 'string', default: '1e9' }, seed: { type: 'string', default: '1' }, heap: { type: 'string' } } });
  const operations = Number(values.operations);
  const results = [];
  for (const [name, make] of Object.entries(worlds)) {
    if (values.heap && values.heap !== name) continue;
    const result = serve(await make(), operations, Number(values.seed));
    results.push([name, result]);
    console.log(`${name}: ${operations} operations, ${result.nsPerOperation.toFixed(0)} ns each; KiB after 1, 10, 25, 50, 75, 100 %: ${at(result.footprints)}; most alive until then: ${at(result.peaks)}; checksum ${result.checksum.toString(16)}; ${result.damage} blocks damaged`);
    const { blocks, ratio } = robson(await make());
    console.log(`${name}: Robson's adversary: ${ratio.toFixed(2)} times what is alive, ${blocks} blocks at the end (any heap: ${kLeastBound.toFixed(1)}, first fit: ${kFirstFitBound.toFixed(1)})`);
  }
  mkdirSync('build/long', { recursive: true });
  writeFileSync('build/long/footprint.svg', picture(results));
  if (!values.heap || values.heap === 'memory.wasm') {
    const { footprints, damage, broken, rounds } = await serveTraces(operations, Number(values.seed));
    console.log(`recorded programs, all at once: ${operations} operations, ${rounds} runs; KiB after 1, 10, 25, 50, 75, 100 %: ${at(footprints)}; each at its most: ${kilobytes(kMostAlive)}; ${damage} blocks damaged`);
    if (damage || broken) process.exitCode = 1;
  }
  const checksums = new Set(results.map(([, { checksum }]) => checksum));
  if (checksums.size !== 1 || results.some(([, { damage, broken }]) => damage || broken)) process.exitCode = 1;
  console.log(checksums.size === 1 ? 'all checksums are the same' : 'the checksums differ');
}
