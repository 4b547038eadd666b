/* C23 (ISO/IEC 9899:2024): 7.24.3 Memory management functions, and strdup and strndup of 7.26.2. */
#include "clause.h"

#include <memory_wasm.h>
#include <stdlib.h>
#include <string.h>

static int all_are(const void* mem, int value, size_t count) {
  const unsigned char* byte = (const unsigned char*)mem;
  for (size_t i = 0; i < count; i++)
    if (byte[i] != (unsigned char)value) return 0;
  return 1;
}

static int are_disjoint(const void* a, size_t a_bytes, const void* b, size_t b_bytes) {
  return (uintptr_t)a + a_bytes <= (uintptr_t)b || (uintptr_t)b + b_bytes <= (uintptr_t)a;
}

/* Sizes on both sides of every border that the heap has: slots, chunks, pages, requests that grow the memory. */
static const size_t sizes[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 48, 64, 100, 255, 256, 257, 496, 511, 512, 513, 528, 1000, 1023, 1024, 1025, 2000,
                               4095, 4096, 4097, 6143, 6144, 6145, 8191, 8192, 8193, 16384, 65535, 65536, 65537, 100000, 262144, 1000000};
enum { size_count = sizeof sizes / sizeof *sizes };

/* ---- 7.24.3 General ---- */

CLAUSE(general_suitably_aligned, "C23 7.24.3p1", "a pointer returned is aligned for any object with a fundamental alignment") {
  for (int i = 0; i < size_count; i++) {
    void* malloced = malloc(sizes[i]);
    void* zeroed = calloc(1, sizes[i]);
    void* resized = realloc(NULL, sizes[i]);
    EXPECT(malloced && zeroed && resized);
    EXPECT(is_aligned(malloced, _Alignof(max_align_t)) && is_aligned(zeroed, _Alignof(max_align_t)) && is_aligned(resized, _Alignof(max_align_t)));
    free(malloced);
    free(zeroed);
    free(resized);
  }
}

CLAUSE(general_size_not_exceeding, "C23 7.24.3p1", "the space allocated can hold an object of the requested size") {
  for (int i = 0; i < size_count; i++) {
    unsigned char* mem = malloc(sizes[i]);
    EXPECT(mem);
    memset(mem, 0xa5, sizes[i]);
    EXPECT(all_are(mem, 0xa5, sizes[i]));
    EXPECT(heap_check() == 0);
    free(mem);
  }
}

CLAUSE(general_disjoint, "C23 7.24.3p1", "each allocation yields an object disjoint from any other object") {
  enum { count = 300 };
  static unsigned char* blocks[count];
  for (int i = 0; i < count; i++) {
    blocks[i] = malloc(sizes[i % 30]);
    EXPECT(blocks[i]);
    memset(blocks[i], i, sizes[i % 30]);
  }
  for (int i = 0; i < count; i++) EXPECT(all_are(blocks[i], i, sizes[i % 30]));
  for (int i = 0; i < count; i++)
    for (int j = 0; j < i; j++) EXPECT(are_disjoint(blocks[i], sizes[i % 30], blocks[j], sizes[j % 30]));
  for (int i = 0; i < count; i++) free(blocks[i]);
}

CLAUSE(general_not_the_programs_objects, "C23 7.24.3p1", "... and from the program's own: static objects and those on the stack stay as they are") {
  static unsigned char object[1000];
  volatile unsigned char local[1000];
  memset(object, 0x11, sizeof object);
  for (size_t i = 0; i < sizeof local; i++) local[i] = 0x22;
  for (int i = 0; i < size_count; i++) {
    unsigned char* mem = malloc(sizes[i]);
    EXPECT(mem && are_disjoint(mem, sizes[i], object, sizeof object) && are_disjoint(mem, sizes[i], (const void*)local, sizeof local));
    memset(mem, 0x33, sizes[i]);
    free(mem);
  }
  EXPECT(all_are(object, 0x11, sizeof object));
  for (size_t i = 0; i < sizeof local; i++) EXPECT(local[i] == 0x22);
}

CLAUSE(general_start, "C23 7.24.3p1", "the pointer returned points to the start (lowest byte address) of the allocated space") {
  unsigned char* mem = malloc(100);
  memset(mem, 1, 100);
  EXPECT(malloc_usable_size(mem) >= 100); /* the address is the block's, not one inside it */
  free(mem);
}

