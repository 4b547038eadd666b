// Each mistake once, at a line that the test knows by its comment. The blocks are of the malloc that is linked in.

#include <stdlib.h>
#include <string.h>

static char *volatile kept;

__attribute__((noinline)) static void write_at(int at) { kept[at] = 1; }

__attribute__((export_name("right"))) int right(int size) {
  kept = malloc(size);
  memset(kept, 1, size);
  kept = realloc(kept, 2 * size);
  write_at(2 * size - 1);
  int sum = kept[0] + kept[2 * size - 1];
  free(kept);
  return sum;
}

__attribute__((export_name("overrun"))) void overrun(int size) {
  kept = malloc(size);
  kept[size] = 1; // overrun
}

__attribute__((export_name("after_free"))) int after_free(int size) {
  kept = calloc(size, 1);
  free(kept);
  return kept[0]; // after_free
}

__attribute__((export_name("past_copy"))) void past_copy(int size) {
  static char zeros[64];
  kept = malloc(size);
  memcpy(kept, zeros, size + 1); // past_copy
}

// Of the start function, before anything else was called: static data, and a block.
static char spare[16];
static char *volatile first;

__attribute__((export_name("begin"))) void begin(void) {
  kept = spare;
  write_at(15);
  first = malloc(24);
  first[23] = 1;
}

__attribute__((export_name("of_start"))) void of_start(void) {
  first = realloc(first, 40);
  first[40] = 1;
}
