/* A module of Emscripten that needs none of its JavaScript. */
#include <emscripten.h>
#include <stdlib.h>
#include <string.h>

EMSCRIPTEN_KEEPALIVE int last_of(int megabytes) {
  const size_t size = (size_t)megabytes << 20;
  char* block = malloc(size);
  if (!block) return -1;
  memset(block, 7, size);
  const int last = block[size - 1];
  free(block);
  return last;
}
