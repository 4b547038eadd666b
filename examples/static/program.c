/* The heap linked in: this program needs no memory.wasm, no memory.js and no import at all. */
#include <stdlib.h>

/* The memory that JavaScript writes a text of `length` bytes to; freed by reversed. */
__attribute__((export_name("buffer"))) char *buffer(size_t length) {
  return malloc(length + 1);
}

/* The text in `text`, backwards, in a new block that the caller frees. Frees `text`. NULL if there is no memory left. */
__attribute__((export_name("reversed"))) char *reversed(char *text, size_t length) {
  char *copy = malloc(length + 1);
  if (copy != NULL) {
    for (size_t i = 0; i < length; i++) copy[i] = text[length - 1 - i];
    copy[length] = '\0';
  }
  free(text);
  return copy;
}

__attribute__((export_name("release"))) void release(char *text) {
  free(text);
}
