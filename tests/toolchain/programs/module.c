/* A position-independent module with a heap of its own, from libmemory-pic.a. */
#include <memory_wasm.h>
#include <stdlib.h>

#define EXPORT(name) __attribute__((visibility("default"), export_name(#name))) name

static int made; /* data, which the loader places */

int* EXPORT(make)(int count) {
  int* numbers = malloc(count * sizeof *numbers);
  for (int i = 0; numbers && i < count; i++) numbers[i] = i;
  made++;
  return numbers;
}
void EXPORT(drop)(int* numbers) { free(numbers); }
int EXPORT(get_made)(void) { return made; }
int EXPORT(in_use)(void) { return heap_in_use(); }
int EXPORT(check)(void) { return heap_check(); }
