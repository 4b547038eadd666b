// The floor of the workload "pair": the same block each time, no allocator at all. What remains is the loop, the call
// and the checks.
#include <stddef.h>
#include <stdint.h>

static unsigned char block[16] __attribute__((aligned(16)));

__attribute__((noinline)) void *malloc(size_t bytes) { return bytes <= sizeof block ? block : NULL; }
__attribute__((noinline)) void free(void *mem) { (void)mem; }
void *calloc(size_t count, size_t bytes) { return malloc(count * bytes); }
void *realloc(void *mem, size_t bytes) { return mem ? mem : malloc(bytes); }
void *aligned_alloc(size_t alignment, size_t bytes) { return alignment <= 16 ? malloc(bytes) : NULL; }
