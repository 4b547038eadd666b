// Surveys a program: which of its functions are the allocator's, what each of them does, where the state is, and whether anything else
// in the program depends on that allocator. It finds malloc; from there on everything follows from what is observed:
//
//     candidates (exports, names, shape)  --tried-->  malloc  --what it changes-->  state
//     functions that use the state, or read the header in front of a block          -->  the allocator's
//     those of them that live code calls must have a role                           -->  tried, one by one
//     whatever is left that live code still calls (closure.js)                      -->  a reason to refuse

import { reasonsOf } from './closure.js';
import { callersOf, liveFunctions, reach } from './graph.js';
import { isSbrk, roleNamed } from './names.js';
import { labelOf, namesOf, typeOf } from './module.js';
import { purity } from './purity.js';
import { behavesAsFree, behavesAsMalloc, behavesAsSbrk, firstBlock, hasHeaders, roleByTrying, tried } from './probe.js';
import { scratchMaker } from './scratch.js';
import { addressesOf, errnoOf, observe, usesState } from './state.js';
import { most } from '../wasm/extremes.js';
import { A_FUNCTION } from '../wasm/sections.js';

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./module.js').Module} Module */
/** @typedef {import('./names.js').By} By */
/** @typedef {import('./names.js').Role} Role */
/** @typedef {import('./state.js').Range} Range */

/**
 * @typedef {object} FoundRole
 * @property {Role} role
 * @property {By} by
 *
 * @typedef {object} Survey
 * @property {'dlmalloc' | undefined} kind what the allocator is, as far as that is known
 * @property {Map<number, FoundRole>} roles by function
 * @property {number | undefined} sbrk the program's own, by which the heap is to grow
 * @property {boolean} sbrkIsShared whether others than the allocator call it
 * @property {number | undefined} errno its address, if malloc sets it
 * @property {Range[]} state
 * @property {number[]} patches where in the file an inlined calloc tests whether to clear
 * @property {string[]} reasons not to replace the allocator; none: it can be
 * @property {string[]} notes what else there is to know
 * @property {import('./scratch.js').StubOptions} surroundings what the module needs to run in a scratch instance
 */

const kMallocType = '(i32) -> i32';
/** So many functions are tried at most as malloc by name, as many by shape, and so many as free: a try takes milliseconds, whatever the program's size. */
const kMostCandidates = 8;
const kMostFrees = 32;
/** dlmalloc's state has more than a hundred words within this many bytes. */
const kStateWidth = 600;
const kDense = 16;
/** How often callers of what has no role are asked in its place. */
const kRounds = 3;

/** What a module may need to run in a scratch instance, the least first. */
const kSurroundings = [{}, { constructors: true }, { heapSize: true }, { constructors: true, heapSize: true }];

/**
 * @param {Module} module
 * @param {(Facts | undefined)[]} facts
 * @param {Map<number, Role>} given roles that the caller knows
 * @param {typeof WebAssembly} [wasm]
 * @returns {Survey}
 */
