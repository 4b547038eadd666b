// Turns the recorder's events into a trace (WMT1, brotli): node convert.js <events> <trace.wmt.br>
// Prints a row of figures about it.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const MALLOC = 0, FREE = 1, REALLOC = 3, ALIGNED_ALLOC = 4;
const WORDS = 3;  // of 64 bits, per event

const [eventsFile, traceFile] = process.argv.slice(2);
const trace = convert(readFileSync(eventsFile));
if (trace.operations === 0) throw new Error(`${eventsFile}: no events: did the program leave without running destructors?`);
writeFileSync(traceFile, brotliCompressSync(trace.bytes, { params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_QUALITY]: 10 } }));
console.log(`${basename(traceFile, '.wmt.br')}: ${trace.operations} operations, ${trace.slots} slots, peak live ${(trace.peakLive / 1e6).toFixed(2)} MB`);

/** @param {Buffer} events */
function convert(events) {
  const words = new BigUint64Array(events.buffer, events.byteOffset, Math.floor(events.length / 8));
  const [kinds, sizes, references, alignments] = [column(), column(), column(), column()];
  /** What is live, by address. @type {Map<bigint, { allocation: number, bytes: number }>} */
  const live = new Map();
  let operations = 0, allocations = 0, liveBytes = 0, peakLive = 0, slots = 0;

  /** Ends a block, and says how many allocations ago it began. @param {bigint} address */
  const take = (address) => {
    const block = live.get(address);
    if (!block) return undefined;
    live.delete(address);
    liveBytes -= block.bytes;
    return allocations - 1 - block.allocation;
  };

  for (let at = 0; at + WORDS <= words.length; at += WORDS) {
    const [head, old, address] = words.subarray(at, at + WORDS);
    let kind = Number(head >> 56n);
    const bytes = Number(head & 0xffffffffffffffn);
    const reference = kind === FREE || kind === REALLOC ? take(old) : undefined;
    if (kind === FREE && reference === undefined) continue;  // from before the recording
    if (kind === REALLOC && reference === undefined) kind = MALLOC;
    // An address handed out twice: its free escaped us (a libc function that frees inside itself). It happened before now.
    const missed = kind === FREE ? undefined : take(address);
    if (missed !== undefined) {
      kinds.byte(FREE);
      references.varint(missed);
      operations++;
    }
    kinds.byte(kind);
    operations++;
    if (reference !== undefined) references.varint(reference);
    if (kind === FREE) continue;
    sizes.varint(bytes);
    if (kind === ALIGNED_ALLOC) alignments.byte(Math.round(Math.log2(Number(old))));
    live.set(address, { allocation: allocations++, bytes });
    liveBytes += bytes;
    peakLive = Math.max(peakLive, liveBytes);
    slots = Math.max(slots, live.size);
  }

  const columns = [kinds, sizes, references, alignments].map((each) => each.bytes());
  const header = column();
  for (const character of 'WMT1') header.byte(character.charCodeAt(0));
  header.byte(1);  // references are relative
  for (const value of [operations, slots, allocations, peakLive, ...columns.map((each) => each.length)]) header.varint(value);
  return { bytes: Buffer.concat([header.bytes(), ...columns]), operations, slots, peakLive };
}

/** Bytes and LEB128 numbers, one after another. */
function column() {
  let buffer = Buffer.alloc(1 << 16), length = 0;
  const byte = (/** @type {number} */ value) => {
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)]);
    buffer[length++] = value;
  };
  const varint = (/** @type {number} */ value) => {
    for (; value > 127; value = Math.floor(value / 128)) byte(value % 128 | 128);
    byte(value);
  };
  return { byte, varint, bytes: () => buffer.subarray(0, length) };
}
