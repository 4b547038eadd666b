// The heap's functions, as they are in WebAssembly. A program that was linked statically has those that it exports.

import { MemoryWasmError } from '../errors.js';

/**
 * What memory.wasm exports; pointers that it returns are signed. Written from tests/abi/golden.txt by tools/tables.mjs.
 * @typedef {object} HeapExports
 * @property {(a: number) => void} _ZdaPv
 * @property {(a: number, b: number) => void} _ZdaPvRKSt9nothrow_t
 * @property {(a: number, b: number) => void} _ZdaPvSt11align_val_t
 * @property {(a: number, b: number, c: number) => void} _ZdaPvSt11align_val_tRKSt9nothrow_t
 * @property {(a: number, b: number) => void} _ZdaPvm
 * @property {(a: number, b: number, c: number) => void} _ZdaPvmSt11align_val_t
 * @property {(a: number) => void} _ZdlPv
 * @property {(a: number, b: number) => void} _ZdlPvRKSt9nothrow_t
 * @property {(a: number, b: number) => void} _ZdlPvSt11align_val_t
 * @property {(a: number, b: number, c: number) => void} _ZdlPvSt11align_val_tRKSt9nothrow_t
 * @property {(a: number, b: number) => void} _ZdlPvm
 * @property {(a: number, b: number, c: number) => void} _ZdlPvmSt11align_val_t
 * @property {(a: number) => number} _Znam
 * @property {(a: number, b: number) => number} _ZnamRKSt9nothrow_t
 * @property {(a: number, b: number) => number} _ZnamSt11align_val_t
 * @property {(a: number, b: number, c: number) => number} _ZnamSt11align_val_tRKSt9nothrow_t
 * @property {(a: number) => number} _Znwm
 * @property {(a: number, b: number) => number} _ZnwmRKSt9nothrow_t
 * @property {(a: number, b: number) => number} _ZnwmSt11align_val_t
 * @property {(a: number, b: number, c: number) => number} _ZnwmSt11align_val_tRKSt9nothrow_t
 * @property {(a: number, b: number, c: number) => number} __cxa_atexit
 * @property {() => void} __cxa_deleted_virtual
 * @property {(a: number) => void} __cxa_guard_abort
 * @property {(a: number) => number} __cxa_guard_acquire
 * @property {(a: number) => void} __cxa_guard_release
 * @property {() => void} __cxa_pure_virtual
 * @property {() => void} abort
 * @property {(a: number, b: number) => number} aligned_alloc
 * @property {(a: number, b: number, c: number) => number} bcmp
 * @property {(a: number, b: number) => number} calloc
 * @property {(a: number) => void} free
 * @property {(a: number, b: number, c: number) => void} free_aligned_sized
 * @property {(a: number, b: number) => void} free_sized
 * @property {(a: number, b: number) => number} heap_add_region
 * @property {(a: number) => number} heap_attach
 * @property {() => number} heap_check
 * @property {() => number} heap_footprint
 * @property {() => number} heap_in_use
 * @property {() => number} heap_largest_free
 * @property {() => number} heap_layout
 * @property {(a: number) => void} heap_on_grow
 * @property {(a: number) => number} heap_protect
 * @property {() => void} heap_reset
 * @property {(a: number) => number} heap_span_bytes
 * @property {(a: number) => number} heap_span_kind
 * @property {(a: number) => number} heap_span_next
 * @property {() => number} heap_state
 * @property {() => number} heap_trim
 * @property {() => number} heap_version
 * @property {(a: number) => number} malloc
 * @property {(a: number) => number} malloc_usable_size
 * @property {(a: number, b: number) => number} memalign
 * @property {(a: number, b: number, c: number) => number} memchr
 * @property {(a: number, b: number, c: number) => number} memcmp
 * @property {(a: number, b: number, c: number) => number} memcpy
 * @property {(a: number, b: number, c: number) => number} memmove
 * @property {(a: number, b: number, c: number) => number} memrchr
 * @property {(a: number, b: number, c: number) => number} memset
 * @property {(a: number, b: number, c: number) => number} posix_memalign
 * @property {(a: number, b: number) => number} realloc
 * @property {(a: number, b: number, c: number) => number} reallocarray
 * @property {(a: number) => number} sbrk
 * @property {(a: number, b: number) => number} stpcpy
 * @property {(a: number, b: number) => number} strcat
 * @property {(a: number, b: number) => number} strchr
 * @property {(a: number, b: number) => number} strcmp
 * @property {(a: number, b: number) => number} strcpy
 * @property {(a: number) => number} strdup
 * @property {(a: number) => number} strlen
 * @property {(a: number, b: number, c: number) => number} strncmp
 * @property {(a: number, b: number, c: number) => number} strncpy
 * @property {(a: number, b: number) => number} strndup
 * @property {(a: number, b: number) => number} strnlen
 * @property {(a: number, b: number) => number} strrchr
 * @property {(a: number, b: number) => number} strstr
 * @property {WebAssembly.Table} __indirect_function_table
 */

/**
 * A program's exports as JavaScript may call them: a Block, or a Callback, fits wherever a number does.
 * @template E
 * @typedef {{ [K in keyof E]: E[K] extends (...values: infer A) => infer R ? (...values: { [I in keyof A]: A[I] extends number ? import('./pointer.js').Pointer : A[I] }) => R : E[K] }} Callable
 */

/**
 * The heap's function of that name, of numbers.
 * @param {{ functions: Record<string, any> }} heap
 * @param {string} name
 * @returns {(...values: any[]) => any}
 */
export function functionOf({ functions }, name) {
  const func = functions[name];
  if (func) return func;
  throw new MemoryWasmError('WrongHeapError', `the program does not export ${name}. Link it with -Wl,--export=${name}, or let load() bring the heap.`);
}
