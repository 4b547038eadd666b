// What a C library calls its own malloc inside itself. With these, `-lmemory -lc` takes nothing of that library's heap, which would
// define malloc a second time.
#include <stdlib.h>

extern "C" {
[[gnu::weak]] void* __libc_malloc(size_t size) { return malloc(size); }
[[gnu::weak]] void __libc_free(void* mem) { free(mem); }
[[gnu::weak]] void* __libc_calloc(size_t count, size_t size) { return calloc(count, size); }
[[gnu::weak]] void* __libc_realloc(void* mem, size_t size) { return realloc(mem, size); }
[[gnu::weak]] void* __libc_memalign(size_t alignment, size_t size) { return memalign(alignment, size); }
}
