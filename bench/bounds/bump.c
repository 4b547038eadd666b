// A bound, not an allocator: what an allocation costs when nothing is reused before everything was freed. Blocks are
// 16-byte aligned with the size in front of them (realloc needs it). It shows what the memory traffic alone costs, and
// the most pages possible.
#include <stddef.h>
#include <stdint.h>

#define PAGE 65536u
#define GLOBAL __attribute__((address_space(1)))  // a wasm global: no data segment

static GLOBAL uintptr_t start, next, end;
static GLOBAL size_t live;

static int reserve(uintptr_t limit) {
  if (next == 0) {
    start = next = end = (uintptr_t)__builtin_wasm_memory_size(0) * PAGE;
    limit += end;
  }
  size_t pages = (limit - end + PAGE - 1) / PAGE;
  size_t step = (end >> 21);  // a 32nd of the memory at once: growth is not what this measures
  if (pages < step) pages = step;
  if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) return 0;
  end += pages * PAGE;
  return 1;
}

void *malloc(size_t bytes) {
  size_t need = (bytes + 31) & ~(size_t)15;
  if (end - next < need && !reserve(next + need)) return NULL;
  uintptr_t block = next + 16;
  ((size_t *)block)[-1] = bytes;
  next += need;
  live++;
  return (void *)block;
}

void free(void *block) {
  if (block && --live == 0) next = start;
}

void *calloc(size_t count, size_t bytes) {
  void *block = malloc(count * bytes);
  if (block) __builtin_memset(block, 0, count * bytes);
  return block;
}

void *realloc(void *block, size_t bytes) {
  unsigned char *copy = malloc(bytes);
  if (copy && block) {
    size_t old = ((size_t *)block)[-1];
    __builtin_memcpy(copy, block, old < bytes ? old : bytes);
    live--;
  }
  return copy;
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  uintptr_t block = (uintptr_t)malloc(bytes + alignment);
  if (!block) return NULL;
  uintptr_t aligned = (block + alignment - 1) & ~(uintptr_t)(alignment - 1);
  ((size_t *)aligned)[-1] = bytes;
  return (void *)aligned;
}
