// Named attacks on the release heap, after the classics ("house of ..." are those of Linux's malloc). The attacker overflows blocks, uses freed
// ones, or writes words wherever the attack says; he knows all addresses and the code, but not the key, and reads nothing of the heap's.
// An attack succeeds if the heap then hands out memory twice or memory that is not its own, or damages a block or the program.
// Those of kReaders also know what the memory had at another time or place.

import { compiled, kData, kHeapBase, kPage, use, warmUp, World } from './world.js';
import { layout as L } from './layout.js';

const kTarget = kData + 0x4000; // what the attacker wants to be handed out
const kUsed = L.in_use | L.below_in_use;

const sizeOf = (w, block) => w.read(block - 4) & ~L.flags;
const setHead = (w, block, size, flags) => w.write(block - 4, size | flags);
const asBlock = (w, at, size) => (setHead(w, at, size, kUsed), setHead(w, at + size, 64, kUsed), w.write(at + size - 8, 0));

/** A free chunk of `size` at `chunk` that looks right without a key. */
function fakeFree(w, chunk, size) {
  w.write(chunk, size | L.below_in_use);
  w.write(chunk + 4, 0);
  w.write(chunk + 8, 0);
  w.write(chunk + size - 4, size);
  w.write(chunk + size, 64 | L.in_use);
}

/** A descriptor of a cell of the attacker's, all slots free, at `at`. */
function fakeCell(w, at, base, number, countdown = 0xffff) {
  w.write(at + L.cell_next, 0);
  w.write(at + L.cell_previous, 0);
  w.write(at + L.cell_base, base);
  w.write(at + L.cell_countdown, countdown | (number << 16) | (L.words_of(number) << 24));
  w.write(at + L.cell_shape, L.shape_of(number));
  w.write(at + L.cell_shape + 4, base >>> 13);
  for (let i = 0; i < L.free_bits_bytes * L.words_of(number); i += 4) w.write(at + L.cell_free + i, -1);
}

const fill = (w, bytes, count) => w.mallocs(count, bytes);

/** Blocks of 32 bytes in several cells, and the cells. */
function cellsInUse(w, count = 1500) {
  const blocks = fill(w, 32, count);
  return { blocks, cells: w.cells().filter((cell) => w.classOf(cell) === 2), current: w.read(w.classField(2, 'class_current')) };
}

/** The same, with some cells on the class's list. */
function cellsListed(w) {
  const { blocks, cells, current } = cellsInUse(w);
  const full = cells.filter((cell) => cell !== current).slice(0, 2);
  for (const pointer of blocks.splice(0)) {
    const cell = w.cellOf(pointer);
    if (full.includes(cell) && pointer % 96 === 0) w.free(pointer);
    else blocks.push(pointer);
  }
  return { blocks, cells, current, listed: w.read(w.classField(2, 'class_partial')) };
}

/** What a program does afterwards, so that the damage shows. */
const goOn = (w) => use(w, [...w.blocks.keys()]);

/** Every word of a block and its tags as they are. */
const copyWords = (w, from, count) => Array.from({ length: count }, (_, i) => w.read(from + 4 * i));
const pasteWords = (w, to, words) => words.forEach((word, i) => w.write(to + 4 * i, word));

