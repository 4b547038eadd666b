// What the toolkit costs beside the same by hand: `node bench/js/toolkit.mjs [file]`, the file a memory.js (default dist/memory.js). Rounds
// of both sides alternate; the ratio is that of the medians.

const root = new URL('../../', import.meta.url);
const { load } = await import(new URL(process.argv[2] ?? 'dist/memory.js', root).href);
const memory = new URL('dist/memory.wasm', root);
// A module with an exported memory and nothing else.
const kProgram = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 10, 1, 6, 109, 101, 109, 111, 114, 121, 2, 0);
const { heap } = await load(kProgram, { memory });

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

/** Medians of alternating rounds, in nanoseconds per call. */
function compare(sides, calls, rounds = 41) {
  const times = sides.map(() => []);
  for (let round = -10; round < rounds; round++) {
    sides.forEach((side, index) => {
      const began = process.hrtime.bigint();
      for (let call = 0; call < calls; call++) side();
      if (round >= 0) times[index].push(Number(process.hrtime.bigint() - began) / calls);
    });
  }
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
}

const report = (name, [base, ...others], divisor, goal) => {
  for (const time of others) console.log(`${name.padEnd(44)} ${(base / divisor).toFixed(2).padStart(8)} ns ${(time / divisor).toFixed(2).padStart(8)} ns  ratio ${(time / base).toFixed(2)} (goal ${goal})`);
};

console.log(`Node ${process.version}`.padEnd(44), 'by hand'.padStart(11), 'toolkit'.padStart(11));
report('read heap.f64[i]', compare([viewRaw, viewFresh], 20), kNumbers, 1.3);
report('write heap.u8[i]', compare([writeRaw, writeFresh], 20), kNumbers, 1.3);
report('read view.array[i]', compare([viewRaw, viewLive], 20), kNumbers, 1.3);
report('scope with 10 allocations', compare([allocateByHand, allocateInScope], 500), 1, 1.5);
