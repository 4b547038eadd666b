/* Random operations of several threads on one heap, with a model that they share: a bit for each 16 bytes of the memory says whether a block is
   there. Who gets a block sets its bits, and none may be set yet; who gives one back clears them first, and all must be set. Blocks go from thread to
   thread through common slots, so most are freed or resized by another thread than the one that allocated them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name))) name

enum { kUnit = 16, kMemoryBytes = 4096 * 65536, kSlots = 500 };

struct block {
  uint32_t size;
  unsigned char rest[];
};

static uint32_t model[kMemoryBytes / kUnit / 32];
static struct block* slots[kSlots];

static uint32_t random_below(uint32_t* state, uint32_t limit) {
  uint32_t x = *state;
  x ^= x << 13, x ^= x >> 17, x ^= x << 5;
  *state = x;
  return (uint32_t)((uint64_t)x * limit >> 32);
}

/* How many units of the block were not as they should be: free when it is taken, in use when it is given back. */
static uint32_t change(const struct block* block, size_t bytes, int taken) {
  uint32_t wrong = 0;
  uint32_t first = (uint32_t)(uintptr_t)block / kUnit;
  for (uint32_t unit = first; unit < first + (bytes + kUnit - 1) / kUnit; unit++) {
    uint32_t bit = 1u << unit % 32;
    uint32_t before = taken ? __atomic_fetch_or(&model[unit / 32], bit, __ATOMIC_SEQ_CST) : __atomic_fetch_and(&model[unit / 32], ~bit, __ATOMIC_SEQ_CST);
    wrong += ((before & bit) != 0) == taken;
  }
  return wrong;
}

static unsigned char byte_at(uint32_t size, uint32_t i) { return (unsigned char)(size * 31 + i); }

/* How many of the first bytes of a block that had `size` are wrong. */
static uint32_t look_at(const struct block* block, uint32_t size, uint32_t count) {
  uint32_t wrong = block->size != size;
  for (uint32_t i = 0; i < count; i++) wrong += block->rest[i] != byte_at(size, i);
  return wrong;
}

static uint32_t adopt(struct block* block, uint32_t size) {
  uint32_t wrong = change(block, sizeof *block + size, 1) + ((uintptr_t)block % kUnit != 0);
  block->size = size;
  for (uint32_t i = 0; i < size; i++) block->rest[i] = byte_at(size, i);
  return wrong;
}

static uint32_t random_size(uint32_t* state) {
  if (random_below(state, 40) == 0) return random_below(state, 40000);
  return random_below(state, random_below(state, 8) ? 400 : 4000);
}

static struct block* allocate(uint32_t* state, uint32_t size, uint32_t* wrong) {
  size_t bytes = sizeof(struct block) + size;
  size_t alignment = 32u << random_below(state, 7);
  struct block* block;
  switch (random_below(state, 8)) {
    case 0:
      block = calloc(bytes, 1);
      for (size_t i = 0; block && i < bytes; i++) *wrong += ((unsigned char*)block)[i] != 0;
      return block;
    case 1:
      block = aligned_alloc(alignment, bytes);
      *wrong += (uintptr_t)block % alignment != 0;
      return block;
    case 2:
      return realloc(NULL, bytes);
    default:
      return malloc(bytes);
  }
}

/* The block with another size. Its old units are free as soon as realloc is called. */
static struct block* resize(struct block* block, uint32_t size, uint32_t* wrong) {
  uint32_t had = block->size;
  *wrong += change(block, sizeof *block + had, 0);
  struct block* moved = realloc(block, sizeof *block + size);
  if (moved) *wrong += look_at(moved, had, had < size ? had : size) + adopt(moved, size);
  return moved;
}

/* How often something was wrong; UINT32_MAX if there was no memory. */
uint32_t EXPORT(operate)(uint32_t seed, uint32_t times) {
  uint32_t state = seed * 2 + 1, wrong = 0;
  while (times--) {
    struct block* block = __atomic_exchange_n(&slots[random_below(&state, kSlots)], NULL, __ATOMIC_ACQ_REL);
    if (block) wrong += look_at(block, block->size, block->size);
    if (block && random_below(&state, 3)) {
      wrong += change(block, sizeof *block + block->size, 0);
      free(block);
      continue;
    }
    uint32_t size = random_size(&state);
    if (block) block = resize(block, size, &wrong);
    else if ((block = allocate(&state, size, &wrong))) wrong += adopt(block, size);
    if (!block) return UINT32_MAX;
    block = __atomic_exchange_n(&slots[random_below(&state, kSlots)], block, __ATOMIC_ACQ_REL);
    if (!block) continue;
    wrong += change(block, sizeof *block + block->size, 0);
    free(block);
  }
  return wrong;
}

/* Frees what is in the slots. How much of the model is left then: nothing. */
uint32_t EXPORT(finish)(void) {
  uint32_t left = 0;
  for (int i = 0; i < kSlots; i++) {
    struct block* block = slots[i];
    slots[i] = NULL;
    if (block) left += change(block, sizeof *block + block->size, 0);
    free(block);
  }
  for (size_t i = 0; i < sizeof model / sizeof *model; i++) left += model[i] != 0;
  return left;
}
