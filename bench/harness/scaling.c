// How the cost of an operation depends on how much is alive. A block knows its own size (its first word), so that the
// table is one address per block.
#include "harness.h"

INLINE uint32_t *sized(uint32_t *random) {
  uint32_t bytes = 16 + (random_next(random) >> 8) % 113;
  uint32_t *block = malloc(bytes);
  if (!block) return NULL;
  block[0] = bytes;
  ((unsigned char *)block)[bytes - 1] = (unsigned char)bytes;
  return block;
}

INLINE uint32_t end(uint32_t *block) {
  uint32_t wrong = !block || ((unsigned char *)block)[block[0] - 1] != (unsigned char)block[0];
  free(block);
  return wrong;
}

EXPORT(scaling_fill) void scaling_fill(uint32_t **blocks, uint32_t live) {
  uint32_t random = 1;
  for (uint32_t i = 0; i < live; i++) blocks[i] = sized(&random);
}

// Replaces a random block, `count` times. Returns how many were damaged. Another seed is another order: the same again
// would free the blocks in the order in which they were made.
EXPORT(scaling_replace) uint32_t scaling_replace(uint32_t **blocks, uint32_t live, uint32_t count, uint32_t seed) {
  uint32_t random = seed, errors = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t index = random_next(&random) % live;
    errors += end(blocks[index]);
    blocks[index] = sized(&random);
  }
  return errors;
}

// The same walk without the allocator: looks at both ends of a random block and writes them again.
EXPORT(scaling_touch) uint32_t scaling_touch(uint32_t **blocks, uint32_t live, uint32_t count, uint32_t seed) {
  uint32_t random = seed, errors = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t *block = blocks[random_next(&random) % live];
    uint32_t bytes = block[0];
    unsigned char *last = (unsigned char *)block + bytes - 1;
    errors += *last != (unsigned char)bytes;
    block[0] = bytes;
    *last = (unsigned char)bytes;
  }
  return errors;
}

// Takes `count` blocks and keeps them. Returns how often the memory became larger.
EXPORT(fill) uint32_t fill(uint32_t count, uint32_t bytes) {
  uint32_t grown = 0;
  for (uint32_t i = 0; i < count; i++) {
    size_t before = __builtin_wasm_memory_size(0);
    tag(malloc(bytes), bytes, i);
    grown += __builtin_wasm_memory_size(0) != before;
  }
  return grown;
}

// Takes blocks until one is refused, and frees every second one. The table has no more than a million entries.
EXPORT(fill_to_the_limit) void fill_to_the_limit(void **blocks, uint32_t bytes) {
  enum { MOST = 1 << 20 };
  uint32_t count = 0;
  while (count < MOST && (blocks[count] = malloc(bytes))) count++;
  for (uint32_t i = 0; i < count; i += 2) free(blocks[i]);
}

// Asks `count` times for a block and keeps what is given. Returns how often it was refused.
EXPORT(refuse) uint32_t refuse(uint32_t bytes, uint32_t count) {
  uint32_t refused = 0;
  for (uint32_t i = 0; i < count; i++) refused += malloc(bytes) == NULL;
  return refused;
}