export const kAttacks = {
  // ---- chunks in use ----
  "a block's size enlarged over the next one, then freed (one word)": (w) => {
    const [, b, c] = fill(w, 1000, 4);
    w.write(b - 4, w.read(b - 4) + sizeOf(w, c));
    w.free(b);
    fill(w, 2000, 3);
  },
  "a block's size shrunk, then freed": (w) => {
    const [, b] = fill(w, 1000, 4);
    w.write(b - 4, w.read(b - 4) - 512);
    w.free(b);
    fill(w, 490, 20);
  },
  "one byte past a block: the next size grows, with a fake head in that block's own bytes": (w) => {
    const [, b, c] = [w.malloc(1000), w.malloc(900), w.malloc(1000), w.malloc(1000)];
    const old = sizeOf(w, b);
    const size = old | 0xf0;
    w.writeByte(b - 4, 0xf0 | kUsed);
    setHead(w, b + size, sizeOf(w, c) - (size - old), kUsed);
    w.write(b + size - 8, 0);
    w.free(b);
    fill(w, size - 8, 3);
  },
  'a zero byte past a block (poison null byte): the next head loses its flags and low size': (w) => {
    const [a, b] = fill(w, 1016, 4);
    w.writeByte(b - 4, 0);
    w.free(b);
    w.free(a);
    fill(w, 2000, 4);
  },
  'a zero byte past a block, under a fake free chunk with a foot (house of einherjar)': (w) => {
    const [a, b] = fill(w, 1000, 4);
    const fake = a + 60 - 4;
    fakeFree(w, fake, b - 4 - fake);
    w.write(b - 4, w.read(b - 4) & ~L.below_in_use);
    w.free(b);
    fill(w, 900, 4);
  },
  'the same, links to two fake neighbours in own bytes': (w) => {
    const [a, b] = fill(w, 1000, 4);
    const fake = a + 60 - 4, [next, previous] = [a + 300, a + 400];
    fakeFree(w, fake, b - 4 - fake);
    w.write(fake + 4, next);
    w.write(fake + 8, previous);
    w.write(next + 8, fake);
    w.write(previous + 4, fake);
    w.write(b - 4, w.read(b - 4) & ~L.below_in_use);
    w.free(b);
    fill(w, 900, 4);
  },
  'a head marked as the heap\'s own': (w) => {
    const [, b] = fill(w, 1000, 4);
    w.write(b - 4, w.read(b - 4) | 4);
    w.free(b);
    fill(w, 1000, 4);
  },
  "the head above a block overwritten, then realloc of the block into it": (w) => {
    const [a, b] = fill(w, 1000, 4);
    w.write(b - 4, (8000 & ~15) | L.below_in_use);
    w.realloc(a, 3000);
  },
  "a block's seal overwritten with its size": (w) => {
    const [, b] = fill(w, 1000, 4);
    setHead(w, b, 2 * sizeOf(w, b), kUsed);
    w.write(b - 4 + 2 * 1008 - 4, 2 * 1008);
    w.free(b);
    fill(w, 2000, 3);
  },

  // ---- house of spirit: free of an address that was never handed out ----
  "free of a fake block in the program's data (house of spirit)": (w) => {
    warmUp(w);
    asBlock(w, kTarget, 64);
    w.heap.free(kTarget);
    fill(w, 56, 80);
  },
  'the same with `low` of the heap overwritten': (w) => {
    warmUp(w);
    w.write(w.field('low'), 0);
    asBlock(w, kTarget, 1024);
    w.heap.free(kTarget);
    fill(w, 1000, 80);
  },
  'free of a fake block on the stack': (w) => {
    warmUp(w);
    asBlock(w, kHeapBase - 0x100, 64);
    w.heap.free(kHeapBase - 0x100);
    fill(w, 56, 80);
  },
  "free of a fake block in somebody else's page between two regions": (w) => {
    warmUp(w);
    const page = w.foreignPage();
    fill(w, 70000, 8);
    asBlock(w, page + 0x2000, 1040);
    w.heap.free(page + 0x2000);
    fill(w, 1000, 200);
  },
  'free of a fake block inside an own chunk': (w) => {
    const block = w.malloc(4000);
    asBlock(w, block + 64, 1040);
    w.heap.free(block + 64);
    fill(w, 1000, 60);
  },
  'free of a fake block inside an own slot': (w) => {
    const block = fill(w, 500, 60).at(-2);
    asBlock(w, block + 16, 256);
    w.heap.free(block + 16);
    fill(w, 240, 60);
  },
  'free of the heap\'s own: the descriptor of a cell, the map, the cell': (w) => {
    const { current } = cellsInUse(w);
    for (const pointer of [current, w.read(w.field('map_entries'))]) {
      try {
        w.heap.free(pointer);
      } catch {}
    }
    fill(w, 64, 200);
    goOn(w);
  },

  // ---- free chunks: use after free ----
  'unlink: the links of a freed chunk to two fake neighbours, then its neighbour is freed': (w) => {
    const [o, a, b] = fill(w, 1000, 5);
    w.free(b);
    const [next, previous] = [o + 100, o + 200];
    w.write(next + 8, b - 4);
    w.write(previous + 4, b - 4);
    w.write(b, next);
    w.write(b + 4, previous);
    w.free(a);
    fill(w, 1000, 5);
  },
  'the links of a freed chunk set to zero': (w) => {
    const [, a, b, , , d] = fill(w, 1000, 8);
    w.free(d);
    w.free(b);
    w.write(b, 0);
    w.write(b + 4, 0);
    w.free(a);
    fill(w, 1000, 8);
  },
  'a freed chunk\'s next link changed, then allocations until it would be followed': (w) => {
    warmUp(w);
    const [, b, , d] = fill(w, 3000, 6);
    w.free(d);
    w.free(b);
    fakeFree(w, kTarget - 4, 3008);
    w.write(b, kTarget - 4);
    fill(w, 2990, 6);
  },
  "a freed chunk's size enlarged over the next block": (w) => {
    const [, b, c] = fill(w, 1000, 5);
    w.free(b);
    w.write(b - 4, (sizeOf(w, b) + sizeOf(w, c)) | L.below_in_use);
    fill(w, 2000, 4);
    fill(w, 1000, 4);
  },
  'the same with the foot, unsealed, at its new end': (w) => {
    const [, b, c] = fill(w, 1000, 5);
    w.free(b);
    const size = sizeOf(w, b) + sizeOf(w, c);
    w.write(b - 4, size | L.below_in_use);
    w.write(b - 4 + size - 4, size);
    fill(w, 2000, 4);
    fill(w, 1000, 4);
  },
  "a freed chunk's foot changed, then the block above is freed": (w) => {
    const [, b, c] = fill(w, 1000, 5);
    w.free(b);
    w.write(c - 8, sizeOf(w, b) + 512);
    w.free(c);
    fill(w, 2400, 3);
  },
  "top's size set to the largest (house of force)": (w) => {
    const [, , , last] = fill(w, 1000, 4);
    w.write(last - 4 + sizeOf(w, last), 0xfffffff0 | L.below_in_use);
    fill(w, 500000, 3);
    fill(w, 100, 100);
  },

  // ---- cells ----
  "a cell's bits: all of them set, by a linear overflow of the block below its descriptor": (w) => {
    const { current } = cellsInUse(w);
    for (let at = current - 8; at < current + L.cell_free + L.free_bits_bytes * L.words_of(2); at += 4) w.write(at, -1);
    fill(w, 32, 300);
  },
  "a cell's bits: the active word alone": (w) => {
    const { current } = cellsInUse(w);
    const word = w.field('nothing') + w.read(w.place(2) + 4);
    if (!current) throw new Error('no current cell');
    w.write(word, -1);
    w.write(word + 4, -1);
    fill(w, 32, 60);
  },
  "a cell's bits: those of a full cell, then its slots are freed until it is used again": (w) => {
    const { blocks, cells, current } = cellsInUse(w);
    const cell = cells.find((each) => each !== current);
    const mine = blocks.filter((pointer) => w.cellOf(pointer) === cell);
    for (const i of [0, 1]) for (const half of [0, 4]) w.write(cell + L.cell_free + L.free_bits_bytes * i + half, -1);
    for (const pointer of mine.slice(-100)) w.free(pointer);
    fill(w, 32, 900);
  },
  "a listed cell's next -> a fake cell in the program's data": (w) => {
    const { listed } = cellsListed(w);
    fakeCell(w, kTarget, kTarget + 0x2000 - 0x4000, 2);
    w.write(listed + L.cell_next, kTarget);
    w.write(kTarget + L.cell_previous, listed);
    fill(w, 32, 2000);
  },
  "a class's current cell -> a fake one": (w) => {
    cellsInUse(w);
    fakeCell(w, kTarget, kTarget, 2);
    w.write(w.classField(2, 'class_current'), kTarget);
    fill(w, 32, 600);
  },
  "a class's list of partial cells -> a fake one": (w) => {
    cellsInUse(w);
    fakeCell(w, kTarget, kTarget, 2, 0);
    w.write(w.classField(2, 'class_partial'), kTarget);
    fill(w, 32, 600);
  },
  "a class's list of nearly full cells -> a fake one": () => {
    const w = new World({ maximum: 10 }); // it is used when the memory can't grow
    cellsInUse(w);
    fakeCell(w, kTarget, kTarget, 2, 0);
    w.write(w.classField(2, 'class_nearly_full'), kTarget);
    while (w.malloc(700));
    fill(w, 32, 500);
  },
  "the base of an active word -> the program's data": (w) => {
    cellsInUse(w);
    w.write(w.place(2), kTarget);
    fill(w, 32, 300);
  },
  "the address of an active word -> a word of the attacker's, all bits set": (w) => {
    const { blocks } = cellsInUse(w);
    w.write(blocks[0], -1);
    w.write(blocks[0] + 4, -1);
    w.write(w.place(2) + 4, blocks[0] - w.field('nothing'));
    fill(w, 32, 100);
  },
  '`nothing`, the word that is always zero, set: malloc of a class without slots': (w) => {
    warmUp(w);
    w.write(w.field('nothing'), -1);
    fill(w, 432, 3);
  },
  "a cell's base -> another place": (w) => {
    const { blocks, cells, current } = cellsInUse(w);
    const cell = cells.find((each) => each !== current);
    w.write(cell + L.cell_base, kTarget & -8192);
    for (const pointer of blocks.filter((each) => w.cellOf(each) === cell)) w.free(pointer);
    fill(w, 32, 900);
  },
  "a cell's shape and class -> those of a smaller size": (w) => {
    const { blocks, current } = cellsInUse(w);
    w.write(current + L.cell_shape, L.shape_of(1));
    w.writeByte(current + L.cell_class, 1);
    for (const pointer of blocks.filter((each) => w.cellOf(each) === current).slice(0, 9)) w.free(pointer);
    fill(w, 32, 300);
    fill(w, 16, 300);
  },
  "a cell's countdown set to 1, then one slot freed": (w) => {
    const { blocks, cells, current } = cellsInUse(w);
    const cell = cells.find((each) => each !== current);
    w.write(cell + L.cell_countdown, (w.read(cell + L.cell_countdown) & ~0xffff) | 1);
    const mine = blocks.filter((pointer) => w.cellOf(pointer) === cell);
    w.free(mine[0]);
    w.write(cell + L.cell_countdown, (w.read(cell + L.cell_countdown) & ~0xffff) | 1);
    w.free(mine[1]);
    fill(w, 32, 900);
    goOn(w);
  },
  "the head of a cell's chunk shrunk, all slots freed": (w) => {
    const { blocks, cells, current } = cellsInUse(w);
    const cell = cells.find((each) => each !== current);
    const base = w.read(cell + L.cell_base);
    w.write(base - 4, w.read(base - 4) - 4096);
    for (const pointer of blocks.filter((each) => w.cellOf(each) === cell)) w.free(pointer);
    fill(w, 4000, 9);
    fill(w, 32, 900);
  },
  'the last slot of a cell overflows into the head of the next cell, then that cell is given back': (w) => {
    const { blocks } = cellsInUse(w, 6000);
    const bases = new Set(w.cells().map((cell) => w.read(cell + L.cell_base)));
    const base = [...bases].find((each) => bases.has(each + 8192));
    w.write(base + 8192 - 4, 16384 | kUsed);
    for (const pointer of blocks.filter((each) => each >= base + 8192 && each < base + 16384)) w.free(pointer);
    fill(w, 16000, 3);
  },

  // ---- the map ----
  "an entry of the map -> a fake cell in the program's data": (w) => {
    const { blocks } = cellsInUse(w);
    fakeCell(w, kTarget, blocks[700] & -8192, 2, 1);
    w.write(w.entryOf(blocks[700]), kTarget);
    w.free(blocks[700]);
    fill(w, 32, 600);
  },
  'an entry of the map -> another cell': (w) => {
    const { blocks, cells } = cellsInUse(w);
    w.write(w.entryOf(blocks[700]), cells.find((cell) => cell !== w.cellOf(blocks[700])));
    w.free(blocks[700]);
    fill(w, 32, 600);
  },
  'an entry of the map cleared: a slot is freed as if it were a chunk': (w) => {
    const { blocks } = cellsInUse(w);
    const pointer = blocks[700];
    w.write(w.entryOf(pointer), 0);
    asBlock(w, pointer, 64);
    w.free(pointer);
    fill(w, 32, 600);
    fill(w, 56, 60);
  },
  "the map's address -> a fake map in a block of the attacker's": (w) => {
    const { blocks } = cellsInUse(w);
    const map = w.malloc(20000);
    fakeCell(w, kTarget, kTarget & -8192, 2, 1);
    for (let i = 0; i < 4000; i++) w.write(map + 4 * i, kTarget);
    w.write(w.field('map_entries'), map);
    w.heap.free(blocks[0]);
    fill(w, 32, 900);
    goOn(w);
  },
  "the map's length enlarged, then the heap grows": (w) => {
    warmUp(w);
    w.write(w.field('map_count'), 0x10000);
    fill(w, 48, 30000);
  },
  "the map's first address moved": (w) => {
    const { blocks } = cellsInUse(w);
    w.write(w.field('map_first'), w.read(w.field('map_first')) + 1);
    for (const pointer of blocks.slice(0, 900)) w.free(pointer);
    fill(w, 32, 900);
  },

  // ---- the state ----
  "a linear overflow of the program's last array into the state, by zeros": (w) => {
    warmUp(w);
    for (let at = 0; at < L.state_bytes; at += 4) w.write(w.state + at, 0);
    goOn(w);
  },
  'the same, 64 bytes of 0x41': (w) => {
    warmUp(w);
    for (let at = 0; at < 64; at += 4) w.write(w.state + at, 0x41414141);
    goOn(w);
  },
  'the same with the state that a run with another key has, the active word of a class forged': (w) => {
    const twin = new World({ key: 1 });
    for (const world of [twin, w]) fill(world, 24, 40);
    pasteWords(w, w.state, copyWords(twin, twin.state, L.state_bytes / 4));
    w.write(w.place(2), kTarget);
    fill(w, 24, 40);
  },
  "top -> the program's data, the newest region -> a fake one": (w) => {
    warmUp(w);
    const region = kTarget - 0x100, end = kTarget + 0x4000;
    w.write(region + L.region_next, 0);
    w.write(region + L.region_begin, region);
    w.write(region + L.region_end, end);
    w.write(kTarget - 4, (end - kTarget) | L.below_in_use);
    w.write(end - 4, L.in_use);
    w.write(w.field('top'), kTarget - 4);
    w.write(w.field('fence'), end - 4);
    w.write(w.field('newest'), region);
    fill(w, 15000, 20);
    fill(w, 3000, 20);
  },
  '`known_zero_from` set to 0: calloc must not hand out old contents': (w) => {
    const block = w.malloc(3000);
    w.malloc(10);
    w.free(block);
    w.write(w.field('known_zero_from'), 0);
    w.calloc(3000);
  },
  "a bin's first chunk -> a fake one in the program's data": (w) => {
    warmUp(w);
    fakeFree(w, kTarget - 4, 2048);
    const bin = L.size_class(2048);
    w.write(w.field('bin_lists') + 4 * bin, kTarget - 4);
    w.write(w.field('bin_maps') + 4 * (bin >>> 5), w.read(w.field('bin_maps') + 4 * (bin >>> 5)) | (1 << (bin & 31)));
    fill(w, 2030, 9);
  },
  'the same with `low` set to 0 and `high` to the largest': (w) => {
    w.malloc(1000);
    w.write(w.field('low'), 0);
    w.write(w.field('high'), -16);
    kAttacks["a bin's first chunk -> a fake one in the program's data"](w);
  },
  "a region's end enlarged, then heap_reset": (w) => {
    warmUp(w);
    const page = w.foreignPage();
    fill(w, 70000, 8);
    const region = w.regions().at(-1);
    w.write(region + L.region_end, page + kPage);
    w.heap.heap_reset();
    w.blocks.clear();
    fill(w, 2000, 400);
  },
  'the list of regions -> a fake one, then heap_reset': (w) => {
    warmUp(w);
    const region = kTarget;
    w.write(region + L.region_next, 0);
    w.write(region + L.region_begin, region);
    w.write(region + L.region_end, kTarget + 0x4000);
    w.write(w.regions().at(-1) + L.region_next, region);
    w.heap.heap_reset();
    w.blocks.clear();
    fill(w, 2000, 400);
  },

  // ---- double free ----
  'a chunk freed twice at once': (w) => {
    const [a] = fill(w, 1000, 3);
    w.free(a);
    w.heap.free(a);
    fill(w, 1000, 3);
  },
  'a slot freed twice at once': (w) => {
    const a = fill(w, 32, 60)[40];
    w.free(a);
    w.heap.free(a);
    fill(w, 32, 3);
  },
  'a chunk freed again after its neighbours were joined with it': (w) => {
    const [a, b, c] = fill(w, 1000, 4);
    for (const block of [b, a, c]) w.free(block);
    w.heap.free(b);
    fill(w, 1000, 4);
  },
  'a slot freed again after its cell was given back': (w) => {
    const blocks = fill(w, 32, 3000);
    const [mine] = blocks;
    for (const block of blocks) w.free(block);
    w.heap.free(mine);
    fill(w, 1000, 90);
  },
  'a chunk freed again after a longer block took its place': (w) => {
    const [, a, b] = fill(w, 1000, 4);
    w.free(a);
    w.free(b);
    w.malloc(1900);
    w.heap.free(b);
    fill(w, 900, 3);
  },
  'a block from before heap_reset freed after it': (w) => {
    const [, a] = fill(w, 1000, 4);
    const [s] = fill(w, 32, 60).slice(-5);
    w.heap.heap_reset();
    w.blocks.clear();
    fill(w, 900, 2);
    for (const block of [a, s]) {
      try {
        w.heap.free(block);
      } catch {}
    }
    fill(w, 1000, 9);
  },
  'a block of another heap over the same memory freed here': (w) => {
    const other = new World({ key: 5 });
    other.mallocs(4, 1000);
    warmUp(w);
    const page = w.foreignPage();
    fill(w, 70000, 8);
    const second = new WebAssembly.Instance(compiled('memory.wasm'), { env: { memory: w.memory } }).exports;
    second.heap_protect(77);
    second.heap_add_region(page, kPage);
    const theirs = second.malloc(1000) >>> 0;
    w.heap.free(theirs);
    fill(w, 1000, 100);
  },
  'a slot freed again after it was handed out again': (w) => {
    const a = fill(w, 32, 60).at(-1);
    w.free(a);
    fill(w, 32, 1);
    w.heap.free(a);
    fill(w, 32, 1);
  },
  'a chunk freed again after it was handed out again': (w) => {
    const [, a] = fill(w, 1000, 4);
    w.free(a);
    fill(w, 1000, 1);
    w.heap.free(a);
    fill(w, 1000, 1);
  },
  'a block moved by realloc after it was freed and handed out again': (w) => {
    const [, a] = fill(w, 1000, 4);
    w.free(a);
    fill(w, 1000, 1);
    w.heap.realloc(a, 5000);
    fill(w, 1000, 1);
  },
};

