// A table of more than four thousand million entries, in one block of malloc.
#include <stdint.h>
#include <stdlib.h>

static uint8_t *table;

__attribute__((export_name("create"))) int create(size_t entries) {
  table = calloc(entries, 1);
  return table != NULL;
}

__attribute__((export_name("put"))) void put(size_t entry, uint8_t value) { table[entry] = value; }
__attribute__((export_name("get"))) uint8_t get(size_t entry) { return table[entry]; }
__attribute__((export_name("destroy"))) void destroy(void) { free(table); }
