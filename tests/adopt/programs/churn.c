// A program with wasi-libc's malloc inside: blocks of all sizes come, change and go at random, and each is checked for its bytes.
// run returns a number that depends on all of them; 0 if a byte was wrong.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))
// How many alignments aligned_alloc is asked for, from 16 on. mimalloc 2.0.9 has fewer: its aligned_alloc(256, 256) is not aligned.
#ifndef ALIGNMENTS
#define ALIGNMENTS 5
#endif

enum { kSlots = 200 };

static struct Slot {
  unsigned char *block;
  size_t size;
  unsigned char byte;
} slots[kSlots];
static uint32_t seed, sum;

static uint32_t next(uint32_t below) {
  seed = seed * 1103515245u + 12345u;
  return (seed >> 8) % below;
}

static size_t size_of_next(void) {
  static const size_t kSizes[] = {1, 8, 24, 100, 500, 3000, 20000, 100000};
  return kSizes[next(8)] + next(16);
}

static int whole(const struct Slot *slot) {
  for (size_t i = 0; i < slot->size; i++) {
    if (slot->block[i] != slot->byte) return 0;
  }
  return 1;
}

static void fill(struct Slot *slot) {
  slot->byte = (unsigned char)(1 + next(255));
  memset(slot->block, slot->byte, slot->size);
  sum = sum * 31 + (uint32_t)slot->size + slot->byte;
}

static int allocate(struct Slot *slot) {
  slot->size = size_of_next();
  switch (next(4)) {
    case 0: {
      slot->block = calloc(slot->size, 1);
      slot->byte = 0;
      if (!slot->block || !whole(slot)) return 0;
      break;
    }
    case 1: {
      const size_t alignment = (size_t)16 << next(ALIGNMENTS);
      slot->size = (slot->size + alignment - 1) / alignment * alignment; // some refuse what is no multiple
      slot->block = aligned_alloc(alignment, slot->size);
      if ((uintptr_t)slot->block % alignment) return 0;
      break;
    }
    case 2: {
      void *block = 0;
      if (posix_memalign(&block, 64, slot->size) || (uintptr_t)block % 64) return 0;
      slot->block = block;
      break;
    }
    default: slot->block = malloc(slot->size);
  }
  if (!slot->block) return 0;
  fill(slot);
  return 1;
}

/** A second caller of realloc: with one, the compiler would inline it. */
EXPORT(halved) void *halved(void *block, size_t size) { return realloc(block, size / 2); }

static int resize(struct Slot *slot) {
  const size_t size = size_of_next(), kept = size < slot->size ? size : slot->size;
  unsigned char *block = realloc(slot->block, size);
  if (!block) return 0;
  slot->block = block;
  slot->size = kept;
  if (!whole(slot)) return 0;
  slot->size = size;
  fill(slot);
  return 1;
}

EXPORT(run) uint32_t run(uint32_t start, uint32_t rounds) {
  seed = start;
  sum = 1;
  for (uint32_t round = 0; round < rounds; round++) {
    struct Slot *slot = &slots[next(kSlots)];
    if (!slot->block) {
      if (!allocate(slot)) return 0;
    } else if (!whole(slot)) {
      return 0;
    } else if (next(3) == 0) {
      if (!resize(slot)) return 0;
    } else {
      free(slot->block);
      slot->block = 0;
    }
  }
  volatile size_t too_large = 0xfffff000u;
  void *volatile huge = malloc(too_large);
  if (huge) return 0;
  for (int i = 0; i < kSlots; i++) {
    free(slots[i].block);
    slots[i].block = 0;
  }
  return sum;
}
