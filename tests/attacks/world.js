// A memory with a program and dist/memory.wasm in it, which an attacker writes into. The program's data and stack are below the heap, which
// begins right behind them, as with __heap_base. Every block is filled with a byte of its own; whatever the heap does
// that harms a block, the program or somebody else's pages is thrown as Corruption.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kDist } from '../wasm/toolchain.js';
import { layout } from './layout.js';

export const kPage = 65536;
export const kData = 2 * kPage;
export const kHeapBase = 3 * kPage; // where data and stack end

export class Corruption extends Error {
  constructor(kind, what) {
    super(`${kind}: ${what}`);
    this.kind = kind;
  }
}

const hex = (address) => `0x${(address >>> 0).toString(16)}`;
const modules = new Map();

export function compiled(file) {
  if (!modules.has(file)) modules.set(file, new WebAssembly.Module(readFileSync(join(kDist, file))));
  return modules.get(file);
}

/** A repeatable sequence of numbers below `limit`. */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

export class World {
  #u8;
  #u32;

  /** @param {{ key?: number, pages?: number, maximum?: number, file?: string }} [options] */
  constructor({ key = Math.floor(Math.random() * 2 ** 32), pages = 8, maximum = 1024, file = 'memory.wasm' } = {}) {
    this.memory = new WebAssembly.Memory({ initial: pages, maximum });
    this.u8.fill(0xa5, kData, kHeapBase);
    this.program = this.u8.slice(kData, kHeapBase);
    this.blocks = new Map(); // in use: pointer -> { bytes, byte, touched }
    this.foreign = []; // pages of others
    this.file = file;
    this.id = 0;
    this.heap = new WebAssembly.Instance(compiled(file), { env: { memory: this.memory } }).exports;
    this.heap.heap_protect(key);
    this.heap.heap_add_region(kHeapBase, pages * kPage - kHeapBase);
  }

  get u8() {
    if (!this.#u8?.byteLength) this.#u8 = new Uint8Array(this.memory.buffer);
    return this.#u8;
  }

  get u32() {
    if (!this.#u32?.byteLength) this.#u32 = new Uint32Array(this.memory.buffer);
    return this.#u32;
  }

  get state() {
    return this.heap.heap_state() >>> 0;
  }

  /** All of it, for restore. */
  save() {
    return { bytes: this.u8.slice(), blocks: new Map(this.blocks), program: this.program.slice(), id: this.id };
  }

  restore({ bytes, blocks, program, id }) {
    this.u8.set(bytes);
    this.u8.fill(0, bytes.length);
    this.blocks = new Map([...blocks].map(([pointer, block]) => [pointer, { ...block }]));
    this.program = program.slice();
    this.id = id;
  }

  // ---- what the attacker does ----

  read(address) {
    return this.u32[address >>> 2];
  }

  /** Writes a word. Where it is the program's own, or a block's, that is no damage. */
  write(address, value) {
    this.u32[address >>> 2] = value;
    this.#touch(address >>> 0, 4);
  }

  writeByte(address, value) {
    this.u8[address >>> 0] = value;
    this.#touch(address >>> 0, 1);
  }

  #touch(address, count) {
    for (let at = Math.max(address, kData); at < Math.min(address + count, kHeapBase); at++) this.program[at - kData] = this.u8[at];
    for (const [pointer, block] of this.blocks) if (address + count > pointer && address < pointer + block.bytes) block.touched = true;
  }

  // ---- what the program does ----

  malloc(bytes) {
    const pointer = this.#admit(this.heap.malloc(bytes) >>> 0, bytes, `malloc(${bytes})`);
    if (pointer) this.#fill(pointer, bytes);
    return pointer;
  }

  /** So many blocks. */
  mallocs(count, bytes) {
    return Array.from({ length: count }, () => this.malloc(bytes));
  }

  calloc(bytes) {
    const pointer = this.#admit(this.heap.calloc(1, bytes) >>> 0, bytes, `calloc(${bytes})`);
    if (!pointer) return 0;
    if (this.u8.subarray(pointer, pointer + bytes).some((byte) => byte !== 0)) throw new Corruption('content', `calloc(${bytes}) is not zero`);
    this.#fill(pointer, bytes);
    return pointer;
  }

  free(pointer) {
    this.#checkBlock(pointer);
    this.blocks.delete(pointer);
    this.heap.free(pointer);
  }

  realloc(pointer, bytes) {
    const before = this.blocks.get(pointer);
    this.#checkBlock(pointer);
    const moved = this.heap.realloc(pointer, bytes) >>> 0;
    if (!moved) return 0;
    this.blocks.delete(pointer);
    this.#admit(moved, bytes, `realloc(${bytes})`);
    const kept = Math.min(bytes, before.bytes);
    if (!before.touched && this.u8.subarray(moved, moved + kept).some((byte) => byte !== before.byte)) throw new Corruption('content', `realloc(${bytes}) lost the content`);
    this.#fill(moved, bytes);
    return moved;
  }

  /** A page that somebody else grows. Its address. */
  foreignPage() {
    const begin = this.memory.grow(1) * kPage;
    this.foreign.push(begin);
    return begin;
  }

  /** Every block and the program's data are as they were. */
  check() {
    for (const pointer of this.blocks.keys()) this.#checkBlock(pointer);
    const now = this.u8.subarray(kData, kHeapBase);
    const changed = this.program.findIndex((byte, i) => byte !== now[i]);
    if (changed >= 0) throw new Corruption('program', `the byte at ${hex(kData + changed)} of the program's data has changed`);
  }

  #admit(pointer, bytes, what) {
    if (!pointer) return 0;
    const end = pointer + Math.max(bytes, 1);
    if (end > this.memory.buffer.byteLength || pointer < kHeapBase) throw new Corruption('outside', `${what} returned ${hex(pointer)}`);
    for (const [other, block] of this.blocks)
      if (pointer < other + Math.max(block.bytes, 1) && other < end) throw new Corruption('overlap', `${what} returned ${hex(pointer)}, where ${block.bytes} bytes at ${hex(other)} are in use`);
    if (this.foreign.some((page) => pointer < page + kPage && page < end)) throw new Corruption('outside', `${what} returned ${hex(pointer)} in somebody else's page`);
    return pointer;
  }