// ---- an attacker who can also read ----

export const kReaders = {
  'a fake block in an own block, with the seal of another block': (w) => {
    const [a, b] = [w.malloc(4000), w.malloc(1000)];
    const size = sizeOf(w, b);
    asBlock(w, a + 64, size);
    w.write(a + 64 - 4 + size - 4, w.read(b - 4 + size - 4));
    w.heap.free(a + 64);
    fill(w, 1000, 9);
  },
  'the links of a freed chunk exchanged with those of another': (w) => {
    const [, a, b, , , d, , f] = fill(w, 1000, 10);
    for (const block of [f, d, b]) w.free(block);
    const links = copyWords(w, d, 2);
    pasteWords(w, d, copyWords(w, b, 2));
    pasteWords(w, b, links);
    w.free(a);
    fill(w, 1000, 10);
  },
  'the tags that a block had when it was longer, written back, then freed': (w) => {
    const [, a] = fill(w, 2000, 4);
    const size = sizeOf(w, a);
    const [head, seal] = [w.read(a - 4), w.read(a - 4 + size - 4)];
    w.free(a);
    w.malloc(900);
    w.malloc(1000);
    w.write(a - 4, head);
    w.write(a - 4 + size - 4, seal);
    w.free(a);
    fill(w, 1900, 3);
  },
  'the place of an active word as it was for a cell that was given back': (w) => {
    const { blocks } = cellsInUse(w);
    const place = copyWords(w, w.place(2), 2);
    const bits = w.field('nothing') + place[1];
    const free = copyWords(w, bits, L.free_bits_bytes / 4);
    for (const block of blocks) w.free(block);
    w.heap.heap_trim();
    fill(w, 3000, 60);
    pasteWords(w, w.place(2), place);
    pasteWords(w, bits, free);
    fill(w, 32, 60);
  },
};
