/* unistd.h for freestanding WebAssembly programs: sbrk alone, for those who bring their own allocator. */
#ifndef MEMORY_WASM_UNISTD_H
#define MEMORY_WASM_UNISTD_H

#pragma GCC system_header

/* The rest of <unistd.h>, where there is another C library. */
#include "memory_wasm_libc.h"
#if MEMORY_WASM_OTHER_LIBC
#include_next <unistd.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Grows the memory by at least `increment` bytes (whole pages of 64 KiB) and returns where they begin, or (void*)-1.
 * sbrk(0) is the memory's end; a negative increment fails, since memory can't shrink. The heap doesn't use it, and
 * what it returns is the caller's alone. Two calls need not be adjacent: the heap grows the same memory in between. */
void* sbrk(__INTPTR_TYPE__ increment);

#ifdef __cplusplus
}
#endif

#endif
