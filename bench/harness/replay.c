// Replays a recorded trace. The host decodes the trace (bench/lib/trace.js) and hands it over in pieces of
// two words per operation:
//
//   word 0 | slot: 24 bits | extra: 5 bits | operation: 3 bits |
//   word 1 | bytes asked for; for a free the bytes of its block
//
// extra: log2 of aligned_alloc's alignment; for realloc 1 if the old block has content, so that its first byte
// can be checked in the new one.
//
// slots[slot] is the block's address. Each replay ends with an empty heap: the host appends the missing frees.
#include "harness.h"

enum operation { MALLOC, FREE, CALLOC, REALLOC, ALIGNED_ALLOC, REALLOC_NULL };

INLINE uint32_t step(uint32_t head, uint32_t bytes, unsigned char **slots) {
  uint32_t slot = head >> 8, extra = head >> 3 & 31;
  unsigned char **place = &slots[slot];
  unsigned char *block;
  uint32_t errors = 0;
  switch ((enum operation)(head & 7)) {
    case MALLOC:
      block = malloc(bytes);
      break;
    case FREE:
      block = *place;
      errors = check(block, bytes, slot);
      free(block);
      return errors;
    case CALLOC:
      block = calloc(1, bytes);
      errors = check(block, bytes, 0);
      break;
    case REALLOC:
      block = realloc(*place, bytes);
      errors = check(block, extra, slot);
      break;
    case ALIGNED_ALLOC:
      block = aligned_alloc((size_t)1 << extra, bytes);
      errors = ((uintptr_t)block & (((uintptr_t)1 << extra) - 1)) != 0;
      break;
    case REALLOC_NULL:
      block = realloc(NULL, bytes);
      break;
    default:
      __builtin_unreachable();
  }
  *place = block;
  return errors + tag(block, bytes, slot);
}

// Returns how many blocks were wrong: 0 for a correct allocator that had memory enough.
EXPORT(replay) uint32_t replay(const uint32_t *operations, uint32_t count, unsigned char **slots) {
  uint32_t errors = 0;
  for (const uint32_t *end = operations + 2 * (size_t)count; operations != end; operations += 2)
    errors += step(operations[0], operations[1], slots);
  return errors;
}

// The same, and counts how often the memory became larger (not timed: the check costs).
EXPORT(replay_counting_growth)
uint32_t replay_counting_growth(const uint32_t *operations, uint32_t count, unsigned char **slots) {
  uint32_t grown = 0;
  for (const uint32_t *end = operations + 2 * (size_t)count; operations != end; operations += 2) {
    size_t before = __builtin_wasm_memory_size(0);
    step(operations[0], operations[1], slots);
    grown += __builtin_wasm_memory_size(0) != before;
  }
  return grown;
}

EXPORT(allocate) void *allocate(uint32_t bytes) { return malloc(bytes); }
EXPORT(release) void release(void *block) { free(block); }
