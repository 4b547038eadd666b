// Tries functions in scratch instances: does this one behave as malloc does, or free, or realloc? What a function is called or looks like
// is never enough.
//
//     malloc     forty blocks: aligned, inside the memory, apart from each other, each keeps its bytes; NULL for what is too large
//     free       what was freed is handed out again; what was not, is not
//     calloc     zeroes over what a freed block had left; refuses a product that overflows
//     realloc    the bytes are there after growing and shrinking; the old block is free
//     memalign   which of the two parameters is the alignment
//
// dlmalloc is known by what it keeps in front of each block: its size, with bit 0 (the chunk before is in use) and bit 1 (this one is).

/** @typedef {import('./scratch.js').Scratch} Scratch */
/** @typedef {import('./names.js').Role} Role */

/**
 * @typedef {object} Known functions that are found already
 * @property {number} malloc
 * @property {number} [free]
 *
 * @typedef {(scratch: Scratch, index: number, known: Known) => boolean} Try whether a function behaves as the role says. A trap counts as no
 */

const kBlocks = 40;
/** More than there is memory for. */
const kTooLarge = -256;
/** Larger than any chunk that is kept for small requests, smaller than what C libraries would map. */
const kLarge = 5000;

const isBlock = (/** @type {Scratch} */ { u8 }, /** @type {number} */ pointer, /** @type {number} */ size) =>
  pointer > 0 && !(pointer & 7) && pointer + size <= u8().length;

/** Whether all of a range is one byte. @param {Uint8Array} u8 @param {number} start @param {number} size @param {number} byte */
function isFilled(u8, start, size, byte) {
  for (let at = start; at < start + size; at++) if (u8[at] !== byte) return false;
  return true;
}

/**
 * Blocks of different sizes, or nothing if one of them is no block.
 * @param {Scratch} scratch
 * @param {number} malloc
 */
export function someBlocks(scratch, malloc) {
  const blocks = [];
  for (let i = 0; i < kBlocks; i++) {
    const size = 100 + i;
    const pointer = scratch.call(malloc, size) >>> 0;
    if (!isBlock(scratch, pointer, size)) return undefined;
    scratch.u8().fill(i + 1, pointer, pointer + size);
    blocks.push({ pointer, size, byte: i + 1 });
  }
  return blocks.every(({ pointer, size, byte }) => isFilled(scratch.u8(), pointer, size, byte)) ? blocks : undefined;
}

/** @type {Try} */
const isMalloc = (scratch, malloc) => someBlocks(scratch, malloc) !== undefined && scratch.call(malloc, kTooLarge) === 0;

/** A malloc that doesn't clear: one that does is a calloc of one parameter, and its callers rely on it. @type {Try} */
const isPlainMalloc = (scratch, index, known) => {
  if (!isMalloc(scratch, index, known)) return false;
  leaveDirt(scratch, known, 800);
  const pointer = scratch.call(index, 700) >>> 0;
  return isBlock(scratch, pointer, 700) && !isFilled(scratch.u8(), pointer + 16, 600, 0);
};

/** dlmalloc's: the bytes in front of a block; alignments that it is built with; and what is smaller than the smallest chunk stays with a block. */
const kHeader = 4;
const kAlignments = [8, 16];
const kSpare = 24;

/** @param {Scratch} scratch @param {number} pointer */
const headerAt = ({ u8 }, pointer) => new DataView(u8().buffer).getUint32(pointer - kHeader, true);

/**
 * Whether the blocks have dlmalloc's headers: the size of each says where the next chunk begins, whose bit 0 says that this one is in use. The
 * size is the one that was asked for, rounded once: a function that asks malloc for more than it is asked is no malloc itself.
 * @param {Scratch} scratch
 * @param {number} malloc
 */
export function hasHeaders(scratch, malloc) {
  const blocks = someBlocks(scratch, malloc) ?? [];
  const isChunk = (/** @type {number} */ pointer, /** @type {number} */ size, /** @type {number} */ alignment) => {
    const header = headerAt(scratch, pointer);
    const chunk = header & -8;
    return (header & 2) !== 0 && chunk === Math.ceil((size + kHeader) / alignment) * alignment && (headerAt(scratch, pointer + chunk) & 1) === 1;
  };
  return blocks.length > 0 && kAlignments.some((alignment) => blocks.every(({ pointer, size }) => isChunk(pointer, size, alignment)));
}

/**
 * Whether a block is of the size that was asked for, as far as dlmalloc's header says it: not of one that was rounded up before.
 * @param {Scratch} scratch
 * @param {number} pointer
 * @param {number} size
 */
const isOfSize = (scratch, pointer, size) => (headerAt(scratch, pointer) & -8) < size + kHeader + kSpare;

