// A list of free blocks in an arena of 16 KiB. What lies behind that comes from a function that is called through a pointer; with TRAPS, from none.
#include <stddef.h>

enum { kHeader = 16, kArena = 16384, kPage = 65536 };

typedef struct Block {
  size_t bytes;
  struct Block* next;
} Block;

static _Alignas(16) unsigned char arena[kArena];
static unsigned char* from = arena;
static unsigned char* to = arena + kArena;
static Block* freed;

static unsigned char* grown(size_t pages) {
#ifdef TRAPS
  __builtin_trap();
#else
  size_t page = __builtin_wasm_memory_grow(0, pages);
  return page == (size_t)-1 ? NULL : (unsigned char*)(page * kPage);
#endif
}
static unsigned char* (*volatile more)(size_t pages) = grown;

__attribute__((export_name("malloc"))) void* malloc(size_t bytes) {
  if (bytes > 0x7fff0000) return NULL;
  bytes = (bytes + 2 * kHeader - 1) & -(size_t)kHeader;
  for (Block** link = &freed; *link; link = &(*link)->next) {
    Block* block = *link;
    if (block->bytes < bytes) continue;
    *link = block->next;
    return (unsigned char*)block + kHeader;
  }
  if ((size_t)(to - from) < bytes) {
    size_t pages = (bytes + kPage - 1) / kPage;
    unsigned char* begin = more(pages);
    if (!begin) return NULL;
    from = begin;
    to = begin + pages * kPage;
  }
  Block* block = (Block*)from;
  from += bytes;
  block->bytes = bytes;
  return (unsigned char*)block + kHeader;
}

__attribute__((export_name("free"))) void free(void* mem) {
  if (!mem) return;
  Block* block = (Block*)((unsigned char*)mem - kHeader);
  block->next = freed;
  freed = block;
}

__attribute__((export_name("run"))) int run(int count) {
  int sum = 0;
  for (int i = 1; i <= count; i++) {
    int* number = malloc(i * sizeof(int));
    sum += *number = i;
    free(number);
  }
  return sum;
}
