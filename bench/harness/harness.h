// What the replayer and the workloads share: the allocator under test, the tags, the random numbers.
// Nothing here owns a byte of memory: no static variable, no shadow stack. Every table lives at an address the host
// gives, so the same code can be linked with an allocator, merged with one, or import one over a foreign memory.
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

#include <stddef.h>
#include <stdint.h>

void *malloc(size_t bytes);
void free(void *block);
void *calloc(size_t count, size_t bytes);
void *realloc(void *block, size_t bytes);
void *aligned_alloc(size_t alignment, size_t bytes);

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))

// A block's tag stands in its first and in its last byte while the program holds it. The return value says whether the
// block was wrong: absent, or (in check) its tag changed behind our back.
INLINE uint32_t tag(unsigned char *block, size_t bytes, uint32_t value) {
  if (bytes == 0) return 0;
  if (block == NULL) return 1;
  block[0] = (unsigned char)value;
  block[bytes - 1] = (unsigned char)value;
  return 0;
}

INLINE uint32_t check(const unsigned char *block, size_t bytes, uint32_t value) {
  if (bytes == 0) return 0;
  if (block == NULL) return 1;
  return (block[0] != (unsigned char)value) | (block[bytes - 1] != (unsigned char)value);
}

// xorshift32: three shifts, so that it costs less than what it drives.
INLINE uint32_t random_next(uint32_t *state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

#endif