export function survey(module, facts, given, wasm = WebAssembly) {
  /** @type {Survey} */
  const found = {
    kind: undefined,
    roles: new Map(),
    sbrk: undefined,
    sbrkIsShared: false,
    errno: undefined,
    state: [],
    patches: [],
    reasons: [],
    notes: [],
    surroundings: {},
  };
  const refused = (/** @type {string} */ reason) => {
    found.reasons.push(reason);
    return found;
  };
  const unfit = unfitness(module);
  if (unfit) return refused(unfit);
  const own = /** @type {Facts[]} */ (facts.filter(Boolean));

  const candidates = mallocCandidates(module, own, given);
  if (!candidates.length) return refused(`no function is exported or named malloc, and none has the shape of one${otherRuntime(module)}`);
  const making = makersOf(module, wasm);
  const handle = firstMalloc(candidates, making);
  if (!handle) {
    const first = candidates.slice(0, 3).map(({ index, by }) => `${labelOf(module, index)} (found by ${by})`);
    return refused(`no candidate behaves as malloc when it is tried: ${first.join(', ')}${otherRuntime(module)}`);
  }
  const { malloc } = handle;
  const surroundings = (found.surroundings = withTop(module, facts, handle, making));
  const trying = (/** @type {number[]} */ indices) => {
    const { fresh } = making([malloc, ...indices]);
    return () => fresh(surroundings);
  };

  // What malloc alone changes shows where to look for free; malloc and free together show the state.
  const reached = reach([malloc], facts);
  const family = own.filter(({ index }) => reached.has(index));
  found.sbrk = findSbrk(module, family, trying);
  /** The words of sbrk are not the allocator's. */
  const sbrkOwn = found.sbrk === undefined ? new Set() : reach([found.sbrk], facts);
  const others = new Set([...sbrkOwn].flatMap((index) => [...(facts[index]?.touches ?? [])]));
  const fails = () => refused(`${labelOf(module, malloc)} behaves as malloc when it is tried a few times, and traps when it is used more`);
  const untouched = tried(trying([]));
  const partial = untouched && tried(() => observe(trying([])(), untouched, module, malloc, undefined, family, others));
  if (!partial) return fails();
  const free = findFree(module, own, trying, { malloc, ranges: partial.ranges, family });
  if (free === undefined) return refused(`${labelOf(module, malloc)} behaves as malloc, but no function behaves as its free`);
  const fresh = trying([free]);
  found.kind = tried(() => hasHeaders(fresh(), malloc)) ? 'dlmalloc' : undefined;

  const reachedByBoth = reach([malloc, free], facts);
  const allocator = own.filter(({ index }) => reachedByBoth.has(index) && !sbrkOwn.has(index));
  const observed = tried(() => observe(fresh(), untouched, module, malloc, free, allocator, others));
  if (!observed) return fails();
  const state = (found.state = observed.ranges);
  const addresses = addressesOf(allocator, state);
  // Where position-independent code keeps it is not known before it is loaded.
  const isMoved = module.globals.some(({ name }) => name === '__memory_base');
  found.errno = isMoved ? undefined : tried(() => errnoOf(trying([]), malloc, family, state));
  const isStateful = (/** @type {Facts} */ one) =>
    !sbrkOwn.has(one.index) && (usesState(one, state, addresses) || observed.globals.some((global) => one.globals.has(global)));
  const stateful = new Set(own.filter(isStateful).map(({ index }) => index));
  const readers = new Set(own.filter(({ headers }) => headers.some(isHeaderRead)).map(({ index }) => index));
  const doesNoMore = purity(module, facts, reachedByBoth, (address) => state.some(({ start, end }) => address >= start && address < end));

  // An allocator that is not dlmalloc has functions of its own that behave like these (mimalloc's _mi_os_alloc aligns): there a name decides.
  const isSure = (/** @type {number} */ index, /** @type {Role} */ role) =>
    found.kind === 'dlmalloc' || index === malloc || index === free || namedRole(module, index) === role || given.has(index);

  // Roles; then, where live code still reaches what has none, those of its callers.
  const callers = callersOf(own);
  let asked = new Set([...stateful, ...readers, ...own.filter(({ index }) => namedRole(module, index)).map(({ index }) => index), ...given.keys()]);
  /** @type {Set<number>} */
  const done = new Set();
  let live = new Set();
  for (let round = 0; round < kRounds; round++) {
    const indices = [...asked].filter((index) => !done.has(index) && index !== found.sbrk && index >= module.imported);
    const inScratch = trying([free, ...indices]);
    for (const index of indices) {
      done.add(index);
      const role = roleByTrying(inScratch, index, typeOf(module, index), { malloc, free });
      if (role && isSure(index, role)) found.roles.set(index, { role, by: byOf(module, index, role, given) });
    }
    for (const index of indices) if (found.roles.has(index) && !doesNoMore(index, (other) => found.roles.has(other))) found.roles.delete(index);
    live = liveFunctions(module, facts, (index) => found.roles.has(index));
    const rest = [...stateful].filter((index) => live.has(index) && !found.roles.has(index));
    asked = new Set(rest.flatMap((index) => callers.get(index) ?? []));
  }
  const sbrkUsers = (callers.get(found.sbrk ?? -1) ?? []).filter((index) => live.has(index) && !found.roles.has(index));
  found.sbrkIsShared = sbrkUsers.length > 0;
  found.reasons.push(...reasonsOf(found, { module, facts, stateful, live, given, handles: [malloc, free], ...observed }));
  return found;
}

