// What programs do at the edges of malloc: memory that runs out, errno, memory of their own from sbrk.

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT(name) __attribute__((export_name(#name)))
enum { kMost = 100000, kPage = 65536 };

static void *blocks[kMost];

/** Takes blocks until there are no more, twice, with a pattern in each. @return 1, or 0 if a byte was wrong or the second time brought much less */
EXPORT(exhaust) int exhaust(size_t size) {
  size_t counts[2];
  for (int time = 0; time < 2; time++) {
    size_t count = 0;
    while (count < kMost && (blocks[count] = malloc(size))) memset(blocks[count], (int)(count & 0x7f), size), count++;
    void *volatile more = calloc(1, size); // volatile, or the compiler takes it that there is memory
    if (more) return 0;
    more = aligned_alloc(64, size);
    if (more) return 0;
    more = count ? realloc(blocks[0], 100 * size) : 0;
    if (more) return 0;
    for (size_t i = 0; i < count; i++) {
      const unsigned char *block = blocks[i];
      if (block[0] != (i & 0x7f) || block[size - 1] != (i & 0x7f)) return 0;
      free(blocks[i]);
    }
    counts[time] = count;
  }
  return counts[0] > 0 && counts[1] >= counts[0] / 10 * 9;
}

/** The sum of errno after calls that fail, and after one that does not. */
EXPORT(failures) int failures(size_t too_large) {
  int sum = 0;
  errno = 0;
  void *volatile block = malloc(too_large);
  sum = sum * 100 + errno;
  errno = 0;
  block = calloc(too_large, 2);
  sum = sum * 100 + errno;
  errno = 0;
  void *volatile kept = malloc(10);
  sum = sum * 100 + errno;
  block = realloc(kept, too_large);
  sum = sum * 100 + errno;
  errno = 0;
  free(kept);
  return block ? 0 : sum;
}

/** Memory that the program takes from sbrk by itself, beside malloc's. @return 1, or 0 if malloc's memory and this overlap */
EXPORT(beside) int beside(int rounds) {
  unsigned char *own[8];
  for (int i = 0; i < 8; i++) {
    own[i] = sbrk(kPage);
    if (own[i] == (void *)-1) return 0;
    memset(own[i], 0xa0 + i, kPage);
    for (int k = 0; k < rounds; k++) {
      blocks[k] = malloc((size_t)(k * 37 % 5000));
      if (!blocks[k]) return 0;
      memset(blocks[k], k & 0x7f, (size_t)(k * 37 % 5000));
    }
    for (int k = 0; k < rounds; k++) free(blocks[k]);
  }
  for (int i = 0; i < 8; i++) {
    for (int k = 0; k < kPage; k++) {
      if (own[i][k] != 0xa0 + i) return 0;
    }
  }
  return 1;
}

/** Something that takes blocks and gives them back in two places: a realloc that only one place calls would be inlined. */
EXPORT(resize) void *resize(void *block, size_t size) { return realloc(block, size); }
EXPORT(release) void release(void *block) { free(block); }
EXPORT(take) void *take(size_t size) { return malloc(size); }
EXPORT(align) int align(void **out, size_t size) { return posix_memalign(out, 256, size); }
EXPORT(count) void *count(size_t size) { return calloc(size, 1); }
EXPORT(aligned) void *aligned(size_t size) { return aligned_alloc(64, size); }
EXPORT(sbrk_by) void *sbrk_by(int bytes) { return sbrk(bytes); }
EXPORT(error) int *error(void) { return &errno; }
EXPORT(last) int last(void) { return (int)(uintptr_t)blocks[0]; }
