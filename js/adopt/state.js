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
 * @param {() => Scratch} fresh
 * @param {Module} module
 * @param {number} malloc
 * @param {number | undefined} free
 * @param {Set<number>} others words that change with it and are not its own: sbrk's
 * @returns {{ ranges: Range[], globals: number[], called: string[], resized: boolean }} where the state is, which mutable globals belong to it, which imports
 *   the allocator called, and whether it asked one for memory
 */
export function observe(fresh, module, malloc, free, others) {
  const { call } = fresh();
  const low = Math.min(...Array.from({ length: 8 }, (_, i) => call(malloc, 40 << i) >>> 0)) - 16;
  const scratch = fresh();
  const before = scratch.u8().slice(0, low);
  const globals = module.globals.flatMap(({ mutable }, index) => (mutable ? [index] : []));
  const values = globals.map(scratch.global);
  use(scratch, malloc, free);
  const after = scratch.u8().subarray(0, low);
  const stack = stackTop(module);
  const changed = [];
  for (let at = 0; at + 4 <= low; at += 4) {
    const same = before[at] === after[at] && before[at + 1] === after[at + 1] && before[at + 2] === after[at + 2] && before[at + 3] === after[at + 3];
    if (!same && !others.has(at) && !(at < stack && at >= stack - kStackDepth)) changed.push(at);
  }
  return {
    ranges: rangesOf(changed),
    globals: globals.filter((global, i) => scratch.global(global) !== values[i]),
    called: [...scratch.called],
    resized: scratch.resized(),
  };
}

/**
 * Requests and frees of all sizes, so that much of the state changes.
 * @param {Scratch} scratch
 * @param {number} malloc
 * @param {number | undefined} free
 */
function use({ call }, malloc, free) {
  const sizes = Array.from({ length: 120 }, (_, i) => (i < 70 ? 8 + 8 * i : 600 + (i - 70) * (i - 70) * 60));
  const pointers = sizes.map((size) => call(malloc, size));
  if (free === undefined) return;
  pointers.forEach((pointer, i) => i % 2 && call(free, pointer));
  sizes.forEach((size, i) => i % 3 === 0 && call(malloc, size + 40));
  pointers.forEach((pointer, i) => i % 2 || call(free, pointer));
}

/** The initial stack pointer: the first mutable global that a linker writes. @param {Module} module */
const stackTop = ({ globals }) => globals.find(({ mutable, type, value }) => mutable && type === 'i32' && value !== undefined)?.value ?? 0;

/** @param {number[]} words in their order */
function rangesOf(words) {
  /** @type {Range[]} */
  const ranges = [];
  for (const at of words) {
    const last = ranges.at(-1);
    if (last && at - last.end <= kGap) last.end = at + 4;
    else ranges.push({ start: at, end: at + 4 });
  }
  return ranges;
}

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
 * Those ranges that a family of functions has addresses in: others changed by the way.
 * @param {Range[]} ranges
 * @param {Facts[]} family
 */
export function rangesOfFamily(ranges, family) {
  const used = new Set(family.flatMap(({ touches, constants }) => [...touches, ...constants]).map((address) => rangeOf(ranges, address)));
  return ranges.filter((range) => used.has(range));
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
export const addressesOf = (family, ranges) =>
  new Set(family.flatMap(({ touches, constants }) => [...touches, ...constants]).filter((address) => rangeOf(ranges, address)));

/** ENOMEM of wasi-libc and Emscripten. */
const kNoMemory = 48;
/** More than there is memory for. */
const kTooLarge = -256;

/**
 * The address of errno, if malloc sets it: the one word that becomes ENOMEM when a request is too large.
 * @param {() => Scratch} fresh
 * @param {number} malloc
 * @param {Range[]} state
 */
export function errnoOf(fresh, malloc, state) {
  const scratch = fresh();
  const low = Math.max(0, (scratch.call(malloc, 40) >>> 0) - 16);
  const words = () => new Int32Array(scratch.u8().slice(0, low & -4).buffer);
  const before = words();
  if (scratch.call(malloc, kTooLarge) !== 0) return undefined;
  const after = words();
  const set = [...after.keys()].filter((i) => after[i] === kNoMemory && before[i] !== kNoMemory && !rangeOf(state, 4 * i));
  return set.length === 1 ? 4 * set[0] : undefined;
}