/** dlmalloc's users take a header apart with the mask of its size, or, at once, of its two flags. @param {import('./facts.js').HeaderRead} read */
export const isHeaderRead = ({ mask, direct }) => mask === -8 || (mask === 3 && direct);

/** Why a module can't be adopted, whatever its allocator is. @param {Module} module */
function unfitness({ memories }) {
  if (memories.length !== 1)
    return memories.length ? `it has ${memories.length} memories, and it is not known which of them its malloc is for` : 'it has no memory';
  if (memories[0].shared) return 'its memory is shared between threads, and memory.wasm is for one thread';
  if (memories[0].is64) return 'its memory has 64-bit addresses, and memory.wasm is for 32-bit ones';
  return undefined;
}

/** What a program without a malloc may have instead. @param {Module} module */
function otherRuntime({ exports, imports, names }) {
  const has = (/** @type {string} */ name) => exports.some((entry) => entry.name === name);
  if ((has('__new') && has('__pin')) || [...names.values()].some((name) => name.startsWith('~lib/rt/'))) {
    return ": it is AssemblyScript's. Its garbage collector walks lists that run through its blocks, so its allocator can't be replaced by another";
  }
  if (imports.some(({ module }) => module === 'go' || module === 'gojs')) return ": it is Go's, which collects its garbage itself";
  return '';
}

/**
 * What may be malloc, the likeliest first.
 * @param {Module} module
 * @param {Facts[]} own
 * @param {Map<number, Role>} given
 * @returns {{ index: number, by: By }[]}
 */
function mallocCandidates(module, own, given) {
  /** @type {Map<number, By>} */
  const all = new Map();
  const add = (/** @type {number} */ index, /** @type {By} */ by) => {
    if (index >= module.imported && typeOf(module, index) === kMallocType && !all.has(index)) all.set(index, by);
  };
  for (const [index, role] of given) if (role === 'malloc') add(index, 'option');
  for (const { name, kind, index } of module.exports)
    if (all.size < kMostCandidates && kind === A_FUNCTION && roleNamed(name) === 'malloc') add(index, 'export');
  for (const [index, name] of module.names) if (all.size < kMostCandidates && roleNamed(name) === 'malloc') add(index, 'name');
  const dense = own.filter(({ index }) => typeOf(module, index) === kMallocType).map((one) => ({ index: one.index, density: density(one) }));
  const shaped = dense.filter((one) => one.density >= kDense).sort((a, b) => b.density - a.density);
  for (const { index } of shaped.slice(0, kMostCandidates)) add(index, 'shape');
  return [...all].map(([index, by]) => ({ index, by }));
}

/** How many addresses a function uses within the width of an allocator's state. @param {Facts} facts */
function density({ touches, constants }) {
  const sorted = [...new Set([...touches, ...constants])].sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last] - sorted[first] > kStateWidth) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Gives what makes instances in which some functions can be called. @typedef {(indices: number[]) => ReturnType<typeof scratchMaker>} Making */

/**
 * Compiles a scratch module where no earlier one will do.
 * @param {Module} module
 * @param {typeof WebAssembly} wasm
 * @returns {Making}
 */
function makersOf(module, wasm) {
  /** @type {ReturnType<typeof scratchMaker>[]} */
  const makers = [];
  return (indices) => {
    const known = makers.find(({ canCall }) => indices.every(canCall));
    if (known) return known;
    return makers[makers.push(scratchMaker(module, [...new Set(indices)], wasm)) - 1];
  };
}

/**
 * The first candidate that behaves as malloc, and what it needs around it.
 * @param {{ index: number }[]} candidates
 * @param {Making} making
 */
