// The names of functions, and which of them the functions of an allocator have in the libraries that programs are linked with.

import { Cursor, FormatError } from '../wasm/cursor.js';
import { each } from '../wasm/format.js';

/** The custom section that has them. */
export const kNames = 'name';
const kFunctionNames = 1;

/**
 * The functions' names in a name section. Engines ignore one that is broken; so does this.
 * @param {Uint8Array} section
 * @returns {Map<number, string>}
 */
export function namesIn(section) {
  const names = new Map();
  const cursor = new Cursor(section, kNames);
  try {
    while (cursor.at < section.length) {
      const part = cursor.byte();
      const end = cursor.number() + cursor.at;
      if (part === kFunctionNames) each(cursor, () => names.set(cursor.number(), cursor.text()));
      cursor.at = end;
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return names;
}

/**
 * What a function of an allocator does. Those of C; and of Rust's `GlobalAlloc`, which has sizes and alignments in another order.
 * @typedef {'malloc' | 'free' | 'calloc' | 'realloc' | 'memalign' | 'posix_memalign' | 'malloc_usable_size'
 *   | 'rust_alloc' | 'rust_dealloc' | 'rust_realloc' | 'rust_alloc_zeroed'} Role
 *
 * By what something was found.
 * @typedef {'option' | 'export' | 'name' | 'shape'} By
 */

/** A prefix of the library: `dl` of dlmalloc, `emscripten_builtin_` and `__libc_` of Emscripten, an underscore of its older glue. */
const kPrefix = '_?(?:dl|emscripten_builtin_|__libc_|emmalloc_|mi_)?';
/** What Rust's mangled names end with. */
const kHash = '(?:17h[0-9a-f]{16}E?)?$';

/** @type {[Role, RegExp][]} */
const kRoleNames = [
  ['malloc', new RegExp(`^${kPrefix}malloc$`)],
  ['free', new RegExp(`^${kPrefix}free$`)],
  ['calloc', new RegExp(`^${kPrefix}calloc$`)],
  ['realloc', new RegExp(`^${kPrefix}realloc$`)],
  ['memalign', new RegExp(`^(?:internal_memalign|${kPrefix}(?:memalign|aligned_alloc))$`)],
  ['posix_memalign', new RegExp(`^${kPrefix}posix_memalign$`)],
  ['malloc_usable_size', new RegExp(`^${kPrefix}malloc_usable_size$`)],
  ['rust_alloc', new RegExp(`__rdl_alloc${kHash}`)],
  ['rust_dealloc', new RegExp(`__rdl_dealloc${kHash}`)],
  ['rust_realloc', new RegExp(`__rdl_realloc${kHash}`)],
  ['rust_alloc_zeroed', new RegExp(`__rdl_alloc_zeroed${kHash}`)],
];

/**
 * @param {string} name
 * @returns {Role | undefined}
 */
export const roleNamed = (name) => kRoleNames.find(([, pattern]) => pattern.test(name))?.[0];

export const kRoles = kRoleNames.map(([role]) => role);

/** `sbrk`: hands out the memory behind the program's data, and grows it. */
export const isSbrk = (/** @type {string} */ name) => /^_?(emscripten_)?sbrk$/.test(name);

/**
 * Functions that only report on the allocator or set its parameters. They may stay as they are: they then speak of the old heap, which is empty.
 */
export const isReporter = (/** @type {string} */ name) =>
  /^_?(dl|emmalloc_)?(mallinfo|malloc_stats|mallopt|malloc_footprint|malloc_max_footprint|malloc_footprint_limit|malloc_set_footprint_limit|malloc_trim)$/.test(
    name,
  );
