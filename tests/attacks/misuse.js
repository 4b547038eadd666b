// node tests/attacks/misuse.js: what each kind of misuse does to each variant of the heap, measured. docs/SECURITY.md has the table;
// attacks.test.js compares them; the secure heap, which Node 20 does not know, is compared in tests/heaps/newest.

import { compiled, kHeapBase, kPage, outcomeOf, World } from './world.js';

export const kVariants = ['memory.wasm', 'memory.small.wasm', 'memory.secure.wasm'];

/** Thrown by a misuse that met nothing of the heap's. */
class OutOfReach extends Error {}

const kLarge = 1000;
const kSmall = 32;
const goOn = (w, bytes) => (w.mallocs(40, bytes), w.check());

/** Blocks of one size, more than enough for cells. */
const several = (w, bytes) => w.mallocs(60, bytes);

/** A heap whose blocks another instance over the same memory hands out. */
function blockOfAnotherHeap(w) {
  const page = w.foreignPage();
  const other = new WebAssembly.Instance(compiled(w.file), { env: { memory: w.memory } }).exports;
  other.heap_protect(77);
  other.heap_add_region(page, kPage);
  return other.malloc(kLarge) >>> 0;
}

/** By the row of the table: each misuse of the row, one after the other, on a heap of its own. @type {Record<string, ((w: World) => void)[]>} */
export const kMisuse = {
  'free or realloc of an address that is unaligned, inside a block, outside the heap': [
    (w) => w.heap.free(several(w, kLarge)[3] + 4),
    (w) => w.heap.free(several(w, kSmall)[50] + 16),
    (w) => w.heap.free(several(w, kLarge)[3] + 64),
    (w) => w.heap.realloc(several(w, kLarge)[3] + 64, 10),
    (w) => (several(w, kLarge), w.heap.free(kHeapBase - 4096)),
    (w) => (several(w, kLarge), w.heap.free(w.memory.buffer.byteLength + 16)),
  ],
  'free of a block of another heap over the same memory': [(w) => (several(w, kLarge), w.heap.free(blockOfAnotherHeap(w)))],
  'free twice, before the block was handed out again': [
    ...[kLarge, kSmall].map((bytes) => (w) => {
      const block = several(w, bytes)[50];
      w.free(block);
      w.heap.free(block);
    }),
    // Joined with both neighbours, and with top.
    ...[[49, 51, 50], [58, 59]].map((freed) => (w) => {
      const blocks = several(w, kLarge);
      for (const which of freed) w.free(blocks[which]);
      w.heap.free(blocks[freed.at(-1)]);
    }),
  ],
  'free twice, after the block was handed out again': [kLarge, kSmall].map((bytes) => (w) => {
    const block = several(w, bytes).at(-1);
    w.free(block);
    several(w, bytes);
    w.heap.free(block);
  }),
  'free of a block from before `heap_reset`, unless a new block starts there': [kLarge, kSmall].map((bytes) => (w) => {
    const block = several(w, bytes)[50];
    w.heap.heap_reset();
    w.heap.free(block);
  }),
  'free_sized, free_aligned_sized with a size or alignment that no block at that address can have': [
    (w) => w.heap.free_sized(several(w, kLarge)[3], 5000),
    (w) => w.heap.free_sized(several(w, kSmall)[50], 5000),
    (w) => w.heap.free_aligned_sized(several(w, kLarge)[3], 1 << 20, kLarge),
  ],
  'a byte or more written past a block above 512 bytes, then it and the next are freed': [1, 8, 100].map((count) => (w) => {
    const [, block, next] = several(w, kLarge);
    const end = block + w.heap.malloc_usable_size(block);
    for (let i = 0; i < count; i++) w.writeByte(end + i, 0x41);
    w.heap.free(block);
    w.heap.free(next);
  }),
  'a byte or more written past a small block': [
    (w) => {
      const blocks = several(w, kSmall);
      const end = blocks[50] + w.heap.malloc_usable_size(blocks[50]);
      for (let i = 0; i < 8; i++) w.writeByte(end + i, 0x41);
      for (const block of blocks) w.heap.free(block);
    },
  ],
  'a freed block above 512 bytes written to, then used again': [
    (w) => {
      const [, block] = several(w, kLarge);
      w.free(block);
      w.write(block, 0x41414141);
      w.write(block + 4, 0x41414141);
      goOn(w, kLarge);
    },
  ],
  'a freed small block written to, then used again': [
    (w) => {
      const block = several(w, kSmall)[50];
      w.free(block);
      w.write(block, 0x41414141);
      goOn(w, kSmall);
    },
  ],
  "the program's last array or its stack overflows into the heap's state, then a chunk is taken": [0, 0x41414141, -1].map((value) => (w) => {
    several(w, kLarge);
    const before = w.heap.heap_in_use();
    for (let at = w.state; at < w.state + 64; at += 4) w.write(at, value);
    const isElsewhere = w.heap.heap_in_use() === before && w.heap.heap_secure_memory !== undefined;
    goOn(w, 5000);
    if (isElsewhere) throw new OutOfReach();
  }),
};

/** What one misuse did: 'traps', 'not seen', or 'out of reach' where it met nothing of the heap's. @param {string} file */
function effect(file, misuse) {
  const world = new World({ file });
  try {
    return outcomeOf(() => misuse(world)).outcome === 'trap' ? 'traps' : 'not seen';
  } catch (error) {
    if (error instanceof OutOfReach) return 'out of reach';
    throw error;
  }
}

/** What all misuses of a row do, or 'some trap'. */
function effectOf(file, misuses) {
  const effects = new Set(misuses.map((misuse) => effect(file, misuse)));
  return effects.size === 1 ? [...effects][0] : 'some trap';
}

/** The rows of the table as they are measured. @param {string[]} variants */
export const measured = (variants = kVariants) => Object.entries(kMisuse).map(([row, misuses]) => [row, ...variants.map((file) => effectOf(file, misuses))]);

/** How the rows of the table in docs/SECURITY.md begin, and the columns of the variants. @param {string} text */
export function documented(text) {
  const rows = text.split('\n').filter((line) => line.startsWith('|')).map((line) => line.slice(2, -2).split(' | '));
  const head = rows.find(([first]) => first === 'misuse');
  return (row, variant) => rows.find(([first]) => first === row)?.[head.indexOf(variant)];
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const variants = kVariants.filter((file) => file !== 'memory.secure.wasm' || Number(process.versions.node.split('.')[0]) > 20);
  for (const row of measured(variants)) console.log(`| ${row.join(' | ')} |`);
}
