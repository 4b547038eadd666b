// Every misuse of the heap that the debug heap finds, a function each. Each says by `at` which address was misused.
#include <stddef.h>

void *malloc(size_t);
void free(void *);
void *calloc(size_t, size_t);
void *realloc(void *, size_t);
void *aligned_alloc(size_t, size_t);
size_t malloc_usable_size(void *);
void free_sized(void *, size_t);
void free_aligned_sized(void *, size_t, size_t);

unsigned at;
static char data[64] = "static data";

// Out of the compiler's sight: it may leave out what it knows to be wrong.
static void *volatile hidden;
__attribute__((noinline)) static char *hide(void *pointer) {
  hidden = pointer;
  at = (unsigned)hidden;
  return hidden;
}
__attribute__((noinline)) static char *allocate(size_t size) { return hide(malloc(size)); }
__attribute__((noinline)) static void release(void *block) { free(block); }

void doubleFree(void) {
  char *block = allocate(10);
  release(block);
  release(hide(block));
}

void freeInterior(void) { release(hide(allocate(100) + 32)); }

void freeUnaligned(void) { release(hide(allocate(100) + 5)); }

void freeStack(void) {
  char local[32];
  release(hide(local));
}

void freeData(void) { release(hide(data)); }

void freeForeign(void) { release(hide((void *)0x7fff0000)); }

void overrunByOne(void) {
  char *block = allocate(13);
  block[13] = 'x';
  release(hide(block));
}

void overrunFar(void) {
  char *block = allocate(16);
  block[20] = 'x';
  release(hide(block));
}

void underrun(void) {
  char *block = allocate(13);
  block[-1] = 'x';
  release(hide(block));
}

void overrunAtRealloc(void) {
  char *block = allocate(24);
  block[24] = 'x';
  hide(realloc(block, 100));
}

void overrunAtCheck(void) {
  char *block = allocate(24);
  block[25] = 'x';
}

void overrunOfAligned(void) {
  char *block = hide(aligned_alloc(256, 100));
  block[100] = 'x';
  release(block);
}

void underrunOfAligned(void) {
  char *block = hide(aligned_alloc(256, 100));
  block[-200] = 'x';
  release(block);
}

void writeAfterFree(void) {
  char *block = allocate(40);
  release(block);
  hide(block)[7] = 'x';
}

void reallocFreed(void) {
  char *block = allocate(40);
  release(block);
  hide(realloc(hide(block), 80));
}

void reallocInterior(void) { realloc(hide(allocate(40) + 8), 80); }

void sizeOfFreed(void) {
  char *block = allocate(40);
  release(block);
  malloc_usable_size(hide(block));
}

void wrongSize(void) { free_sized(allocate(40), 48); }

void wrongAlignment(void) { free_aligned_sized(hide(aligned_alloc(64, 40)), 32, 40); }

// A program without a mistake: nothing may be found.
int clean(void) {
  char *blocks[50];
  for (int round = 0; round < 20; round++) {
    for (int i = 0; i < 50; i++) {
      size_t size = (size_t)(i * i * (round + 1));
      blocks[i] = i % 3 ? malloc(size) : calloc(size, 1);
      for (size_t j = 0; j < size; j++) blocks[i][j] = (char)j;
    }
    for (int i = 0; i < 50; i += 2) blocks[i] = realloc(blocks[i], (size_t)(i + 1));
    for (int i = 0; i < 50; i++) free(blocks[i]);
  }
  void *aligned = aligned_alloc(4096, 5);
  free_aligned_sized(aligned, 4096, 5);
  free_sized(malloc(7), 7);
  free(NULL);
  return realloc(malloc(10), 0) != NULL;
}

void leak(int count) {
  while (count--) allocate(100);
}

__attribute__((noinline)) static void other(void) { allocate(1000); }

void leakElsewhere(void) { other(); }
