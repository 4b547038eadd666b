// Traces of allocations in the benchmark's format WMT1 (bench/README.md): written while a heap is used, read to be replayed.
//
//   "WMT1" | kind of reference | operations, slots, allocations, peak of live bytes, and the lengths of the columns | the columns:
//   operation | size | reference | alignment

const kMalloc = 0;
const kFree = 1;
const kRealloc = 3;
const kAlignedAlloc = 4;
const kByAllocation = 1;

/** A column that grows. */
class Column {
  #bytes = new Uint8Array(1024);
  length = 0;

  /** @param {number} value */
  byte(value) {
    if (this.length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.length++] = value;
  }

  /** @param {number} value as LEB128 */
  number(value) {
    for (; value > 127; value = Math.floor(value / 128)) this.byte((value % 128) | 128);
    this.byte(value);
  }

  get bytes() {
    return this.#bytes.subarray(0, this.length);
  }
}

/** Writes a trace. Blocks are known by their pointer; a free of one that was there before is left out. */
export class TraceWriter {
  #columns = { operation: new Column(), size: new Column(), reference: new Column(), alignment: new Column() };
  /** By pointer: which allocation it was, its slot and size. @type {Map<number, [number: number, slot: number, byteLength: number]>} */
  #live = new Map();
  /** @type {number[]} */
  #freeSlots = [];
  #slots = 0;
  #allocations = 0;
  #liveBytes = 0;
  #peak = 0;

  /** @param {number} pointer @param {number} byteLength @param {number} [alignment] */
  allocated(pointer, byteLength, alignment = 16) {
    const { operation, size, alignment: alignments } = this.#columns;
    operation.byte(alignment > 16 ? kAlignedAlloc : kMalloc);
    size.number(byteLength);
    if (alignment > 16) alignments.byte(Math.log2(alignment));
    this.#live.set(pointer, [this.#allocations++, this.#freeSlots.pop() ?? this.#slots++, byteLength]);
    this.#liveBytes += byteLength;
    this.#peak = Math.max(this.#peak, this.#liveBytes);
  }

  /** @param {number} pointer */
  freed(pointer) {
    const block = this.#live.get(pointer);
    if (!block) return;
    this.#live.delete(pointer);
    const [number, slot, byteLength] = block;
    this.#columns.operation.byte(kFree);
    this.#columns.reference.number(this.#allocations - 1 - number);
    this.#freeSlots.push(slot);
    this.#liveBytes -= byteLength;
  }

  get operations() {
    return this.#columns.operation.length;
  }

  /** The trace so far. */
  bytes() {
    const { operation, size, reference, alignment } = this.#columns;
    const columns = [operation, size, reference, alignment];
    const header = new Column();
    for (const letter of 'WMT1') header.byte(letter.charCodeAt(0));
    header.byte(kByAllocation);
    for (const value of [operation.length, this.#slots, this.#allocations, this.#peak, ...columns.map(({ length }) => length)]) header.number(value);
    const parts = [header, ...columns];
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    parts.reduce((at, part) => (bytes.set(part.bytes, at), at + part.length), 0);
    return bytes;
  }
}

/**
 * @typedef {object} Operation
 * @property {'allocate' | 'free' | 'resize'} kind
 * @property {number} slot of the block
 * @property {number} byteLength for a free, of the block
 * @property {number} alignment
 */

/**
 * Reads a trace, operation by operation. Throws if it is none.
 * @param {Uint8Array} bytes not compressed
 * @returns {Generator<Operation, void>}
 */
export function* readTrace(bytes) {
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== 'WMT1') throw new Error('not a trace: it does not begin with WMT1');
  const relative = bytes[4] === kByAllocation;
  let offset = 5;
  const columnAt = (/** @type {number} */ at) => {
    const next = () => {
      let value = 0,
        scale = 1,
        byte;
      do {
        if (at >= bytes.length) throw new Error('the trace is cut short');
        byte = bytes[at++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte & 128);
      offset = at;
      return value;
    };
    return next;
  };
  const header = columnAt(offset);
  const [count] = [header(), header(), header(), header()];
  const lengths = [header(), header(), header(), header()];
  const kinds = offset;
  const starts = lengths.map((_, i) => kinds + lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
  const [, sizes, references] = starts.map(columnAt);
  let alignment = starts[3];
  /** @type {number[]} */
  const slotOf = [],
    sizeOf = [],
    freeSlots = [];
  let slots = 0;
  const find = () => {
    const reference = references();
    return relative ? slotOf[slotOf.length - 1 - reference] : reference;
  };
  for (let i = 0; i < count; i++) {
    const kind = bytes[kinds + i];
    if (kind === kFree) {
      const slot = find();
      freeSlots.push(slot);
      yield { kind: 'free', slot, byteLength: sizeOf[slot], alignment: 16 };
      continue;
    }
    const slot = kind === kRealloc ? find() : (freeSlots.pop() ?? slots++);
    const byteLength = sizes();
    const aligned = kind === kAlignedAlloc ? 2 ** bytes[alignment++] : 16;
    slotOf.push(slot);
    sizeOf[slot] = byteLength;
    yield { kind: kind === kRealloc ? 'resize' : 'allocate', slot, byteLength, alignment: aligned };
  }
}
