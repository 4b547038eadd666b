/* A malloc that does next to nothing: each thread hands out 4 MiB of its own again and again, and free is empty. What is left of a measurement with it is
 * the cost of the queue between the threads (measure.js). */
#include <stddef.h>
#include <stdint.h>

enum { kPage = 65536, kPages = 64 };

static _Thread_local uintptr_t begin, next;

void* malloc(size_t bytes) {
  const size_t size = (bytes + 15) & ~(size_t)15;
  if (!begin || next + size > begin + kPages * kPage) {
    if (!begin) begin = __builtin_wasm_memory_grow(0, kPages) * kPage;
    next = begin;
  }
  void* block = (void*)next;
  next += size;
  return block;
}

void free(void* block) { (void)block; }

void* calloc(size_t count, size_t size) { return __builtin_memset(malloc(count * size), 0, count * size); }

void* realloc(void* block, size_t bytes) {
  (void)block;
  return malloc(bytes);
}

void* aligned_alloc(size_t alignment, size_t bytes) {
  return (void*)(((uintptr_t)malloc(bytes + alignment) + alignment - 1) & ~(alignment - 1));
}
