// What the toolkit costs beside the same by hand: `node bench/js/toolkit.mjs`, or in a browser by `node bench/js/browser.mjs chromium`. Rounds of both
// sides alternate; the ratio is that of the shortest: what else the machine does only makes a round longer.

import { load } from '../../dist/memory.js';

// A module with an exported memory and nothing else.
const kProgram = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 10, 1, 6, 109, 101, 109, 111, 114, 121, 2, 0);
const { heap } = await load(kProgram);

const kNumbers = 10000;
const pointer = heap.calloc(kNumbers, 8);
const start = pointer / 8;
const end = start + kNumbers;
const raw = new Float64Array(heap.memory.buffer);
const view = heap.view(Float64Array, pointer, kNumbers);
const bytes = new Uint8Array(heap.memory.buffer);

function viewRaw() {
  let sum = 0;
  for (let i = start; i < end; i++) sum += raw[i];
  return sum;
}
function viewFresh() {
  let sum = 0;
  for (let i = start; i < end; i++) sum += heap.f64[i];
  return sum;
}
function viewLive() {
  let sum = 0;
  for (let i = 0; i < kNumbers; i++) sum += view.array[i];
  return sum;
}
function writeRaw() {
  for (let i = pointer; i < pointer + kNumbers; i++) bytes[i] = i;
}
function writeFresh() {
  for (let i = pointer; i < pointer + kNumbers; i++) heap.u8[i] = i;
}

const kSizes = [16, 24, 100, 8, 300, 64, 40, 1000, 16, 200];
const { malloc, free } = heap.exports;
function allocateByHand() {
  const pointers = [];
  try {
    for (const size of kSizes) {
      const block = malloc(size) >>> 0;
      if (!block) throw new Error('no memory');
      pointers.push(block);
    }
  } finally {
    while (pointers.length) free(pointers.pop());
  }
}
function allocateInScope() {
  heap.scope((scope) => {
    for (const size of kSizes) scope.alloc(size);
  });
}

/** How often `side` must be called to take long enough for the clocks of browsers, which tick in milliseconds. */
function callsFor(side) {
  for (const end = performance.now() + 500; performance.now() < end; ) side();
  for (let calls = 1; ; calls *= 2) if (time(side, calls) * calls > 20e6) return calls;
}

/** Nanoseconds per call. */
function time(side, calls) {
  const began = performance.now();
  for (let call = 0; call < calls; call++) side();
  return ((performance.now() - began) * 1e6) / calls;
}

/** The shortest of alternating rounds, in nanoseconds per call. */
function compare(sides, rounds = 40) {
  const calls = sides.map(callsFor);
  const times = sides.map(() => []);
  for (let round = 0; round < rounds; round++) sides.forEach((side, index) => times[index].push(time(side, calls[index])));
  return times.map((list) => Math.min(...list));
}

const lines = [];
function report(name, [byHand, toolkit], divisor, goal) {
  const column = (value) => `${(value / divisor).toFixed(2).padStart(9)} ns`;
  lines.push(`${name.padEnd(28)}${column(byHand)}${column(toolkit)}   ratio ${(toolkit / byHand).toFixed(2)} (goal ${goal})`);
}

lines.push(`${globalThis.process ? `Node ${process.version}` : navigator.userAgent}: by hand, toolkit`);
report('read heap.f64[i]', compare([viewRaw, viewFresh]), kNumbers, 1.3);
report('write heap.u8[i]', compare([writeRaw, writeFresh]), kNumbers, 1.3);
report('read view.array[i]', compare([viewRaw, viewLive]), kNumbers, 1.3);
report('scope with 10 allocations', compare([allocateByHand, allocateInScope]), 1, 1.5);
globalThis.results = lines.join('\n');
console.log(globalThis.results);
