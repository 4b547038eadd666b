#include <stdlib.h>
static inline void* xmalloc(size_t size) { return malloc(size); }
static inline void* xrealloc(void* mem, size_t size) { return realloc(mem, size); }
