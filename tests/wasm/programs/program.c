// A freestanding C program over libmemory.a. check() returns the number of the line that failed, or 0.
#include <memory_wasm.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPECT(holds) \
  if (!(holds)) return __LINE__

extern unsigned char __heap_base;

void _start(void) {}

__attribute__((export_name("check"))) int check(void) {
  char* a = malloc(100);
  EXPECT(a && (size_t)a % 16 == 0);
  EXPECT((unsigned char*)a > &__heap_base);
  memset(a, 7, 100);
  a = realloc(a, 100000);
  EXPECT(a && a[0] == 7 && a[99] == 7);
  int* zeroed = calloc(1000, sizeof(int));
  for (int i = 0; i < 1000; i++) EXPECT(zeroed[i] == 0);
  void* aligned = aligned_alloc(4096, 10);
  EXPECT(aligned && (size_t)aligned % 4096 == 0);
  void* result = 0;
  EXPECT(posix_memalign(&result, 64, 100) == 0 && (size_t)result % 64 == 0);
  EXPECT(malloc_usable_size(result) >= 100);
  char* copy = strdup("embedded");
  EXPECT(strcmp(copy, "embedded") == 0 && strlen(copy) == 8);
  EXPECT(memcmp(copy, "embeddeD", 8) > 0);
  EXPECT(heap_check() == 0 && heap_in_use() > 100000);
  EXPECT(sbrk(0) != (void*)-1);
  free(a);
  free_sized(zeroed, 1000 * sizeof(int));
  free_aligned_sized(aligned, 4096, 10);
  free(result);
  free(copy);
  EXPECT(heap_in_use() == 0);
  EXPECT(heap_check() == 0);
  return 0;
}
