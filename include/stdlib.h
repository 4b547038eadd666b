/* stdlib.h for freestanding WebAssembly programs: the allocation functions, implemented by memory.wasm or libmemory.a.
 * With libmemory_c.a, or beside another C library, all of <stdlib.h>.
 *
 * Blocks are aligned to 16 bytes. All functions return NULL, and change nothing, when memory runs out or the request
 * is larger than PTRDIFF_MAX. The caller owns what it gets until it passes it to free or realloc. */
#ifndef MEMORY_WASM_STDLIB_H
#define MEMORY_WASM_STDLIB_H

#pragma GCC system_header

/* The rest of <stdlib.h>: another C library's, or that of libmemory_c.a. */
#include "memory_wasm_libc.h"
#if MEMORY_WASM_OTHER_LIBC
#include_next <stdlib.h>
#elif __has_include("memory_wasm_libc/stdlib.h")
#include "memory_wasm_libc/stdlib.h"
#endif

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `size` bytes, not initialized. malloc(0) is a block too: unique, to be freed. */
void* malloc(size_t size);

/* Takes a block back; nothing for NULL. Traps if `mem` is not a block in use. */
void free(void* mem);

/* `count` objects of `size` bytes each, all zero. NULL if the product overflows. */
void* calloc(size_t count, size_t size);

/* Resizes a block, moving it if need be: content is kept up to the smaller size. On failure (NULL) the old block stays.
 * realloc(NULL, n) is malloc(n); realloc(mem, 0) makes the block as small as can be and keeps it. */
void* realloc(void* mem, size_t size);

/* realloc(mem, count * size); NULL, and the old block stays, if the product overflows. */
void* reallocarray(void* mem, size_t count, size_t size);

/* A block at a multiple of `alignment`. NULL unless that is a power of two. `size` need not be a multiple of it (C23). */
void* aligned_alloc(size_t alignment, size_t size);
void* memalign(size_t alignment, size_t size);

/* The same into *result. Returns 0, EINVAL (28: alignment is not a power of two and a multiple of sizeof(void*)) or
 * ENOMEM (48); on failure *result is not changed. The numbers are those of
 * wasi-libc's and Emscripten's <errno.h>, and of libmemory_c.a's. */
int posix_memalign(void** result, size_t alignment, size_t size);

/* How many bytes the block can hold, at least what was asked for; 0 for NULL. */
size_t malloc_usable_size(void* mem);

/* free for those who know the size (and alignment) that they asked for (C23). Trap if the block can't be that large. */
void free_sized(void* mem, size_t size);
void free_aligned_sized(void* mem, size_t alignment, size_t size);

/* Stops the program: traps (unreachable). */
__attribute__((__noreturn__)) void abort(void);

/* Linked in only. atexit is in libmemory.a; exit and _Exit are the C library's. `exit` runs what atexit and the destructors of C++'s
 * global objects registered, newest first, then calls _Exit. That of libmemory_c.a traps unless the program defines its own: there is
 * no system to report the status to. wasi-libc's ends the program. */
int atexit(void (*function)(void));
__attribute__((__noreturn__)) void exit(int status);
__attribute__((__noreturn__)) void _Exit(int status);

#ifdef __cplusplus
}
#endif

#endif
