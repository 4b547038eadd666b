// What C's library would give an allocator that is linked without one. Weak: beside a real library these are not used.
#include <stddef.h>

#define WEAK __attribute__((weak))

WEAK _Noreturn void abort(void) { __builtin_trap(); }

// One instruction each with bulk memory.
WEAK void *memcpy(void *to, const void *from, size_t bytes) { return __builtin_memcpy(to, from, bytes); }
WEAK void *memmove(void *to, const void *from, size_t bytes) { return __builtin_memmove(to, from, bytes); }
WEAK void *memset(void *to, int value, size_t bytes) { return __builtin_memset(to, value, bytes); }
