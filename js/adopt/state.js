// Where an allocator keeps its state: in static data, below its blocks. Nobody says where; but calling it changes it.
//
//     0        data            stack              heap
//     |  ..........ssssss....  |  ............  | blocks ...
//                  ^ words that differ after malloc and free, and no stack
//
// Words that changed and lie close together are one range: between them are words that this little use did not change (dlmalloc's bins
// of other sizes). A function that touches a range is the allocator's own, or reads along.

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./module.js').Module} Module */
/** @typedef {import('./scratch.js').Scratch} Scratch */

/** @typedef {{ start: number, end: number }} Range */

/** So far apart are words of one range at most: dlmalloc's bins of large chunks are 128 bytes. */
const kGap = 160;

/** How far below the stack's top a frame of an allocator reaches, generously. */
const kStackDepth = 0x10000;

/**
 * @param {Scratch} scratch a new one
 * @param {Scratch} untouched another, in which nothing was called
 * @param {Module} module
 * @param {number} malloc
 * @param {number | undefined} free
 * @param {Facts[]} family functions that malloc and free reach: their addresses are where to look
 * @param {Set<number>} others words that change with it and are not its own: sbrk's
 * @returns {{ ranges: Range[], globals: number[], called: string[], resized: boolean }} where the state is, which mutable globals belong to it, which imports
 *   the allocator called, and whether it asked one for memory
 */
export function observe(scratch, untouched, module, malloc, free, family, others) {
  const globals = module.globals.flatMap(({ mutable }, index) => (mutable ? [index] : []));
  const low = (Math.min(...use(scratch, malloc, free)) - 16) & -4;
  const end = Math.max(0, Math.min(low, untouched.u8().length));
  const words = (/** @type {Scratch} */ { u8 }) => new Int32Array(u8().buffer, 0, end >> 2);
  const [before, after] = [words(untouched), words(scratch)];
  const stack = stackTop(module);
  const isChanged = (/** @type {number} */ at) => before[at >> 2] !== after[at >> 2] && !others.has(at) && !(at < stack && at >= stack - kStackDepth);
  return {
    ranges: rangesAround(namedBy(family), isChanged, end),
    globals: globals.filter((global) => scratch.global(global) !== untouched.global(global)),
    called: [...scratch.called],
    resized: scratch.resized(),
  };
}

/** The numbers that functions use, which may be addresses. @param {Facts[]} family */
const namedBy = (family) => family.flatMap(({ touches, constants }) => [...touches, ...constants]);

/**
 * The ranges of changed words that hold one of some addresses. Only what is around these is looked at: most of a memory was never used, and is
 * slow to read for the first time.
 * @param {number[]} addresses
 * @param {(at: number) => boolean} isChanged whether the word there is
 * @param {number} end
 */
function rangesAround(addresses, isChanged, end) {
  /** The last changed word from here on, with no gap that is too large. @param {number} from @param {number} step */
  const last = (from, step) => {
    let found;
    for (let at = from, left = kGap; left >= 0 && at >= 0 && at < end; at += step, left -= 4) if (isChanged(at)) ((found = at), (left = kGap + 4));
    return found;
  };
  /** @type {Range[]} */
  const ranges = [];
  for (const address of [...addresses].sort((a, b) => a - b)) {
    if (address >= end || address < (ranges.at(-1)?.end ?? 0)) continue;
    const start = last(address & -4, -4);
    const stop = start === undefined ? undefined : last(start, 4);
    if (start !== undefined && stop !== undefined && stop + 4 > address) ranges.push({ start, end: stop + 4 });
  }
  return ranges;
}

/**
 * Requests and frees of all sizes, so that much of the state changes. Returns the first blocks.
 * @param {Scratch} scratch
 * @param {number} malloc
 * @param {number | undefined} free
 */
function use({ call }, malloc, free) {
  const sizes = Array.from({ length: 120 }, (_, i) => (i < 70 ? 8 + 8 * i : 600 + (i - 70) * (i - 70) * 60));
  const pointers = sizes.map((size) => call(malloc, size) >>> 0);
  const blocks = pointers.filter(Boolean);
  if (free === undefined) return blocks;
  pointers.forEach((pointer, i) => i % 2 && call(free, pointer));
  sizes.forEach((size, i) => i % 3 === 0 && call(malloc, size + 40));
  pointers.forEach((pointer, i) => i % 2 || call(free, pointer));
  return blocks;
}

/** The initial stack pointer: the first mutable global that a linker writes. @param {Module} module */
const stackTop = ({ globals }) => globals.find(({ mutable, type, value }) => mutable && type === 'i32' && value !== undefined)?.value ?? 0;

/** The first range that ends behind an address. @param {Range[]} ranges in their order @param {number} address */
function firstBehind(ranges, address) {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle].end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The range that an address is in. @param {Range[]} ranges in their order @param {number} address */
function rangeOf(ranges, address) {
  const range = ranges[firstBehind(ranges, address)];
  return range && range.start <= address ? range : undefined;
}

/**
 * The parts of ranges that are between two addresses.
 * @param {Range[]} ranges in their order
 * @param {number} from
 * @param {number} to
 */
export function rangesWithin(ranges, from, to) {
  const parts = [];
  for (let i = firstBehind(ranges, from); ranges[i]?.start < to; i++) parts.push({ start: Math.max(ranges[i].start, from), end: Math.min(ranges[i].end, to) });
  return parts;
}

/**
 * How sure it is that a function uses a range: 'touches' an address in it, by a load or store; or 'names' two of the numbers that
 * the allocator itself uses for addresses in it. One such number alone may be any number.
 * @param {Facts} facts
 * @param {Range[]} ranges
 * @param {Set<number>} addresses in them that the allocator's own functions use
 */
export function usesState({ touches, constants }, ranges, addresses) {
  for (const address of touches) if (rangeOf(ranges, address)) return true;
  let named = 0;
  for (const number of constants) if (addresses.has(number)) named++;
  return named >= 2;
}

/**
 * @param {Facts[]} family
 * @param {Range[]} ranges
 */
export const addressesOf = (family, ranges) => new Set(namedBy(family).filter((address) => rangeOf(ranges, address)));

/** ENOMEM of wasi-libc and Emscripten. */
const kNoMemory = 48;
/** More than there is memory for. */
const kTooLarge = -256;

/**
 * The address of errno, if malloc sets it: of the words that malloc and its helpers name, the one that becomes ENOMEM when a request is too large.
 * @param {() => Scratch} fresh
 * @param {number} malloc
 * @param {Facts[]} family functions that malloc reaches
 * @param {Range[]} state
 */
export function errnoOf(fresh, malloc, family, state) {
  const scratch = fresh();
  const low = Math.max(0, (scratch.call(malloc, 40) >>> 0) - 16);
  const words = [...new Set(namedBy(family))].filter((at) => !(at & 3) && at + 4 <= low && !rangeOf(state, at));
  const noMemory = () => {
    const memory = new DataView(scratch.u8().buffer);
    return words.filter((at) => memory.getInt32(at, true) === kNoMemory);
  };
  const before = new Set(noMemory());
  if (scratch.call(malloc, kTooLarge) !== 0) return undefined;
  const set = noMemory().filter((at) => !before.has(at));
  return set.length === 1 ? set[0] : undefined;
}
