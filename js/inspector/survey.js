// A pass over all blocks of a heap, in slices of a few milliseconds, so that a heap of a million blocks does not hold up a frame. One pass
// counts everything that the inspector shows: the cells of the map, sizes, and bytes by stack.

/** @typedef {import('../toolkit/heap.js').Heap & Partial<import('../debug/debug-heap.js').DebugMembers> & { sites?: import('../debug/leaks.js').Site[] }} AnyHeap `sites`: of a snapshot */

/**
 * Which addresses the map shows: rows of `bytesPerRow`, each of `columns` cells.
 * @typedef {{ start: number, bytesPerRow: number, columns: number, rows: number }} Viewport
 */

/** The functions of the heap, those of the debug heap among them. @param {AnyHeap} heap */
export const exportsOf = (heap) => /** @type {Record<string, any>} */ (/** @type {unknown} */ (heap.exports));

/** Sizes are counted by powers of two: 1, 2 ... 2^31. */
export const kSizeClasses = 33;
/** @param {number} byteLength */
export const sizeClass = (byteLength) => (byteLength < 2 ? 0 : 32 - Math.clz32(byteLength - 1));

const kLive = 1;
const kQuarantined = 2;
const kRecordWords = 8;
const kInChunk = 2048;
/** How often the clock is asked. */
const kRecordsAtATime = 4096;

export class Survey {
  /** @param {Viewport} viewport */
  constructor(viewport) {
    this.viewport = viewport;
    const cells = viewport.columns * viewport.rows;
    /** Bytes in use, freed but kept, and overhead, in each cell; and the size class of a block in it. */
    this.used = new Float32Array(cells);
    this.freed = new Float32Array(cells);
    this.overhead = new Float32Array(cells);
    this.classes = new Uint8Array(cells);
    this.blocks = 0;
    this.bytes = 0;
    this.sizes = new Uint32Array(kSizeClasses);
    this.sizeBytes = new Float64Array(kSizeClasses);
    /** By the number of a stack: bytes, blocks, number and pointer of the first. */
    this.stackBytes = new Float64Array(256);
    this.stackBlocks = new Uint32Array(256);
    /** The pieces of a release heap by address, for finding what is at a point: pointers, sizes, kinds. @type {{ pointer: number, byteLength: number, kind: string }[]} */
    this.spans = [];
  }

  /** @param {number} pointer @param {number} byteLength @param {Float32Array} cells @param {number} [shade] */
  paint(pointer, byteLength, cells, shade) {
    const { start, bytesPerRow, columns, rows } = this.viewport;
    const scale = columns / bytesPerRow;
    const from = (pointer - start) * scale;
    const to = (pointer + byteLength - start) * scale;
    if (to <= 0 || from >= columns * rows) return;
    const cell = Math.max(0, Math.floor(from));
    const last = Math.min(columns * rows - 1, Math.floor(to - 1e-9));
    if (shade !== undefined) this.classes.fill(shade, cell, last + 1);
    if (cell === last) {
      cells[cell] += Math.min(to, cell + 1) - Math.max(from, cell);
      return;
    }
    cells[cell] += cell + 1 - Math.max(from, cell);
    cells.fill(1, cell + 1, last);
    cells[last] += to - last;
  }

  /** @param {number} pointer @param {number} byteLength @param {number} stack */
  count(pointer, byteLength, stack) {
    const size = sizeClass(byteLength);
    this.blocks++;
    this.bytes += byteLength;
    this.sizes[size]++;
    this.sizeBytes[size] += byteLength;
    if (stack >= this.stackBytes.length) this.#moreStacks(stack);
    this.stackBytes[stack] += byteLength;
    this.stackBlocks[stack]++;
    this.paint(pointer, byteLength, this.used, size);
  }

  /** @param {number} stack */
  #moreStacks(stack) {
    const bytes = new Float64Array(2 * stack);
    bytes.set(this.stackBytes);
    this.stackBytes = bytes;
    const blocks = new Uint32Array(2 * stack);
    blocks.set(this.stackBlocks);
    this.stackBlocks = blocks;
  }
}

/**
 * Surveys a heap. Each `next(milliseconds)` works so long and returns the survey when it is complete.
 * @param {AnyHeap} heap
 * @param {Viewport} viewport
 * @returns {Generator<undefined, Survey, number>}
 */
export function survey(heap, viewport) {
  return exportsOf(heap).heap_debug_records ? surveyRecords(heap, viewport) : surveySpans(heap, viewport);
}

/** @param {AnyHeap} heap @param {Viewport} viewport @returns {Generator<undefined, Survey, number>} */
function* surveyRecords(heap, viewport) {
  const exports = exportsOf(heap);
  const result = new Survey(viewport);
  let end = performance.now() + (yield);
  const total = exports.heap_debug_records() >>> 0;
  for (let first = 0; first < total; first += kRecordsAtATime) {
    // Taken anew for each slice: the memory may have grown.
    const words = new Uint32Array(exports.heap_debug_memory.buffer);
    for (let chunk = first; chunk < Math.min(first + kRecordsAtATime, total); chunk += kInChunk) {
      let i = exports.heap_debug_record(chunk) >>> 2;
      for (let left = Math.min(kInChunk, total - chunk); left > 0; left--, i += kRecordWords) {
        const state = (words[i + 7] >> 16) & 0xff;
        if (state === kLive) result.count(words[i], words[i + 1], words[i + 4]);
        else if (state === kQuarantined) result.paint(words[i], words[i + 1], result.freed);
      }
    }
    if (performance.now() >= end) end = performance.now() + (yield);
  }
  return result;
}

/** The release heap's walk ends with the next malloc or free: it is done at one go. @param {AnyHeap} heap @param {Viewport} viewport @returns {Generator<undefined, Survey, number>} */
function* surveySpans(heap, viewport) {
  const result = new Survey(viewport);
  yield;
  for (const span of heap.spans()) {
    if (span.kind === 'used') result.count(span.pointer, span.byteLength, 0);
    else if (span.kind === 'overhead') result.paint(span.pointer, span.byteLength, result.overhead);
    result.spans.push(span);
  }
  result.spans.sort((a, b) => a.pointer - b.pointer);
  return result;
}