  #fill(pointer, bytes) {
    const byte = (++this.id & 0xff) || 1;
    this.u8.fill(byte, pointer, pointer + bytes);
    this.blocks.set(pointer, { bytes, byte, touched: false });
  }

  #checkBlock(pointer) {
    const block = this.blocks.get(pointer);
    if (!block || block.touched) return;
    if (this.u8.subarray(pointer, pointer + block.bytes).some((byte) => byte !== block.byte)) throw new Corruption('content', `the block at ${hex(pointer)} has changed`);
  }

  // ---- where things are ----

  field(name) {
    return this.state + layout[name];
  }

  classField(number, name) {
    return this.field('classes') + number * layout.class_bytes + layout[name];
  }

  place(number) {
    return this.field('places') + 8 * number; // base, then word
  }

  /** The map's entry for an address. */
  entryOf(address) {
    return this.read(this.field('map_entries')) + 4 * (Math.floor(address / layout.cell_bytes) - this.read(this.field('map_first')));
  }

  /** The descriptors of all cells. */
  cells() {
    const entries = this.read(this.field('map_entries'));
    const count = this.read(this.field('map_count'));
    return Array.from({ length: count }, (_, i) => this.read(entries + 4 * i)).filter(Boolean);
  }

  cellOf(pointer) {
    return this.read(this.entryOf(pointer));
  }

  classOf(cell) {
    return this.u8[cell + layout.cell_class];
  }

  regions() {
    const all = [];
    for (let region = this.read(this.field('newest')); region; region = this.read(region + layout.region_next)) all.push(region);
    return all;
  }
}

/** What came of an attack or of tampering: 'trap', 'nothing', or the kind of corruption. */
export function outcomeOf(attempt) {
  try {
    attempt();
    return { outcome: 'nothing' };
  } catch (error) {
    if (error instanceof Corruption) return { outcome: error.kind, what: error.message };
    if (error instanceof WebAssembly.RuntimeError) return { outcome: 'trap' };
    throw error;
  }
}

export const isCorrupt = ({ outcome }) => outcome !== 'trap' && outcome !== 'nothing';

const kSizes = [1, 16, 17, 24, 32, 40, 48, 64, 100, 112, 128, 200, 256, 300, 400, 512, 513, 700, 1000, 2000, 4096, 5000, 9000, 20000, 70000];

/** A heap in normal use: cells of several classes, chunks, free chunks in bins. Returns the blocks in use. */
export function warmUp(world, seed = 1) {
  const random = randomNumbers(seed);
  const blocks = [24, 48, 100, 200].flatMap((bytes) => world.mallocs(60, bytes));
  for (let i = 0; i < 120; i++) blocks.push(world.malloc(kSizes[random(kSizes.length - 1)]));
  for (let i = 0; i < 90; i++) world.free(blocks.splice(random(blocks.length), 1)[0]);
  return blocks;
}

/** So many random operations, then everything is freed and taken anew. */
export function use(world, blocks, seed = 7, operations = 500) {
  const random = randomNumbers(seed);
  for (let i = 0; i < operations; i++) {
    const kind = random(10);
    if (kind < 4 && blocks.length) {
      world.free(blocks.splice(random(blocks.length), 1)[0]);
    } else if (kind < 5 && blocks.length) {
      const which = random(blocks.length);
      blocks[which] = world.realloc(blocks[which], kSizes[random(kSizes.length)]) || blocks[which];
    } else {
      const bytes = kind < 7 ? [24, 48, 100, 200][random(4)] : kSizes[random(kSizes.length)];
      const pointer = kind === 9 ? world.calloc(bytes) : world.malloc(bytes);
      if (pointer) blocks.push(pointer);
    }
    if (i % 100 === 99) world.check();
  }
  world.check();
  for (const pointer of blocks.splice(0)) world.free(pointer);
  for (const bytes of kSizes) world.malloc(bytes);
  world.check();
}
