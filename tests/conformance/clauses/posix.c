/* POSIX.1-2024 where it adds to C, and the common extensions that the heap has. */
#include "clause.h"

#include <errno.h>
#include <memory_wasm.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kInvalid = EINVAL, kNoMemory = ENOMEM };

CLAUSE(posix_memalign_aligned, "POSIX posix_memalign, DESCRIPTION", "*memptr is a multiple of alignment, and the space can be freed by free") {
  for (size_t alignment = sizeof(void*); alignment <= 65536; alignment *= 2)
    for (size_t size = 0; size < 3000; size = size * 2 + 1) {
      void* mem = NULL;
      EXPECT(posix_memalign(&mem, alignment, size) == 0 && mem && is_aligned(mem, alignment) && malloc_usable_size(mem) >= size);
      memset(mem, 1, size);
      free(mem);
    }
  EXPECT(heap_check() == 0);
}

CLAUSE(posix_memalign_invalid, "POSIX posix_memalign, ERRORS", "EINVAL: alignment is not a power of two multiple of sizeof(void*)") {
  void* const before = (void*)16;
  void* mem = before;
  const size_t invalid[] = {0, 1, 2, 3, 5, 6, 7, 9, 12, 24, 48, 96, 1000, 4097};
  for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
    EXPECT(invalid[i] == sizeof(void*) || (posix_memalign(&mem, invalid[i], 10) == kInvalid && mem == before));
}

CLAUSE(posix_memalign_no_memory, "POSIX posix_memalign, ERRORS", "ENOMEM: there is insufficient memory; *memptr is unmodified (Issue 8)") {
  void* const before = (void*)16;
  void* mem = before;
  EXPECT(posix_memalign(&mem, 64, too_much()) == kNoMemory && mem == before);
  EXPECT(posix_memalign(&mem, 64, too_much() / 2) == kNoMemory && mem == before);
  EXPECT(posix_memalign(&mem, too_much() / 2 + 1, 64) == kNoMemory && mem == before);
}

CLAUSE(posix_memalign_zero, "POSIX posix_memalign, DESCRIPTION", "size 0: NULL or a unique pointer to free; here a unique pointer") {
  void* first = NULL;
  void* second = NULL;
  EXPECT(posix_memalign(&first, 64, 0) == 0 && posix_memalign(&second, 64, 0) == 0 && first && second && first != second);
  free(first);
  free(second);
}

CLAUSE(reallocarray_as_realloc, "POSIX reallocarray, DESCRIPTION", "reallocarray(p, n, s) is equivalent to realloc(p, n * s)") {
  unsigned char* mem = reallocarray(NULL, 10, 20);
  EXPECT(mem && malloc_usable_size(mem) >= 200);
  memset(mem, 0x42, 200);
  mem = reallocarray(mem, 300, 40);
  EXPECT(mem && malloc_usable_size(mem) >= 12000);
  for (int i = 0; i < 200; i++) EXPECT(mem[i] == 0x42);
  free(mem);
}

CLAUSE(reallocarray_overflow, "POSIX reallocarray, DESCRIPTION", "if the product overflows, reallocarray fails, returns NULL and leaves the block unchanged") {
  unsigned char* mem = malloc(100);
  memset(mem, 0x42, 100);
  const size_t max = too_much();
  EXPECT(!reallocarray(mem, max, 2) && !reallocarray(mem, 2, max) && !reallocarray(mem, max / 16 + 1, 16) && !reallocarray(NULL, max, max));
  for (int i = 0; i < 100; i++) EXPECT(mem[i] == 0x42);
  free(mem);
}

CLAUSE(malloc_ptrdiff_max, "POSIX malloc, RETURN VALUE", "a request over PTRDIFF_MAX fails: pointers into it could not be subtracted") {
  EXPECT(!malloc((size_t)PTRDIFF_MAX + 1) && !calloc((size_t)PTRDIFF_MAX + 1, 1));
}

CLAUSE(memalign_as_aligned_alloc, "extension memalign", "memalign(alignment, size) is aligned_alloc") {
  void* mem = memalign(1024, 10);
  EXPECT(mem && is_aligned(mem, 1024));
  free(mem);
  EXPECT(!memalign(1000, 10) && !memalign(0, 10));
}

CLAUSE(malloc_usable_size_all, "extension malloc_usable_size", "the usable size is at least the requested one, may be used to the last byte, and is 0 for NULL") {
  EXPECT(malloc_usable_size(NULL) == 0);
  for (size_t size = 0; size < 3000; size += 1 + size / 10) {
    unsigned char* mem = malloc(size);
    const size_t usable = malloc_usable_size(mem);
    EXPECT(usable >= size);
    memset(mem, 0xee, usable);
    EXPECT(heap_check() == 0 && malloc_usable_size(mem) == usable);
    free(mem);
  }
}

CLAUSE(sbrk_end, "extension sbrk", "sbrk(0) is the memory's end; a positive increment returns pages that nobody else has; a negative one fails") {
  EXPECT((uintptr_t)sbrk(0) % 65536 == 0 && sbrk(-1) == (void*)-1);
  unsigned char* pages = sbrk(100000);
  EXPECT(pages != (void*)-1 && is_aligned(pages, 65536));
  memset(pages, 0x99, 131072);
  for (int i = 0; i < 200; i++) EXPECT(malloc(1000)); /* the heap keeps off: conformance.test.js looks at each block */
  for (int i = 0; i < 131072; i++) EXPECT(pages[i] == 0x99);
  heap_reset();
}
