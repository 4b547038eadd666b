// How the debug heap keeps what it knows, in its own memory: the same as src/wasm/debug/records.h and finding.h.

/** @typedef {'malloc' | 'new' | 'new[]' | 'aligned new' | 'aligned new[]'} Family by whom a block was allocated */
/** @typedef {'live' | 'freed' | 'past' | 'reset'} State 'freed': its memory is still kept from being used again; 'past': it isn't */

export const kFamilies = /** @type {const} */ (['malloc', 'new', 'new[]', 'aligned new', 'aligned new[]']);
/** What frees a block of each family. */
export const kFreedBy = ['free', 'delete', 'delete[]', 'delete with its alignment', 'delete[] with its alignment'];
const kStates = /** @type {const} */ (['unused', 'live', 'freed', 'past', 'reset']);
export const kMisuses = /** @type {const} */ ([
  '',
  'double-free',
  'invalid-free',
  'free-after-reset',
  'overrun',
  'underrun',
  'write-after-free',
  'mismatched-free',
  'wrong-size',
  'wrong-alignment',
]);
/** The calls that find misuse. */
export const kOperations = ['free', 'realloc', 'check', 'malloc_usable_size', 'the quarantine'];

const kRecordWords = 8;
const kInChunk = 2048;
const kLive = 1;

/**
 * What is known of a block.
 * @typedef {object} BlockRecord
 * @property {number} pointer
 * @property {number} byteLength as asked for
 * @property {number} number of its allocation: the first ever has 1
 * @property {number} freed how many allocations there had been when it was freed
 * @property {number} allocatedBy the number of a stack; 0: not known
 * @property {number} freedBy
 * @property {number} alignment
 * @property {Family} family
 * @property {State | 'unused'} state
 */

/**
 * @param {Uint32Array} words of the debug heap's memory
 * @param {number} at the record's address
 * @returns {BlockRecord}
 */
export function recordAt(words, at) {
  const i = at >>> 2;
  const rest = words[i + 7];
  return {
    pointer: words[i],
    byteLength: words[i + 1],
    number: words[i + 2],
    freed: words[i + 3],
    allocatedBy: words[i + 4],
    freedBy: words[i + 5],
    alignment: 2 ** (rest & 0xff),
    family: kFamilies[(rest >> 8) & 0xff],
    state: kStates[(rest >> 16) & 0xff],
  };
}

/**
 * Calls `visit` with the place of each live block's record in `words`: a million of them in some 10 ms. The words are those of `recordAt`: pointer, byteLength,
 * number, freed, allocatedBy.
 * @param {Record<string, any>} exports of the debug heap
 * @param {(words: Uint32Array, index: number) => void} visit
 */
export function eachLive(exports, visit) {
  const words = new Uint32Array(exports.heap_debug_memory.buffer);
  const count = exports.heap_debug_records();
  for (let first = 0; first < count; first += kInChunk) {
    let index = exports.heap_debug_record(first) >>> 2;
    for (let left = Math.min(kInChunk, count - first); left > 0; left--, index += kRecordWords) {
      if (((words[index + 7] >> 16) & 0xff) === kLive) visit(words, index);
    }
  }
}

/**
 * @typedef {object} RawFinding
 * @property {typeof kMisuses[number]} misuse
 * @property {string} operation the call that found it
 * @property {number} pointer
 * @property {BlockRecord} [record] of the block, or of the one nearest to a pointer that is no block's
 * @property {number} written the first byte that was overwritten, or 0
 * @property {number} claimed the wrong size or alignment, or the number of the wrong family
 */

/**
 * The misuse found last.
 * @param {Record<string, any>} exports of the debug heap
 * @returns {RawFinding}
 */
export function lastFinding(exports) {
  const words = new Uint32Array(exports.heap_debug_memory.buffer);
  const [misuse, operation, pointer, record, written, claimed] = words.subarray(exports.heap_debug_finding() >>> 2);
  return { misuse: kMisuses[misuse], operation: kOperations[operation], pointer, record: record ? recordAt(words, record) : undefined, written, claimed };
}
