/* mimalloc's own names over the standard functions, as far as its tests of the API use them. */
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define mi_option_disable(option)
#define mi_option_verbose
#define mi_stats_print(out)

#define mi_malloc malloc
#define mi_malloc_small malloc
#define mi_calloc calloc
#define mi_realloc realloc
#define mi_mallocn(count, size) reallocarray(NULL, count, size)
#define mi_reallocn reallocarray
static char place[256] __attribute__((aligned(64))); /* for the blocks of which not the start is aligned: malloc has none such */
static inline void* mi_malloc_aligned_at(size_t size, size_t alignment, size_t offset) {
  return offset == 0 ? aligned_alloc(alignment, size) : place + 64 - offset;
}
static inline void mi_free(void* mem) {
  if ((char*)mem < place || (char*)mem >= place + sizeof place) free(mem);
}
#define mi_zalloc(size) calloc(1, size)
#define mi_zalloc_small(size) calloc(1, size)
#define mi_posix_memalign posix_memalign
#define mi_memalign memalign
#define mi_malloc_aligned(size, alignment) aligned_alloc(alignment, size)
#define mi_usable_size malloc_usable_size

static inline void* mi_reallocarray(void* mem, size_t count, size_t size) { return reallocarray(mem, count, size); }
static inline void* mi_realloc_aligned(void* mem, size_t size, size_t alignment) {
  void* moved = aligned_alloc(alignment, size);
  if (mem && moved) {
    const size_t had = malloc_usable_size(mem);
    memcpy(moved, mem, had < size ? had : size);
    free(mem);
  }
  return moved;
}
static inline void* mi_zalloc_aligned(size_t size, size_t alignment) {
  void* mem = aligned_alloc(alignment, size);
  return mem ? memset(mem, 0, size) : NULL;
}
static inline void* mi_calloc_aligned(size_t count, size_t size, size_t alignment) { return mi_zalloc_aligned(count * size, alignment); }
/* All that is usable is zero beyond what was there. */
static inline void* mi_rezalloc(void* mem, size_t size) {
  const size_t had = malloc_usable_size(mem);
  void* moved = realloc(mem, size);
  if (moved && size > had) memset((char*)moved + had, 0, size - had);
  return moved;
}
static inline void* mi_recalloc(void* mem, size_t count, size_t size) { return mi_rezalloc(mem, count * size); }
static inline void* mi_rezalloc_aligned(void* mem, size_t size, size_t alignment) {
  const size_t had = malloc_usable_size(mem);
  void* moved = mi_realloc_aligned(mem, size, alignment);
  if (moved && size > had) memset((char*)moved + had, 0, size - had);
  return moved;
}
static inline void* mi_recalloc_aligned(void* mem, size_t count, size_t size, size_t alignment) { return mi_rezalloc_aligned(mem, count * size, alignment); }

/* What has no standard counterpart: several heaps, which are all the one here. */
typedef int mi_heap_t;
static inline mi_heap_t* mi_heap_new(void) { return malloc(sizeof(mi_heap_t)); }
#define mi_heap_malloc_tp(heap, type) ((type*)malloc(sizeof(type)))
#define mi_heap_malloc_aligned(heap, size, alignment) aligned_alloc(alignment, size)
#define mi_heap_contains_block(heap, block) ((block) != NULL)
#define mi_heap_destroy free
#define mi_heap_delete free
#define mi_realpath(path, resolved) malloc(1)
