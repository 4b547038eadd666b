/* Several threads over one heap: each puts blocks into common slots, and looks at and frees what it finds there. */
#include <stdint.h>
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(#name))) name

static uint32_t random_number(uint32_t* state) {
  uint32_t x = *state;
  x ^= x << 13, x ^= x >> 17, x ^= x << 5;
  return *state = x;
}

struct block {
  uint32_t size, check;
  unsigned char rest[];
};

static _Thread_local uint32_t operations;
static const char greeting[] = "hello";
static int initialized = 7;

char EXPORT(greeting_at)(int i) { return greeting[i]; }
int EXPORT(count_up)(void) { return __atomic_add_fetch(&initialized, 1, __ATOMIC_SEQ_CST); }
uint32_t EXPORT(operations_of_this_thread)(void) { return operations; }

_Atomic(struct block*)* EXPORT(slots)(uint32_t count) { return calloc(count, sizeof(struct block*)); }

/* How many bytes of it are wrong. */
static uint32_t look_at(const struct block* block) {
  uint32_t wrong = block->check != block->size * 2654435761u;
  for (uint32_t i = 0; !wrong && i < block->size; i += 1 + block->size / 64) wrong += block->rest[i] != (unsigned char)(block->size + i);
  return wrong;
}

/* The number of blocks that were damaged; 0xffffffff if there was no memory. */
uint32_t EXPORT(exchange)(_Atomic(struct block*)* slots, uint32_t count, uint32_t seed, uint32_t times) {
  uint32_t state = seed * 2 + 1, wrong = 0;
  for (uint32_t n = 0; n < times; n++, operations++) {
    uint32_t size = random_number(&state) % (n % 64 ? 400 : 9000);
    struct block* block = malloc(sizeof *block + size);
    if (!block) return UINT32_MAX;
    *block = (struct block){size, size * 2654435761u};
    for (uint32_t i = 0; i < size; i++) block->rest[i] = (unsigned char)(size + i);
    struct block* old = __atomic_exchange_n((struct block**)&slots[random_number(&state) % count], block, __ATOMIC_ACQ_REL);
    if (!old) continue;
    wrong += look_at(old);
    if (n % 8 == 0) {
      struct block* moved = realloc(old, sizeof *old + old->size + 100);
      if (!moved) return UINT32_MAX;
      wrong += look_at(moved);
      old = moved;
    }
    free(old);
  }
  return wrong;
}

/* ---- for measure.js ---- */

/* A thread's own blocks: `times` frees and allocations among `count` of them. */
uint32_t EXPORT(churn)(uint32_t seed, uint32_t times, uint32_t count) {
  uint32_t state = seed * 2 + 1;
  void** blocks = calloc(count, sizeof(void*));
  for (uint32_t n = 0; n < times; n++) {
    void** place = &blocks[random_number(&state) % count];
    free(*place);
    *place = malloc(8 + random_number(&state) % 240);
    if (!*place) return 0;
    *(uint32_t*)*place = n;
  }
  for (uint32_t i = 0; i < count; i++) free(blocks[i]);
  free(blocks);
  return times;
}

enum { kRing = 16384, kBatch = 256 };

/* From a thread that makes blocks to one that frees them. Each tells the other of a batch at a time: of every block, it would be the queue that is
 * measured. */
struct queue {
  _Alignas(64) uint32_t made;
  _Alignas(64) uint32_t freed;
  _Alignas(64) void* blocks[kRing];
};

struct queue* EXPORT(make_queue)(void) {
  struct queue* queue = aligned_alloc(64, sizeof(struct queue));
  queue->made = queue->freed = 0;
  return queue;
}

static void put_block(struct queue* queue, uint32_t n, uint32_t* state) {
  uint32_t* block = malloc(8 + random_number(state) % 240);
  *block = n;
  queue->blocks[n % kRing] = block;
}

/* One thread does both, a queue's worth in turn. */
void EXPORT(make_and_free)(struct queue* queue, uint32_t seed, uint32_t count) {
  uint32_t state = seed * 2 + 1;
  for (uint32_t begin = 0; begin < count; begin += kRing) {
    for (uint32_t n = begin; n < begin + kRing; n++) put_block(queue, n, &state);
    for (uint32_t n = begin; n < begin + kRing; n++) free(queue->blocks[n % kRing]);
  }
}

/* `count` is a multiple of a batch. */
void EXPORT(produce)(struct queue* queue, uint32_t seed, uint32_t count) {
  uint32_t state = seed * 2 + 1;
  for (uint32_t n = 0; n < count; n++) {
    if (n % kBatch == 0)
      while (n + kBatch - __atomic_load_n(&queue->freed, __ATOMIC_ACQUIRE) > kRing) {}
    put_block(queue, n, &state);
    if (n % kBatch == kBatch - 1) __atomic_store_n(&queue->made, n + 1, __ATOMIC_RELEASE);
  }
}

void EXPORT(consume)(struct queue* queue, uint32_t count) {
  for (uint32_t n = 0; n < count; n++) {
    if (n % kBatch == 0)
      while (__atomic_load_n(&queue->made, __ATOMIC_ACQUIRE) == n) {}
    free(queue->blocks[n % kRing]);
    if (n % kBatch == kBatch - 1) __atomic_store_n(&queue->freed, n + 1, __ATOMIC_RELEASE);
  }
}

/* Before it is used again. */
void EXPORT(restart)(struct queue* queue) { queue->made = queue->freed = 0; }

/* Allocates blocks of all sizes up to 4 KB, `bytes` in all. */
void EXPORT(fill)(uint32_t seed, uint32_t bytes) {
  uint32_t state = seed * 2 + 1;
  while ((int)bytes > 0) {
    uint32_t size = 16 + random_number(&state) % (random_number(&state) % 8 ? 500 : 4000);
    if (!malloc(size)) return;
    bytes -= size;
  }
}

/* Frees what is in the slots, and the slots. */
void EXPORT(drop)(struct block** slots, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) free(slots[i]);
  free(slots);
}

/* Uses `bytes` of the stack. */
int EXPORT(use_stack)(int bytes) {
  volatile char* place = __builtin_alloca(bytes);
  for (int i = 0; i < bytes; i += 16) place[i] = (char)i;
  return place[0];
}
