/* A program that is linked well or badly: tests/toolchain/badly-linked.test.js says how. */
#ifdef OTHER_MALLOC
long long malloc(long long);
#else
#include <stddef.h>
void* malloc(size_t);
#endif

#ifdef OWN_MALLOC
static char own[1024];
static size_t used;
__attribute__((noinline)) void* malloc(size_t size) { return own + (used += size) - size; }
#endif

int squares[] = {0, 1, 4, 9, 16};

#ifndef NO_EXPORT
__attribute__((export_name("square")))
#endif
int* square(int number) {
  volatile int room[64];
  room[number] = squares[number];
  int* block = (int*)malloc(sizeof *block);
  if (block) *block = room[number];
  return block;
}
