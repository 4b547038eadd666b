// calloc as compilers inline it from dlmalloc, in Rust and with LTO: malloc, then a look at the flags in front of the block, whether its
// memory came from mmap, so is zero.

#include <stdlib.h>
#include <string.h>

__attribute__((export_name("sum_of_cleared"))) int sum_of_cleared(int size) {
  unsigned char *volatile used = malloc(size);
  memset(used, 1, size);
  free(used);
  unsigned char *block = malloc(size);
  if (block && (block[-4] & 3)) memset(block, 0, size);
  int sum = 0;
  for (int i = 0; i < size; i++) sum += ((volatile unsigned char *)block)[i];
  free(block);
  return sum;
}