CLAUSE(general_null, "C23 7.24.3p1", "if the space cannot be allocated, a null pointer is returned") {
  const size_t in_use = heap_in_use(), footprint = heap_footprint();
  for (size_t less = 0; less < 100; less++) {
    EXPECT(!malloc(too_much() - less) && !calloc(1, too_much() - less) && !realloc(NULL, too_much() - less));
    EXPECT(!aligned_alloc(64, too_much() - less));
  }
  EXPECT(!malloc(too_much() / 2 + 1) && !malloc(too_much() / 2));
  EXPECT(heap_in_use() == in_use && heap_footprint() == footprint && heap_check() == 0);
}

CLAUSE(general_zero, "C23 7.24.3p1", "size 0: either NULL, or as if the size were nonzero; here a unique pointer to free, aligned as any other") {
  void* blocks[] = {malloc(0), malloc(0), calloc(0, 1), calloc(1, 0), calloc(0, 0), realloc(NULL, 0), aligned_alloc(64, 0)};
  enum { count = sizeof blocks / sizeof *blocks };
  for (int i = 0; i < count; i++) {
    EXPECT(blocks[i] && is_aligned(blocks[i], _Alignof(max_align_t)));
    for (int j = 0; j < i; j++) EXPECT(blocks[i] != blocks[j]);
  }
  EXPECT(is_aligned(blocks[6], 64));
  for (int i = 0; i < count; i++) free(blocks[i]);
}

CLAUSE(general_lifetime, "C23 7.24.3p1", "the lifetime of an allocated object extends from the allocation until the deallocation") {
  unsigned char* kept = malloc(100);
  memset(kept, 0x77, 100);
  for (int i = 0; i < 5000; i++) {
    void* other = malloc(sizes[i % 20]);
    EXPECT(other);
    memset(other, 0, sizes[i % 20]);
    free(other);
  }
  EXPECT(all_are(kept, 0x77, 100));
  free(kept);
}

CLAUSE(general_reused, "C23 7.24.3p2", "a deallocation makes the space available: 10^5 allocations and deallocations need no more than one") {
  free(malloc(10000));
  const size_t footprint = heap_footprint();
  for (int i = 0; i < 100000; i++) {
    void* mem = malloc(10000);
    EXPECT(mem);
    free(mem);
  }
  EXPECT(heap_footprint() == footprint);
}

/* ---- 7.24.3.1 aligned_alloc ---- */

CLAUSE(aligned_alloc_alignment, "C23 7.24.3.1p2", "aligned_alloc allocates space for an object whose alignment is specified by alignment") {
  for (size_t alignment = 1; alignment <= 65536; alignment *= 2)
    for (int i = 0; i < size_count; i++) {
      unsigned char* mem = aligned_alloc(alignment, sizes[i]);
      EXPECT(mem && is_aligned(mem, alignment));
      mem[0] = mem[sizes[i] - 1] = 1;
      free(mem);
    }
  EXPECT(heap_check() == 0);
}

CLAUSE(aligned_alloc_any_size, "C23 7.24.3.1p2", "the size need not be a multiple of the alignment (since C17)") {
  unsigned char* mem = aligned_alloc(4096, 5);
  EXPECT(mem && is_aligned(mem, 4096));
  memset(mem, 1, 5);
  free(mem);
}

CLAUSE(aligned_alloc_unsupported, "C23 7.24.3.1p2", "if alignment is not a valid alignment supported by the implementation, the function fails by returning NULL") {
  EXPECT(!aligned_alloc(0, 16));
  for (size_t alignment = 3; alignment < 5000; alignment++)
    if (alignment & (alignment - 1)) EXPECT(!aligned_alloc(alignment, 100) && !memalign(alignment, 100));
  EXPECT(!aligned_alloc(too_much(), 16) && heap_check() == 0);
}

CLAUSE(aligned_alloc_extended, "C23 6.2.8p3", "extended alignments are supported up to what the memory can hold") {
  void* mem = aligned_alloc((size_t)1 << 20, 100);
  EXPECT(mem && is_aligned(mem, (size_t)1 << 20));
  free(mem);
  EXPECT(!aligned_alloc(too_much() / 2 + 1, 1));
}

CLAUSE(aligned_alloc_returns, "C23 7.24.3.1p3", "aligned_alloc returns either a null pointer or a pointer to the allocated space") {
  unsigned char* mem = aligned_alloc(256, 1000);
  EXPECT(mem && malloc_usable_size(mem) >= 1000);
  memset(mem, 1, 1000);
  unsigned char* longer = realloc(mem, 5000); /* realloc takes it, though it need not stay so aligned */
  EXPECT(longer && all_are(longer, 1, 1000));
  free(longer);
}

/* ---- 7.24.3.2 calloc ---- */

CLAUSE(calloc_array, "C23 7.24.3.2p2", "calloc allocates space for an array of nmemb objects, each of size") {
  unsigned char* mem = calloc(123, 45);
  EXPECT(mem && malloc_usable_size(mem) >= 123 * 45);
  free(mem);
}

