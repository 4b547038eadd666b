// The bodies of functions that adopting adds or exchanges, besides the heap's own: how the heap grows by the program's sbrk, Rust's
// allocation functions, and the hooks around functions that keep their bodies.

import { assemble } from '../check/assemble.js';
import { CALL, CALL_INDIRECT, END, GLOBAL_GET, GLOBAL_SET, I32_CONST, I32_OR, IF, LOCAL_GET, LOCAL_SET, RETURN } from '../wasm/instructions.js';
import { leb } from '../wasm/leb128.js';

/** @typedef {import('./names.js').Role} Role */

/** memory.grow, by sbrk: starts at a whole page, so that the heap's pages are pages of the memory, too. */
const kGrow = `pages -> result | start pad
  get pages const 32767 gt_u if const -1 return end
  const 0 const 0 call sbrk set start
  get start sub const 65535 and set pad
  get pages const 16 shl get pad add call sbrk
  set start get start const -1 eq if const -1 return end
  get start get pad add set start`;
/** Memory that others gave back to sbrk is not zero any more; what the heap grows must be. */
const kClear = 'get start const 0 get pages const 16 shl fill';
const kFirstPage = 'get start const 16 shr_u';

/** The functions of Rust's GlobalAlloc: the heap aligns to 16 by itself. @type {Record<string, string>} */
const kRust = {
  rust_alloc: `size alignment -> pointer
    get alignment const 16 gt_u if get alignment get size call memalign return end
    get size call malloc`,
  rust_dealloc: `pointer size alignment
    get pointer call free`,
  rust_realloc: `old size alignment next -> result | pointer
    get alignment const 16 le_u if get old get next call realloc return end
    get alignment get next call memalign tee pointer
    if
      get pointer get old get size get next get size get next lt_u select call memcpy set pointer
      get old call free
    end
    get pointer`,
  rust_alloc_zeroed: `size alignment -> pointer | pointer
    get alignment const 16 le_u if const 1 get size call calloc return end
    get alignment get size call memalign tee pointer
    if get pointer const 0 get size call memset set pointer end
    get pointer`,
};

/** Functions that set errno where there is no memory: what they take. @type {Partial<Record<Role, string>>} */
const kSettingErrno = { malloc: 'size', calloc: 'count size', realloc: 'old size', memalign: 'alignment size' };
const kNoMemory = 48;

/** @param {string} text @param {(name: string) => number} call index of a function */
const written = (text, call) => Uint8Array.from(assemble(text, { is64: false, shadow: 0, call }).body);

/**
 * @param {number} sbrk
 * @param {boolean} shared whether others call it, too
 */
export const growBySbrk = (sbrk, shared) => written([kGrow, ...(shared ? [kClear] : []), kFirstPage].join('\n'), () => sbrk);

/** @param {number} sbrk */
export const sizeBySbrk = (sbrk) => written('-> pages\n const 0 call sbrk const 16 shr_u', () => sbrk);

/** @param {Role} role */
export const setsErrno = (role) => Object.hasOwn(kSettingErrno, role);

/**
 * A function of the heap, and errno after it.
 * @param {Role} role
 * @param {number} original
 * @param {number} errno its address
 */
export function errnoBody(role, original, errno) {
  const parameters = /** @type {string} */ (kSettingErrno[role]);
  const values = parameters.split(' ').map((name) => `get ${name}`);
  const text = `${parameters} -> result | result
    ${values.join(' ')} call original tee result
    eqz if const ${errno} const ${kNoMemory} store end
    get result`;
  return written(text, () => original);
}

/** @param {Role} role */
export const isRust = (role) => Object.hasOwn(kRust, role);

/** @param {Role} role @param {(name: string) => number} call index of a function of the heap */
export const rustBody = (role, call) => written(kRust[role], call);

const NOTHING = 0x40,
  EQZ = 0x45,
  I32 = 0x7f;

/** The parameters of a hook: a number for the role, up to four arguments, and the result. */
export const kHookType = { parameters: 6, results: 0 };

/**
 * A function that calls another and says so. While one is at work, those that it calls (realloc calls malloc) are not told of.
 *
 *     if no hook is there, or one is at work: return original(arguments)
 *     at work; result = original(arguments); hook(role, arguments, result); no more at work; return result
 *
 * free is told of before it runs: afterwards the pointer may be somebody else's.
 * @param {object} one
 * @param {number} one.code
 * @param {number} one.parameters
 * @param {number} one.results
 * @param {number} one.original
 * @param {{ on: number, busy: number, type: number, table: number }} hook globals, and how the hook is called
 */
export function hookBody({ code, parameters, results, original }, { on, busy, type, table }) {
  const result = parameters;
  const numbers = Array.from({ length: parameters }, (_, i) => [LOCAL_GET, i]).flat();
  const call = [...numbers, CALL, ...leb(original)];
  const told = Array.from({ length: 4 }, (_, i) => (i < parameters ? [LOCAL_GET, i] : [I32_CONST, 0])).flat();
  const tell = [I32_CONST, code, ...told, ...(results ? [LOCAL_GET, result] : [I32_CONST, 0]), I32_CONST, 0, CALL_INDIRECT, ...leb(type), ...leb(table)];
  const work = results ? [...call, LOCAL_SET, result, ...tell] : [...tell, ...call];
  return Uint8Array.from([
    ...[1, 1, I32],
    ...[GLOBAL_GET, ...leb(on), EQZ, GLOBAL_GET, ...leb(busy), I32_OR, IF, NOTHING, ...call, RETURN, END],
    ...[I32_CONST, 1, GLOBAL_SET, ...leb(busy), ...work, I32_CONST, 0, GLOBAL_SET, ...leb(busy)],
    ...(results ? [LOCAL_GET, result] : []),
    END,
  ]);
}
