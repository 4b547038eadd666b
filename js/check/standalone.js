// A program that checks itself, with nothing beside it (`memory.wasm link --check`): the shadow is a memory of its own, the runtime is among
// its functions, and a wrong access traps in a function whose name says what it was:
//
//     RuntimeError: unreachable
//         at check:UseAfterFreeError
//         at check:slow
//         at check:load4
//         at list_length

import { AFTER_BLOCK, BEFORE_BLOCK, FREED, NULL_PAGE } from '../debug/kinds.js';

/** The debug heap's function that the program calls to follow its blocks; a merge satisfies the import. */
export const ON_BLOCK = 'heap_debug_on_block';

const trap = '|\n unreachable';

/**
 * The functions of a standalone program, beside those of the runtime (shadow.js).
 * @param {import('./layout.js').Layout} layout
 * @param {{ bytes: number, tables: number, hasStart: boolean }} program bytes of its memory as it begins; how many tables it has: the heap's comes
 *   next when they are merged; whether it has a start function
 * @returns {Record<string, string>} by name
 */
export const standaloneTexts = ({ nullPage, end, stack }, { bytes, tables, hasStart }) => ({
  NullPointerError: trap,
  UnderrunError: trap,
  OverrunError: trap,
  UseAfterFreeError: trap,
  WildPointerError: trap,
  StackOverflowError: trap,
  report: `p:a n:a site shadow write
    get shadow  const ${NULL_PAGE}  eq  if  call NullPointerError  end
    get shadow  const ${BEFORE_BLOCK}  eq  if  call UnderrunError  end
    get shadow  const ${FREED}  eq  if  call UseAfterFreeError  end
    get shadow  const 1  sub  const 7  lt_u  get shadow  const ${AFTER_BLOCK}  eq  or  if  call OverrunError  end
    call WildPointerError`,
  // Where the pointer did not come from this stack, it is another's: of a fiber.
  overflow: `pointer:a size:a site | before:a
    get pointer  get size  a.add  tee before  a.const ${stack?.low ?? 0}  a.ge_u  get before  a.const ${stack?.high ?? 0}  a.le_u  and
    if  call StackOverflowError  end`,
  // Marks data and stack, and puts \`block\` into the heap's table.
  begin: `|
    a.const ${nullPage}  a.const ${Math.min(end, bytes)}  call unpoison
    a.const 0  a.const ${nullPage}  const ${NULL_PAGE}  call poison
    ref.func block  const 1  table.grow ${tables}  call ${ON_BLOCK}  drop
    ${hasStart ? 'call start' : ''}`,
});