CLAUSE(calloc_zero, "C23 7.24.3.2p2", "the space is initialized to all bits zero, also where it was used before") {
  for (int round = 0; round < 3; round++)
    for (int i = 0; i < size_count; i++) {
      unsigned char* used = malloc(sizes[i]);
      EXPECT(used);
      memset(used, 0xff, malloc_usable_size(used));
      free(used);
      unsigned char* mem = calloc(1, sizes[i]);
      EXPECT(mem && all_are(mem, 0, sizes[i]));
      memset(mem, 0xff, sizes[i]);
      free(mem);
    }
}

CLAUSE(calloc_wraparound, "C23 7.24.3.2p3", "calloc returns a null pointer if the product nmemb * size would wrap around size_t") {
  const size_t max = too_much();
  EXPECT(!calloc(max, max) && !calloc(max, 2) && !calloc(2, max) && !calloc(max / 2 + 1, 2) && !calloc((max >> 16) + 1, (size_t)1 << 16));
  EXPECT(!calloc(max / 3 + 1, 3));
  EXPECT(heap_check() == 0);
}

/* ---- 7.24.3.3 free ---- */

CLAUSE(free_available, "C23 7.24.3.3p2", "free causes the space to be made available for further allocation") {
  const size_t in_use = heap_in_use();
  void* mem = malloc(777);
  EXPECT(heap_in_use() >= in_use + 777);
  free(mem);
  EXPECT(heap_in_use() == in_use);
}

CLAUSE(free_null, "C23 7.24.3.3p2", "if ptr is a null pointer, no action occurs") {
  const size_t in_use = heap_in_use(), footprint = heap_footprint();
  for (int i = 0; i < 100; i++) free(NULL);
  EXPECT(heap_in_use() == in_use && heap_footprint() == footprint);
}

/* ---- 7.24.3.4 free_sized, 7.24.3.5 free_aligned_sized ---- */

CLAUSE(free_sized_as_free, "C23 7.24.3.4p2", "free_sized with the size of the request, of malloc, calloc or realloc, is equivalent to free") {
  const size_t in_use = heap_in_use();
  for (int i = 0; i < size_count; i++) {
    free_sized(malloc(sizes[i]), sizes[i]);
    free_sized(calloc(1, sizes[i]), sizes[i]);
    free_sized(realloc(malloc(10), sizes[i]), sizes[i]);
  }
  free_sized(malloc(0), 0);
  EXPECT(heap_in_use() == in_use && heap_check() == 0);
}

CLAUSE(free_sized_null, "C23 7.24.3.4p2", "if ptr is a null pointer, free_sized does nothing, whatever the size") {
  free_sized(NULL, 0);
  free_sized(NULL, 100);
  free_sized(NULL, too_much());
  EXPECT(heap_check() == 0);
}

CLAUSE(free_aligned_sized_as_free, "C23 7.24.3.5p2", "free_aligned_sized with the request's alignment and size is equivalent to free") {
  const size_t in_use = heap_in_use();
  for (size_t alignment = 1; alignment <= 8192; alignment *= 2)
    for (int i = 0; i < size_count; i++) free_aligned_sized(aligned_alloc(alignment, sizes[i]), alignment, sizes[i]);
  EXPECT(heap_in_use() == in_use && heap_check() == 0);
}

CLAUSE(free_aligned_sized_null, "C23 7.24.3.5p2", "if ptr is a null pointer, free_aligned_sized does nothing, whatever alignment and size") {
  free_aligned_sized(NULL, 16, 16);
  free_aligned_sized(NULL, 0, 0);
  free_aligned_sized(NULL, 3, too_much());
  EXPECT(heap_check() == 0);
}

/* ---- 7.24.3.6 malloc ---- */

CLAUSE(malloc_returns, "C23 7.24.3.6p3", "malloc returns either a null pointer or a pointer to the allocated space, whose representation is indeterminate") {
  void* mem = malloc(10);
  EXPECT(mem);
  free(mem);
}

/* ---- 7.24.3.7 realloc ---- */

