// Leaks 40 bytes each time it is called, from a function of its own.

#include <stdlib.h>

__attribute__((noinline)) static void *forget(size_t size) { return malloc(size); }

__attribute__((export_name("work"))) int work(int times) {
  int done = 0;
  for (int i = 0; i < times; i++) {
    void *volatile kept = malloc(100);
    if (forget(40)) done++;
    free(kept);
  }
  return done;
}

/** The same by posix_memalign, which hands out its pointer through memory. */
__attribute__((export_name("work_aligned"))) int work_aligned(int times) {
  int done = 0;
  for (int i = 0; i < times; i++) {
    void *volatile kept = 0;
    if (!posix_memalign((void **)&kept, 64, 40)) done++;
  }
  return done;
}
