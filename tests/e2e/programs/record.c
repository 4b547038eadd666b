// The usual program: C, malloc and free from outside, data and a stack of its own.
#include <stddef.h>

void *malloc(size_t);
void free(void *);
void *calloc(size_t, size_t);
void *realloc(void *, size_t);

struct Record {
  int id;
  float x, y;
};

static int counts[256] = {1, 2, 3};  // .data, which the heap must never touch

struct Record *createRecord(int id, float x, float y) {
  struct Record *record = malloc(sizeof *record);
  if (!record) return NULL;
  *record = (struct Record){id, x, y};
  return record;
}

void deleteRecord(struct Record *record) { free(record); }

// Writes n numbers into a block, has it moved, and returns their sum: 0 if there is no memory.
unsigned sumOfBlock(unsigned n) {
  unsigned *numbers = calloc(n, sizeof *numbers);
  if (!numbers) return 0;
  for (unsigned i = 0; i < n; i++) numbers[i] += i;
  unsigned *moved = realloc(numbers, 2 * n * sizeof *numbers);
  if (!moved) return 0;
  unsigned sum = 0;
  for (unsigned i = 0; i < n; i++) sum += moved[i];
  free(moved);
  return sum;
}

int dataIsIntact(void) {
  int sum = 0;
  for (int i = 0; i < 256; i++) sum += counts[i];
  return sum == 6;
}
