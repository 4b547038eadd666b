// A bound, not an allocator: one list of free blocks per size class, last in first out, never split, never joined.
// As fast as a general allocator with a header could be in a small loop; its memory is never given to another class.
// Classes: every 16 bytes up to 1 KiB, then four to each doubling.
#include <stddef.h>
#include <stdint.h>

#define PAGE 65536u
#define GLOBAL __attribute__((address_space(1)))  // a wasm global: no data segment
enum { HEADER = 16, EXACT = 64, CLASSES = EXACT + 4 * 22 };

struct block {
  struct block *next;
};

static GLOBAL uintptr_t lists, next, end;  // lists: address of CLASSES list heads, at the start of the heap

static unsigned class_of(size_t bytes) {
  if (bytes <= 1024) return bytes ? (unsigned)(bytes - 1) / 16 : 0;
  unsigned log = 31 - (unsigned)__builtin_clz((unsigned)bytes - 1);
  return EXACT + (log - 10) * 4 + (((unsigned)bytes - 1) >> (log - 2) & 3);
}

static size_t class_bytes(unsigned class) {
  if (class < EXACT) return (class + 1) * 16;
  unsigned log = 10 + (class - EXACT) / 4;
  return ((size_t)1 << log) + (((class - EXACT) % 4 + 1) << (log - 2));
}

static __attribute__((noinline)) void *carve(size_t need) {
  if (lists == 0) {
    lists = next = end = (uintptr_t)__builtin_wasm_memory_size(0) * PAGE;
    next += CLASSES * sizeof(struct block *);
  }
  if (next > end || end - next < need) {
    size_t pages = (next + need - end + PAGE - 1) / PAGE, step = end >> 21;
    if (pages < step) pages = step;
    if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) return NULL;
    end += pages * PAGE;
  }
  void *carved = (void *)next;
  next += need;
  return carved;
}

void *malloc(size_t bytes) {
  if (bytes > (size_t)1 << 31) return NULL;
  unsigned class = class_of(bytes);
  if (lists) {
    struct block **list = (struct block **)lists + class;
    struct block *block = *list;
    if (block) {
      *list = block->next;
      return block;
    }
  }
  unsigned char *carved = carve(class_bytes(class) + HEADER);
  if (!carved) return NULL;
  *(unsigned *)(carved + HEADER - sizeof(unsigned)) = class;
  return carved + HEADER;
}

// The word before a block is its class, or (aligned blocks) the negative distance to the block it lies in.
static struct block *origin(void *block) {
  int word = ((int *)block)[-1];
  return (struct block *)((char *)block + (word < 0 ? word : 0));
}

void free(void *mem) {
  if (!mem) return;
  struct block *block = origin(mem);
  struct block **list = (struct block **)lists + ((unsigned *)block)[-1];
  block->next = *list;
  *list = block;
}

void *calloc(size_t count, size_t bytes) {
  void *block = malloc(count * bytes);
  if (block) __builtin_memset(block, 0, count * bytes);
  return block;
}

void *realloc(void *mem, size_t bytes) {
  if (!mem) return malloc(bytes);
  struct block *block = origin(mem);
  size_t room = class_bytes(((unsigned *)block)[-1]) - (size_t)((char *)mem - (char *)block);
  if (bytes <= room) return mem;
  void *copy = malloc(bytes);
  if (!copy) return NULL;
  __builtin_memcpy(copy, mem, room);
  free(mem);
  return copy;
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  if (alignment <= 16) return malloc(bytes);
  char *block = malloc(bytes + alignment);
  if (!block) return NULL;
  char *aligned = (char *)(((uintptr_t)block + alignment - 1) & ~(uintptr_t)(alignment - 1));
  if (aligned != block) ((int *)aligned)[-1] = (int)(block - aligned);
  return aligned;
}
