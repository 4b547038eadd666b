// A program whose phases want blocks of different sizes: each phase takes 4 MiB in blocks of one size, then frees all
// but one in `one_of`, which stay to the end. What the survivors pin shows in the pages: no phase needs more than 4 MiB
// beside what survived the phases before it.
#include "harness.h"

enum { CLASSES = 32, STEP = 16, PHASE_BYTES = 4 << 20, MOST_BLOCKS = PHASE_BYTES / STEP };

// The table has room for the blocks of one phase, and behind them for the survivors of all.
struct phases_table {
  unsigned char *blocks[MOST_BLOCKS];
  struct {
    unsigned char *block;
    uint32_t bytes;
  } survivors[];
};

// Sizes 16, 32, ... 512, or from 512 down. Returns how many blocks were absent or damaged.
EXPORT(phases) uint32_t phases(struct phases_table *table, uint32_t falling, uint32_t one_of) {
  uint32_t errors = 0, survivors = 0;
  for (uint32_t phase = 0; phase < CLASSES; phase++) {
    uint32_t bytes = STEP * (falling ? CLASSES - phase : phase + 1), count = PHASE_BYTES / bytes;
    for (uint32_t i = 0; i < count; i++) errors += tag(table->blocks[i] = malloc(bytes), bytes, i);
    for (uint32_t i = 0; i < count; i++) {
      errors += check(table->blocks[i], bytes, i);
      if (i % one_of) {
        free(table->blocks[i]);
      } else {
        table->survivors[survivors].block = table->blocks[i];
        table->survivors[survivors++].bytes = bytes;
        errors += tag(table->blocks[i], bytes, bytes);
      }
    }
  }
  for (uint32_t i = 0; i < survivors; i++)
    errors += check(table->survivors[i].block, table->survivors[i].bytes, table->survivors[i].bytes);
  return errors;
}
