// Reads a recorded malloc trace (WMT1, see bench/README.md) and turns it into the replayer's two words per operation
// (bench/harness/replay.c).
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

const FREE = 1, REALLOC = 3, ALIGNED_ALLOC = 4;  // 0 malloc, 2 calloc, 5 realloc(NULL, n) need no care here
const SUFFIX = '.wmt.br';

/**
 * @typedef {object} Trace
 * @property {string} name
 * @property {Uint32Array} operations two words each; what is alive at the end is freed
 * @property {number} count operations, the added frees included
 * @property {number} slots entries of the table of live blocks
 * @property {number} maxAlignment the largest that aligned_alloc is asked for; 0 if never
 * @property {number} peakLive bytes asked for and not yet freed, at most
 */

/** @typedef {{ name: string, path: string }} TraceFile */

/** The traces in a directory, by name. @param {string} directory @returns {TraceFile[]} */
export function tracesIn(directory) {
  return readdirSync(directory).filter((file) => file.endsWith(SUFFIX)).sort().map((file) => ({ name: basename(file, SUFFIX), path: join(directory, file) }));
}

/** @param {TraceFile} file @returns {Trace} */
export function readTrace({ name, path }) {
  return decodeTrace(name, brotliDecompressSync(readFileSync(path)));
}

/** @param {string} name @param {Uint8Array} bytes @returns {Trace} */
export function decodeTrace(name, bytes) {
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== 'WMT1') throw new Error(`trace ${name}: expected it to begin with WMT1, found ${JSON.stringify(magic)}`);
  const relative = bytes[4] === 1;
  const header = column(bytes, 5);
  const [count, slots, allocations] = [header(), header(), header()];
  header();  // peakLiveBytes, which is computed again below
  const lengths = [header(), header(), header(), header()];
  let offset = header.offset();
  const [kinds, sizes, references, alignments] = lengths.map((length) => {
    offset += length;
    return column(bytes, offset - length);
  });
  const kindsAt = offset - lengths.reduce((sum, length) => sum + length);

  const operations = new Uint32Array(2 * (count + slots));
  const sizeOfSlot = new Float64Array(slots);
  const live = new Uint8Array(slots);
  const slotOfAllocation = new Uint32Array(allocations);
  const freeSlots = [];
  let allocated = 0, usedSlots = 0, liveBytes = 0, peakLive = 0, maxAlignment = 0, at = 0;

  const find = () => {
    const reference = references();
    return relative ? slotOfAllocation[allocated - 1 - reference] : reference;
  };
  const emit = (/** @type {number} */ slot, /** @type {number} */ kind, /** @type {number} */ bytes, extra = 0) => {
    operations[at++] = (slot << 8 | extra << 3 | kind) >>> 0;
    operations[at++] = bytes;
  };
  const free = (/** @type {number} */ slot) => {
    emit(slot, FREE, sizeOfSlot[slot]);
    liveBytes -= sizeOfSlot[slot];
    live[slot] = 0;
  };

  for (let i = 0; i < count; i++) {
    const kind = bytes[kindsAt + i];
    if (kind === FREE) {
      const slot = find();
      free(slot);
      freeSlots.push(slot);
      continue;
    }
    const moved = kind === REALLOC;
    const slot = moved ? find() : freeSlots.pop() ?? usedSlots++;
    // realloc(p, 0) means different things to different allocators: ask for the smallest block instead.
    const size = moved ? Math.max(1, sizes()) : sizes();
    let extra = moved && sizeOfSlot[slot] > 0 ? 1 : 0;
    if (kind === ALIGNED_ALLOC) {
      extra = alignments.byte();
      maxAlignment = Math.max(maxAlignment, 2 ** extra);
    }
    emit(slot, kind, size, extra);
    liveBytes += size - (moved ? sizeOfSlot[slot] : 0);
    peakLive = Math.max(peakLive, liveBytes);
    sizeOfSlot[slot] = size;
    live[slot] = 1;
    slotOfAllocation[allocated++] = slot;
  }
  for (let slot = 0; slot < usedSlots; slot++) if (live[slot]) free(slot);
  return { name, operations: operations.slice(0, at), count: at / 2, slots: Math.max(1, usedSlots), peakLive, maxAlignment };
}

/** A reader of LEB128 numbers from `start` on. @param {Uint8Array} bytes @param {number} start */
function column(bytes, start) {
  let offset = start;
  const next = () => {
    let value = 0, scale = 1, byte;
    do {
      byte = bytes[offset++];
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte & 128);
    return value;
  };
  next.byte = () => bytes[offset++];
  next.offset = () => offset;
  return next;
}
