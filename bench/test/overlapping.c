// An allocator that is wrong on purpose: every fourth block lies on top of the one before, calloc doesn't clear, and
// aligned_alloc doesn't align.
#include <stddef.h>
#include <stdint.h>

static __attribute__((address_space(1))) uintptr_t next, count;

void *malloc(size_t bytes) {
  if (!next) next = (uintptr_t)__builtin_wasm_memory_size(0) << 16, __builtin_wasm_memory_grow(0, 512);
  if (++count % 4) next += (bytes + 23) & ~(size_t)7;
  return (void *)(next + 8);
}
void free(void *block) { (void)block; }
void *calloc(size_t n, size_t bytes) {
  unsigned char *block = malloc(n * bytes);
  block[0] = 1;
  return block;
}
void *realloc(void *block, size_t bytes) {
  (void)block;
  return malloc(bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  (void)alignment;
  return malloc(bytes);
}
