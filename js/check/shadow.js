// The shadow: one byte for each 8 bytes of the program's memory (a granule), in a memory of its own.
//
//     8          all eight may be touched
//     1 ... 7    the first so many may
//     0          nobody's: no data, no stack, no block
//     f1 ...     none may; js/debug/kinds.js says why. Bit 3 is clear, so that bytes joined by `and` are 8 only if each is
//
// This is AddressSanitizer's encoding with 8 for 0: a shadow that nobody wrote to says "nobody's", so addresses that the
// program's memory doesn't reach need no marks.
//
// CHECKS are put into the program, which then has the shadow as a second memory (modes 'call' and 'inline'); an engine that
// allows one memory only calls them in the module beside it (mode 'import'). RUNTIME is always in that module.

import { assemble, typeOf } from './assemble.js';
import { AFTER_BLOCK, BEFORE_BLOCK, FREED, HEAPS_OWN } from '../debug/kinds.js';
import { kMagicAndVersion, list, section, text } from '../wasm/encode.js';
import { leb } from '../wasm/leb128.js';
import { A_FUNCTION, A_MEMORY, CODE, CUSTOM, EXPORTS, FUNCTIONS, IMPORTS, MEMORIES, TYPES } from '../wasm/sections.js';

/** Where an instrumented program imports from. */
export const CHECK = 'memory.wasm/check';

/**
 * An access of bytes that are in one granule. Small, since engines inline only so many bytes into a function: what takes more is beside.
 * @param {string} name
 */
const one = (name) => `p:a offset:a site -> a
  get p  get offset  a.add  a.const 3  a.shr_u  wrap  load8  const 8  ne
  unlikely if  get p  get offset  get site  call slow_${name}  end
  get p`;

/** @param {number} n @param {number} write */
const slow = (n, write) => `p:a offset:a site
  get p  get offset  a.add  a.const ${n}  get site  const ${write}  call slow`;

/** An access, or several, of up to 32 bytes: the granules of the first byte and of the last (groups.js says why these do). @param {number} write */
const any = (write) => `p:a offset:a site n:a -> a | at:a
  get p  get offset  a.add  tee at  a.const 3  a.shr_u  wrap  load8
  get at  get n  a.add  a.const 1  a.sub  a.const 3  a.shr_u  wrap  load8  and  const 8  ne
  unlikely if  get at  get n  get site  const ${write}  call slow  end
  get p`;

/** What a program calls before an access. Each takes the address and gives it back. @type {Record<string, string>} */
export const CHECKS = { load: any(0), store: any(1) };

/** What looks closer: in a granule that is not whole the access may be right. @type {Record<string, string>} */
export const SLOW = {};

for (const n of [1, 2, 4, 8]) {
  ['load', 'store'].forEach((access, write) => {
    CHECKS[access + n] = one(access + n);
    SLOW[`slow_${access}${n}`] = slow(n, write);
  });
}