/** @type {Try} */
const isFree = (scratch, free, { malloc }) => {
  const kept = [];
  for (let i = 0; i < 6; i++) {
    const pointer = scratch.call(malloc, 1000) >>> 0;
    scratch.call(malloc, 24);
    kept.push(pointer);
  }
  if (new Set(kept).size !== kept.length) return false;
  const [freed] = kept.splice(2, 1);
  for (const pointer of kept) scratch.u8().fill(7, pointer, pointer + 1000);
  scratch.call(free, freed);
  let again = false;
  for (let i = 0; i < 4; i++) {
    const pointer = scratch.call(malloc, 900) >>> 0;
    if (kept.some((other) => pointer < other + 1000 && other < pointer + 900)) return false;
    again ||= pointer >= freed - 16 && pointer < freed + 1000;
  }
  return again && kept.every((pointer) => isFilled(scratch.u8(), pointer, 1000, 7)) && someBlocks(scratch, malloc) !== undefined;
};

/** Leaves a freed block that is not zero. @param {Scratch} scratch @param {Known} known @param {number} size */
function leaveDirt(scratch, { malloc, free }, size) {
  const pointer = scratch.call(malloc, size) >>> 0;
  scratch.call(malloc, 8);
  scratch.u8().fill(0x77, pointer, pointer + size);
  if (free !== undefined) scratch.call(free, pointer);
}

/** @type {Try} */
const isCalloc = (scratch, calloc, known) => {
  leaveDirt(scratch, known, 800);
  const pointer = scratch.call(calloc, 10, 70) >>> 0;
  const other = scratch.call(calloc, 3, 8) >>> 0;
  if (!isBlock(scratch, pointer, 700) || !isOfSize(scratch, pointer, 700) || !isBlock(scratch, other, 24) || (other >= pointer && other < pointer + 700))
    return false;
  if (!isFilled(scratch.u8(), pointer, 700, 0) || !isFilled(scratch.u8(), other, 24, 0)) return false;
  return scratch.call(calloc, 0x10001, 0x10001) === 0 && isFreed(scratch, pointer, known);
};

/** Whether a block is one that free takes. @param {Scratch} scratch @param {number} pointer @param {Known} known */
function isFreed(scratch, pointer, { malloc, free }) {
  if (free === undefined) return false;
  scratch.call(free, pointer);
  return someBlocks(scratch, malloc) !== undefined;
}

/**
 * @param {(scratch: Scratch, index: number, pointer: number, size: number, next: number) => number} resized calls the function
 * @returns {Try}
 */
const resizes = (resized) => (scratch, index, known) => {
  const { malloc, free } = known;
  if (free === undefined) return false;
  const pointer = scratch.call(malloc, 100) >>> 0;
  scratch.call(malloc, 10);
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i + 1);
  scratch.u8().set(bytes, pointer);
  const larger = resized(scratch, index, pointer, 100, kLarge) >>> 0;
  if (!isBlock(scratch, larger, kLarge) || !isOfSize(scratch, larger, kLarge) || !bytes.every((byte, i) => scratch.u8()[larger + i] === byte)) return false;
  scratch.u8().fill(9, larger, larger + kLarge);
  const smaller = resized(scratch, index, larger, kLarge, 50) >>> 0;
  if (!isBlock(scratch, smaller, 50) || !isOfSize(scratch, smaller, 50) || !isFilled(scratch.u8(), smaller, 50, 9)) return false;
  // The block of 100 bytes was freed when it moved: one of its size is there.
  let again = larger === pointer;
  for (let i = 0; i < 6 && !again; i++) again = scratch.call(malloc, 90) >>> 0 >= pointer - 16 && scratch.call(malloc, 90) >>> 0 < larger + kLarge;
  return again && resized(scratch, index, smaller, 50, kTooLarge) === 0 && isFreed(scratch, smaller, known);
};

/** @type {Try} */
const isRealloc = (scratch, realloc, known) => resizes((instance, index, pointer, size, next) => instance.call(index, pointer, next))(scratch, realloc, known);

/** Rust's: pointer, size, alignment, new size. @type {Try} */
const isRustRealloc = (scratch, realloc, known) =>
  resizes((instance, index, pointer, size, next) => instance.call(index, pointer, size, 8, next))(scratch, realloc, known);

/**
 * @param {(index: number, size: number, alignment: number) => number[]} order of the parameters
 * @returns {Try}
 */
const aligns = (order) => (scratch, index, known) => {
  const aligned = (/** @type {number} */ size, /** @type {number} */ alignment) => scratch.call(index, ...order(index, size, alignment)) >>> 0;
  for (const [size, alignment] of [
    [40, 256],
    [300, 64],
    [1000, 1024],
    [24, 512],
    [2000, 32],
  ]) {
    scratch.call(known.malloc, 24);
    const pointer = aligned(size, alignment);
    if (!isBlock(scratch, pointer, size) || !isOfSize(scratch, pointer, size) || pointer % alignment) return false;
    scratch.u8().fill(3, pointer, pointer + size);
    if (!isFreed(scratch, pointer, known)) return false;
  }
  return true;
};

