// Uses more of malloc than others have: how large a block is. dlmalloc answers from the header in front of it.

#include <stdlib.h>

size_t malloc_usable_size(void *block);

__attribute__((export_name("run"))) int run(int count) {
  size_t sum = 0;
  for (int i = 1; i <= count; i++) {
    char *block = malloc((size_t)i);
    const size_t usable = malloc_usable_size(block);
    if (usable < (size_t)i) return 0;
    for (size_t k = 0; k < usable; k++) block[k] = (char)k;
    sum += (size_t)i;
    free(block);
  }
  return (int)sum;
}
