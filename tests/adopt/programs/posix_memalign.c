// posix_memalign for an allocator that has only aligned_alloc.

#include <stdlib.h>

int posix_memalign(void **out, size_t alignment, size_t size) { return (*out = aligned_alloc(alignment, size)) ? 0 : 48; }
