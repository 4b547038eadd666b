/* unistd.h for freestanding WebAssembly programs: sbrk alone, for those who bring their own allocator. */
#ifndef MEMORY_WASM_UNISTD_H
#define MEMORY_WASM_UNISTD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows the memory by at least `increment` bytes (whole pages of 64 KiB) and returns where they begin, or (void*)-1.
 * sbrk(0) is the memory's end; a negative increment fails, since memory can't shrink. The heap doesn't use it, and
 * what it returns is the caller's alone. Two calls need not be adjacent: the heap grows the same memory in between. */
void* sbrk(intptr_t increment);

#ifdef __cplusplus
}
#endif

#endif