/** @type {Try} */
const isMemalign = aligns((index, size, alignment) => [alignment, size]);

/** Rust's: the size comes first. @type {Try} */
const isRustAlloc = (scratch, index, known) =>
  aligns((_, size, alignment) => [size, alignment])(scratch, index, known) && isBlock(scratch, scratch.call(index, 100, 1) >>> 0, 100);

/** @type {Try} */
const isRustAllocZeroed = (scratch, index, known) => {
  if (!isRustAlloc(scratch, index, known)) return false;
  leaveDirt(scratch, known, 800);
  const pointer = scratch.call(index, 700, 8) >>> 0;
  return isBlock(scratch, pointer, 700) && isOfSize(scratch, pointer, 700) && isFilled(scratch.u8(), pointer, 700, 0);
};

/** @type {Try} */
const isRustDealloc = (scratch, index, known) =>
  isFree(
    { ...scratch, call: (callee, ...values) => (callee === index ? scratch.call(index, values[0], 1000, 8) : scratch.call(callee, ...values)) },
    index,
    known,
  );

/** Where `posix_memalign` may put a pointer: below everything. */
const kOut = 8;

/** @type {Try} */
const isPosixMemalign = (scratch, index, known) => {
  for (const [size, alignment] of [
    [40, 256],
    [300, 64],
  ]) {
    scratch.call(known.malloc, 24);
    if (scratch.call(index, kOut, alignment, size) !== 0) return false;
    const pointer = new DataView(scratch.u8().buffer).getUint32(kOut, true);
    if (!isBlock(scratch, pointer, size) || pointer % alignment || !isFreed(scratch, pointer, known)) return false;
  }
  return true;
};

/** @type {Try} */
const isUsableSize = (scratch, index, known) =>
  [24, 100, 1000].every((size) => {
    const usable = scratch.call(index, scratch.call(known.malloc, size));
    return usable >= size && usable < size + 64;
  });

/**
 * By the type of a function: the roles that it can have. The first that it behaves as is its role; no function behaves as two of them, but that
 * one which zeroes also aligns.
 * @type {Record<string, [Role, Try][]>}
 */
const kTries = {
  '(i32) -> i32': [
    ['malloc_usable_size', isUsableSize],
    ['malloc', isPlainMalloc],
  ],
  '(i32) -> nothing': [['free', isFree]],
  '(i32, i32) -> i32': [
    ['calloc', isCalloc],
    ['realloc', isRealloc],
    ['memalign', isMemalign],
    ['rust_alloc_zeroed', isRustAllocZeroed],
    ['rust_alloc', isRustAlloc],
  ],
  '(i32, i32, i32) -> i32': [['posix_memalign', isPosixMemalign]],
  '(i32, i32, i32) -> nothing': [['rust_dealloc', isRustDealloc]],
  '(i32, i32, i32, i32) -> i32': [['rust_realloc', isRustRealloc]],
};

/**
 * What a try gives; undefined if it traps, or takes too long.
 * @template T
 * @param {() => T} work
 */
export function tried(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** @param {() => boolean} work */
const succeeds = (work) => tried(work) ?? false;

/**
 * The role that a function behaves as.
 * @param {() => Scratch} fresh
 * @param {number} index
 * @param {string} type
 * @param {Known} known
 * @returns {Role | undefined}
 */
export const roleByTrying = (fresh, index, type, known) => kTries[type]?.find(([, isRole]) => succeeds(() => isRole(fresh(), index, known)))?.[0];

/**
 * @param {() => Scratch} fresh
 * @param {number} index
 */
export const behavesAsMalloc = (fresh, index) => succeeds(() => isMalloc(fresh(), index, { malloc: index }));

/**
 * @param {() => Scratch} fresh
 * @param {number} malloc
 * @param {number} free
 */
export const behavesAsFree = (fresh, malloc, free) => succeeds(() => isFree(fresh(), free, { malloc }));

/**
 * The first pointer that malloc hands out.
 * @param {Scratch} scratch
 * @param {number} malloc
 */
export const firstBlock = ({ call }, malloc) => tried(() => call(malloc, 100) >>> 0) ?? 0;

/**
 * Whether a function hands out memory as sbrk does: each time what begins where the last ended.
 * @param {() => Scratch} fresh
 * @param {number} sbrk
 */
export const behavesAsSbrk = (fresh, sbrk) =>
  succeeds(() => {
    const { call, u8 } = fresh();
    const start = call(sbrk, 0) >>> 0;
    const given = call(sbrk, 0x10000) >>> 0;
    const end = call(sbrk, 0) >>> 0;
    return start > 0 && given === start && end === start + 0x10000 && end <= u8().length;
  });