CLAUSE(realloc_contents, "C23 7.24.3.7p2", "the contents of the new object are the same as the old one's, up to the lesser of the sizes") {
  for (int i = 0; i < size_count; i++)
    for (int j = 0; j < size_count; j++) {
      unsigned char* mem = malloc(sizes[i]);
      EXPECT(mem);
      for (size_t k = 0; k < sizes[i]; k += 1 + sizes[i] / 64) mem[k] = (unsigned char)(k * 7 + 1);
      mem[sizes[i] - 1] = 0x5a;
      unsigned char* moved = realloc(mem, sizes[j]);
      EXPECT(moved);
      const size_t kept = sizes[i] < sizes[j] ? sizes[i] : sizes[j];
      for (size_t k = 0; k < kept; k += 1 + sizes[i] / 64) EXPECT(moved[k] == (k == sizes[i] - 1 ? 0x5a : (unsigned char)(k * 7 + 1)));
      if (kept == sizes[i]) EXPECT(moved[kept - 1] == 0x5a);
      moved[sizes[j] - 1] = 1;
      free(moved);
    }
  EXPECT(heap_check() == 0);
}

CLAUSE(realloc_contents_neighbours, "C23 7.24.3.7p2", "realloc changes no other object") {
  unsigned char* below = malloc(1000);
  unsigned char* mem = malloc(1000);
  unsigned char* above = malloc(1000);
  memset(below, 1, 1000);
  memset(above, 3, 1000);
  for (int i = 0; i < size_count; i++) {
    mem = realloc(mem, sizes[i]);
    EXPECT(mem);
    memset(mem, 2, sizes[i]);
    EXPECT(all_are(below, 1, 1000) && all_are(above, 3, 1000));
  }
  free(below);
  free(mem);
  free(above);
}

CLAUSE(realloc_null, "C23 7.24.3.7p3", "if ptr is a null pointer, realloc behaves like malloc for the size") {
  for (int i = 0; i < size_count; i++) {
    unsigned char* mem = realloc(NULL, sizes[i]);
    EXPECT(mem);
    mem[sizes[i] - 1] = 1;
    free(mem);
  }
}

CLAUSE(realloc_any_function, "C23 7.24.3.7p3", "ptr may come from any memory management function") {
  void* blocks[] = {malloc(10), calloc(1, 10), realloc(NULL, 10), aligned_alloc(64, 10), strdup("text"), strndup("text", 2)};
  for (int i = 0; i < 6; i++) {
    blocks[i] = realloc(blocks[i], 5000);
    EXPECT(blocks[i]);
    free(blocks[i]);
  }
}

CLAUSE(realloc_zero, "C23 7.24.3.7p3", "size 0 is undefined; here realloc(p, 0) keeps a block of the smallest size, that is to be freed") {
  const size_t in_use = heap_in_use();
  void* mem = realloc(malloc(1000), 0);
  EXPECT(mem && heap_in_use() > in_use && heap_in_use() - in_use < 1000);
  mem = realloc(mem, 0);
  EXPECT(mem);
  free(mem);
  EXPECT(heap_in_use() == in_use);
}

CLAUSE(realloc_fails, "C23 7.24.3.7p3", "if memory cannot be allocated, the old object is not deallocated and its value is unchanged") {
  for (int i = 0; i < size_count; i++) {
    unsigned char* mem = malloc(sizes[i]);
    EXPECT(mem);
    memset(mem, 0x3c, sizes[i]);
    EXPECT(!realloc(mem, too_much() - 7) && !realloc(mem, too_much() / 2));
    EXPECT(all_are(mem, 0x3c, sizes[i]) && malloc_usable_size(mem) >= sizes[i]);
    free(mem);
  }
}

CLAUSE(realloc_returns, "C23 7.24.3.7p4", "realloc returns a pointer to the new object (which can have the same value as the old one), or NULL") {
  void* mem = malloc(1000);
  void* shorter = realloc(mem, 990);
  EXPECT(shorter);
  free(shorter);
}

/* ---- 7.26.2 strdup, strndup ---- */

CLAUSE(strdup_copies, "C23 7.26.2.6p2", "strdup creates a copy of the string in space allocated as if by malloc") {
  char text[] = "a string of some length";
  char* copy = strdup(text);
  EXPECT(copy && copy != text && strcmp(copy, text) == 0);
  text[0] = 'b';
  EXPECT(copy[0] == 'a');
  free(copy);
  copy = strdup("");
  EXPECT(copy && copy[0] == '\0');
  free(copy);
}

CLAUSE(strndup_copies, "C23 7.26.2.7p2", "strndup copies at most size characters and appends a null; the source need not be terminated") {
  const char source[4] = {'t', 'e', 'x', 't'};
  char* copy = strndup(source, 4);
  EXPECT(copy && strcmp(copy, "text") == 0);
  free(copy);
  copy = strndup(source, 2);
  EXPECT(copy && strcmp(copy, "te") == 0);
  free(copy);
  copy = strndup("text", 100);
  EXPECT(copy && strcmp(copy, "text") == 0);
  free(copy);
  copy = strndup(source, 0);
  EXPECT(copy && copy[0] == '\0');
  free(copy);
}