/** @type {Record<string, string>} */
export const RUNTIME = {
  // Looks at each granule of n > 0 bytes at p. The last byte wanted of a granule must be among those that are there. Let
  // through is an aligned word whose first byte is there: strlen and its like read so on purpose.
  slow: `p:a n:a site write | last:a granule end shadow
    get p  get n  a.add  a.const 1  a.sub  tee last  a.const 3  a.shr_u  wrap  set end
    get p  a.const 3  a.shr_u  wrap  set granule
    loop
      get granule  load64  const64 ${0x0808080808080808n}  eq64  get granule  const 7  add  get end  le_u  and
      if  get granule  const 8  add  tee granule  get end  le_u  br_if 1  return  end
      get granule  load8  tee shadow  const 8  ne
      if
        get shadow  const 8  gt_u
        get last  wrap  const 7  and  const 7  get granule  get end  eq  select  get shadow  ge_u  or
        if
          get n  a.const 4  a.sub  a.eqz  get write  eqz  and  get p  a.const 3  a.and  a.eqz  and
          get shadow  const 8  lt_u  and  get p  wrap  const 7  and  get shadow  lt_u  and  eqz
          if  get p  get n  get site  get shadow  get write  call report  return  end
        end
      end
      get granule  const 1  add  tee granule  get end  le_u  br_if 0
    end`,
  // A short one is settled by the granules of its first byte and of its last, as a group is.
  range: `p:a n:a site write
    get n  a.eqz  if  return  end
    get p  a.const 3  a.shr_u  wrap  load8
    get p  get n  a.add  a.const 1  a.sub  a.const 3  a.shr_u  wrap  load8  and  const 8  eq
    get n  a.const 32  a.le_u  and  if  return  end
    get p  get n  get site  get write  call slow`,
  fill: `granule end shadow
    get end  get granule  sub  const 16  gt_u  get granule  get end  lt_u  and
    if  get granule  get shadow  get end  get granule  sub  fill  return  end
    loop
      get granule  get end  lt_u
      if  get granule  get shadow  store8  get granule  const 1  add  set granule  br 1  end
    end`,
  // The bytes before `begin` in its granule stay as they are.
  poison: `begin:a end:a kind | granule part before
    get begin  a.const 3  a.shr_u  wrap  set granule
    get begin  wrap  const 7  and  tee part
    if
      get granule  load8  tee before  get part  gt_u  get before  const 8  le_u  and
      if  get granule  get part  store8  end
      get granule  const 1  add  set granule
    end
    get granule  get end  a.const 7  a.add  a.const 3  a.shr_u  wrap  get kind  call fill`,
  unpoison: `begin:a end:a | last part
    get begin  a.const 3  a.shr_u  wrap  get end  a.const 3  a.shr_u  wrap  tee last  const 8  call fill
    get end  wrap  const 7  and  tee part
    if  get last  get part  store8  end`,
  // The debug heap says what became of a block (heap_debug_on_block): 1 allocated, 2 freed, else its memory is the heap's again.
  block: `payload:a size:a front:a end:a state | base:a
    get payload  get front  a.sub  set base
    get payload  get end  a.add  set end
    get state  const 1  eq
    if
      get base  get payload  const ${BEFORE_BLOCK}  call poison
      get payload  get payload  get size  a.add  call unpoison
      get payload  get size  a.add  get end  const ${AFTER_BLOCK}  call poison
      return
    end
    get base  get end  const ${FREED}  const ${HEAPS_OWN}  get state  const 2  eq  select  call poison`,
  // The program's memory.grow returned `pages`, and was asked for `more`: what it got is its own.
  grown: `pages:a more:a -> a
    get pages  a.const 1  a.add  a.eqz  eqz
    if  get pages  wrap  const 13  shl  get pages  get more  a.add  wrap  const 13  shl  const 8  call fill  end
    get pages`,
};

/** What the host and the heap are told. @type {Record<string, string>} */
export const HOST = {
  at: 'context:long',
  report: 'p:a n:a site shadow write',
  overflow: 'pointer:a size:a site',
  uninitialized: 'p:a n:a site',
  heap_debug_on_block: 'callback -> before',
};

/** A function's body with its size. @param {number[]} body */
export const sized = (body) => [...leb(body.length), ...body];
/** @param {import('./assemble.js').Type} type */
export const typeBytes = ({ parameters, results }) => [0x60, ...list(parameters.map((type) => [type])), ...list(results.map((type) => [type]))];

/** The limits of a memory. @param {ShadowKind} kind */
export const limitsOf = ({ pages, shared }) => [shared ? 3 : 0, ...leb(pages), ...(shared ? leb(pages) : [])];

/**
 * @typedef {object} ShadowKind
 * @property {boolean} is64 the program's addresses are 64-bit
 * @property {boolean} shared
 * @property {number} pages of the shadow
 */

/** The names that the functions which checking adds have in stacks, as part 1 of a name section. @param {(readonly [number, string])[]} functions by index */
export const functionNames = (functions) => {
  const names = list(functions.map(([index, name]) => [...leb(index), ...text(`check:${name}`)]));
  return [1, ...leb(names.length), ...names];
};

/** @param {(readonly [number, string])[]} functions */
const namesSection = (functions) => {
  const contents = [...text('name'), ...functionNames(functions)];
  return [CUSTOM, ...leb(contents.length), ...contents];
};

/** The module beside the program. It imports `host.report`, and exports the shadow and the functions above. @param {ShadowKind} kind */
export const runtimeModule = (kind) => {
  const { is64 } = kind,
    texts = { ...RUNTIME, ...SLOW, ...CHECKS },
    names = Object.keys(texts);
  /** @param {string} name */
  const call = (name) => (name === 'report' ? 0 : 1 + names.indexOf(name));
  return Uint8Array.from([
    ...kMagicAndVersion,
    ...section(
      TYPES,
      [HOST.report, ...Object.values(texts)].map((source) => typeBytes(typeOf(source, is64))),
    ),
    ...section(IMPORTS, [[...text('host'), ...text('report'), A_FUNCTION, 0]]),
    ...section(
      FUNCTIONS,
      names.map((_, i) => leb(1 + i)),
    ),
    ...section(MEMORIES, [limitsOf(kind)]),
    ...section(EXPORTS, [[...text('shadow'), A_MEMORY, 0], ...names.map((name, i) => [...text(name), A_FUNCTION, ...leb(1 + i)])]),
    ...section(
      CODE,
      names.map((name) => sized(assemble(texts[name], { is64, shadow: 0, call }).body)),
    ),
    ...namesSection(names.map((name, i) => [1 + i, name])),
  ]);
};
