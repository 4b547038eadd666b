// A program with a bug that an attacker can use: it writes wherever it is told.
#include <stddef.h>

void *malloc(size_t);
void *calloc(size_t, size_t);
void *realloc(void *, size_t);
void free(void *);
int posix_memalign(void **, size_t, size_t);
void *memset(void *, int, size_t);
char *strdup(const char *);

char *allocate(size_t size) { return malloc(size); }
char *zeroed(size_t size) { return calloc(size, 1); }
char *resized(char *block, size_t size) { return realloc(block, size); }
void release(char *block) { free(block); }
void poke(char *address, char value) { *address = value; }
void overwrite(char *from, size_t count, int value) { memset(from, value, count); }
char *copied(const char *text) { return strdup(text); }
int aligned(void) {
  void *block = NULL;
  int error = posix_memalign(&block, 256, 100);
  int fits = !error && block && (size_t)block % 256 == 0;
  free(block);
  return fits;
}