function firstMalloc(candidates, making) {
  const { fresh } = making(candidates.map(({ index }) => index));
  for (const surroundings of kSurroundings) {
    const found = candidates.find(({ index }) => behavesAsMalloc(() => fresh(surroundings), index));
    if (found) return { malloc: found.index, surroundings };
  }
  return undefined;
}

/** Where the heap of a scratch instance begins, when its host must say so: far enough behind the data for the stack of old programs. */
const kHeapDistance = 8 << 20;

/**
 * Older Emscripten has a word in memory that its JavaScript sets to where the heap begins. Nobody sets it in a scratch instance: then the first
 * block is among the data. The word is the one that, when it is set, moves the first block.
 * @param {Module} module
 * @param {(Facts | undefined)[]} facts
 * @param {{ malloc: number, surroundings: import('./scratch.js').StubOptions }} handle
 * @param {Making} making
 */
function withTop(module, facts, { malloc, surroundings }, making) {
  const { fresh } = making([malloc]);
  const dataEnd = most(module.data.map(({ at = 0, start, end }) => at + end - start));
  if (firstBlock(fresh(surroundings), malloc) >= dataEnd) return surroundings;
  const base = (dataEnd + kHeapDistance) & ~0xffff;
  // Not among malloc's own words: with one of those changed, it might never come back.
  const words = new Set([...reach([malloc], facts)].filter((index) => index !== malloc).flatMap((index) => [...(facts[index]?.touches ?? [])]));
  for (const word of words) {
    /** @type {import('./scratch.js').StubOptions} */
    const options = { ...surroundings, top: [word, base] };
    const first = firstBlock(fresh(options), malloc);
    if (first >= base && first < base + 0x10000) return options;
  }
  return surroundings;
}

/**
 * @param {Module} module
 * @param {Facts[]} own
 * @param {(indices: number[]) => () => import('./scratch.js').Scratch} trying
 * @param {{ malloc: number, ranges: Range[], family: Facts[] }} known
 */
function findFree(module, own, trying, { malloc, ranges, family }) {
  const addresses = addressesOf(family, ranges);
  const isNamed = (/** @type {number} */ index) => namedRole(module, index) === 'free';
  const candidates = own.filter((one) => typeOf(module, one.index) === '(i32) -> nothing' && (isNamed(one.index) || usesState(one, ranges, addresses)));
  candidates.sort((a, b) => Number(isNamed(b.index)) - Number(isNamed(a.index)) || b.touches.size - a.touches.size);
  const likely = candidates.slice(0, kMostFrees);
  const fresh = trying(likely.map(({ index }) => index));
  return likely.find(({ index }) => behavesAsFree(fresh, malloc, index))?.index;
}

/**
 * The function by which the allocator gets memory, if it behaves as sbrk.
 * @param {Module} module
 * @param {Facts[]} reached from malloc
 * @param {(indices: number[]) => () => import('./scratch.js').Scratch} trying
 */
function findSbrk(module, reached, trying) {
  const isNamed = (/** @type {number} */ index) => namesOf(module, index).some(isSbrk);
  const candidates = reached.filter(({ index }) => typeOf(module, index) === kMallocType);
  candidates.sort((a, b) => Number(isNamed(b.index)) - Number(isNamed(a.index)) || a.size - b.size);
  const likely = candidates.slice(0, kMostCandidates);
  const fresh = trying(likely.map(({ index }) => index));
  return likely.find(({ index }) => behavesAsSbrk(fresh, index))?.index;
}

/** The role that a function's names say. @param {Module} module @param {number} index */
export const namedRole = (module, index) => namesOf(module, index).map(roleNamed).find(Boolean);

/**
 * @param {Module} module
 * @param {number} index
 * @param {Role} role
 * @param {Map<number, Role>} given
 * @returns {By}
 */
function byOf({ names, exportedAs }, index, role, given) {
  if (given.get(index) === role) return 'option';
  if (exportedAs.get(index)?.some((name) => roleNamed(name) === role)) return 'export';
  return roleNamed(names.get(index) ?? '') === role ? 'name' : 'shape';
}
