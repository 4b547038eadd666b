/* A command over wasi-libc whose malloc is an import: memory.wasm provides it, to the program and to the C library inside it. It ends with 3. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void at_the_end(void) { puts("end"); }

int main(int count, char** arguments) {
  atexit(at_the_end);
  char* line = NULL;
  int length = asprintf(&line, "%s has %d arguments", arguments[0], count - 1); /* malloc inside the C library */
  char* copy = realloc(strdup(line), 1000);
  puts(copy);
  free(line);
  free(copy);
  exit(length == 23 ? 3 : 1);
}
