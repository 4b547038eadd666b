// Why an allocator can't be replaced: what of the program would still use the old one.
//
//     live code ---> malloc, free, ...   replaced: these call nothing of the old allocator any more
//           \ \
//            \ `--> dispose_chunk        still called, and uses the old state: refuse
//             `---> (p[-1] & ~7) - 4     an inlined malloc_usable_size reads the old header: refuse
//
// This is a judgement over constants in the code. An address that a program computes in a way that facts.js can't follow is not seen.

import { callersOf } from './graph.js';
import { labelOf, namesOf, typeOf } from './module.js';
import { isReporter } from './names.js';
import { rangesWithin } from './state.js';
import { isHeaderRead } from './survey.js';

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./module.js').Module} Module */
/** @typedef {import('./survey.js').Survey} Survey */

/**
 * @typedef {object} Observed
 * @property {Module} module
 * @property {(Facts | undefined)[]} facts
 * @property {Set<number>} stateful functions that use the allocator's state
 * @property {Set<number>} live functions that can run when those with a role call nothing any more
 * @property {Map<number, import('./names.js').Role>} given
 * @property {number[]} handles the functions that were found to be malloc and free
 * @property {string[]} called imports that malloc and free called
 * @property {boolean} resized whether an import was asked for memory
 * @property {number[]} globals mutable ones that malloc and free changed
 */

/** dlmalloc's state is larger than this, even where little of it has changed. */
const kLeastState = 256;

/** Roles whose result is a fresh block. */
const kAllocating = new Set(['malloc', 'memalign', 'rust_alloc']);

/**
 * The reasons not to replace the allocator; none: it can be. Adds notes and patches to what was found.
 * @param {Survey} found
 * @param {Observed} observed
 * @returns {string[]}
 */
export function reasonsOf(found, observed) {
  const { module, facts, stateful, live } = observed;
  const reasons = [];
  const say = (/** @type {number} */ index) => labelOf(module, index);
  if (!found.kind)
    reasons.push(
      'its malloc works, but it is not dlmalloc: there is nothing in front of its blocks that dlmalloc keeps there, and what else in the program depends on it is not known',
    );
  if (observed.called.length) reasons.push(`malloc or free calls ${observed.called.join(', ')}, which would no longer be called`);
  const hasState = found.state.some(({ start, end }) => end - start >= kLeastState);
  if (!hasState || observed.handles.some((index) => !stateful.has(index) && !found.roles.has(index)))
    reasons.push('where the allocator keeps its state is not known, so it is not known who else uses it');
  if (isInitialized(module, found.state)) reasons.push('its malloc has run before: its state is in the data of the file, and so may be blocks that are in use');
  if (found.sbrk === undefined && observed.resized) reasons.push('its malloc asks its host for memory by itself, without an sbrk by which another heap could');
  else if (found.sbrk === undefined && !facts.some((one) => one?.grows)) reasons.push('how its malloc gets memory is not known');
  for (const [index, role] of observed.given) {
    if (found.roles.get(index)?.role !== role) reasons.push(`${say(index)} was given as ${role}, and does not behave like it when it is tried`);
  }
  for (const index of live) {
    const one = facts[index];
    if (!one || found.roles.has(index)) continue;
    if (stateful.has(index)) {
      if (namesOf(module, index).some(isReporter)) found.notes.push(`${say(index)} stays as it is: it speaks of the old heap, which is empty`);
      else reasons.push(`${say(index)} uses the allocator's state, is still called, and is none of malloc's family, or more than that`);
    } else reasons.push(...headerReasons(found, one, say));
  }
  reasons.push(...helperReasons(found, observed, say));
  return reasons;
}

/** @param {Module} module @param {import('./state.js').Range[]} state */
const isInitialized = ({ bytes, data }, state) =>
  data.some(
    ({ at, start, end }) =>
      at !== undefined &&
      rangesWithin(state, at, at + end - start).some((range) => bytes.subarray(start + range.start - at, start + range.end - at).some(Boolean)),
  );

/**
 * A calloc that was inlined asks the header of a fresh block whether its memory came from mmap, so is zero: `(p[-1] & 3) == 0`. With `|`
 * in place of `&` the answer is always no, and it clears. Other reads of headers are inlined sizes, which nobody can answer.
 * @param {Survey} found
 * @param {Facts} facts
 * @param {(index: number) => string} say
 */
function headerReasons(found, { index, headers }, say) {
  const isFresh = (/** @type {number} */ origin) => kAllocating.has(found.roles.get(origin)?.role ?? '');
  const reads = headers.filter((read) => isHeaderRead(read) || isFresh(read.origin));
  if (!reads.length) return [];
  if (reads.some(({ mask, origin }) => mask !== 3 || !isFresh(origin)))
    return [`${say(index)} reads what the allocator keeps in front of a block: an inlined malloc_usable_size or realloc`];
  for (const { at } of reads) found.patches.push(at);
  return [];
}

/** The type of memcpy, memmove, memset and memcmp, which everybody calls. */
const kOfMemory = '(i32, i32, i32) -> i32';

/**
 * Code that wasn't inlined (-O0) reads headers through small functions of the allocator. One that is still called, and only by functions that call
 * malloc and the like, or by what these call, is one of those.
 * @param {Survey} found
 * @param {Observed} observed
 * @param {(index: number) => string} say
 */
function helperReasons(found, { module, facts, live, stateful }, say) {
  const liveFacts = /** @type {Facts[]} */ ([...live].map((index) => facts[index]).filter((one) => one && !found.roles.has(one.index)));
  const callers = callersOf(liveFacts);
  const callsRole = new Set(liveFacts.filter(({ calls }) => [...calls].some((index) => found.roles.has(index))).map(({ index }) => index));
  /** Functions that only such functions call. */
  const near = new Set(callsRole);
  /** How many callers of a function are none of these. */
  const others = new Map([...callers].map(([index, all]) => [index, all.length]));
  const open = [...callsRole];
  while (open.length) {
    for (const callee of facts[/** @type {number} */ (open.pop())]?.calls ?? []) {
      const left = (others.get(callee) ?? 0) - 1;
      others.set(callee, left);
      if (left > 0 || near.has(callee) || found.roles.has(callee)) continue;
      near.add(callee);
      open.push(callee);
    }
  }
  const family = new Set([...found.roles.keys(), ...stateful].flatMap((index) => [...(facts[index]?.calls ?? [])]));
  const helpers = [...family].filter(
    (index) => near.has(index) && !callsRole.has(index) && index !== found.sbrk && facts[index]?.loads && typeOf(module, index) !== kOfMemory,
  );
  return helpers.map(
    (index) =>
      `${say(callers.get(index)?.[0] ?? index)} calls ${say(index)}, which the allocator calls, too, and hardly anything else: it may read what the allocator keeps in front of a block`,
  );
}
