/* What a server does with memory, for as long as one likes: requests that live for a few operations, sessions that live for thousands, a
 * cache whose entries live until their place is taken, strings that grow, and now and then a large buffer. Every block's content is
 * checked when it is freed or resized, and goes into a checksum, which is the same over every malloc.
 *
 * And Robson's adversary (1974): blocks of 16, 32, 64 ... bytes in turn, of which those are kept that spoil the most room for the next size. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(#name)))

enum { kRequests = 64, kSessions = 4096, kCache = 16384, kStrings = 256, kBuffers = 8 };
enum { kPlaces = kRequests + kSessions + kCache + kStrings + kBuffers };

struct Block {
  unsigned char* mem;
  uint32_t bytes;
  uint32_t tag; /* at both ends, and in the middle */
};

static struct Block blocks[kPlaces];
static uint64_t random_state;
static uint64_t checksum;
static uint64_t live_bytes;
static uint64_t peak_bytes;
static uint32_t damaged;

static uint32_t random32(void) { /* xorshift64* */
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return (uint32_t)((random_state * 0x2545f4914f6cdd1d) >> 32);
}
static uint32_t below(uint32_t limit) { return (uint32_t)(((uint64_t)random32() * limit) >> 32); }

static void mark(struct Block* block) {
  if (block->bytes == 0) return;
  block->mem[0] = (unsigned char)block->tag;
  block->mem[block->bytes / 2] = (unsigned char)(block->tag >> 8);
  block->mem[block->bytes - 1] = (unsigned char)(block->tag >> 16);
}

static int is_marked(const struct Block* block, uint32_t bytes) {
  if (block->bytes < 4) return 1; /* the three places may be the same */
  if (bytes < block->bytes) return block->mem[0] == (unsigned char)block->tag;
  return block->mem[0] == (unsigned char)block->tag && block->mem[block->bytes / 2] == (unsigned char)(block->tag >> 8) &&
         block->mem[block->bytes - 1] == (unsigned char)(block->tag >> 16);
}

static void expect_marked(const struct Block* block, uint32_t bytes) {
  if (!is_marked(block, bytes)) damaged++;
  checksum = (checksum ^ (block->bytes + ((uint64_t)block->tag << 32))) * 0x100000001b3;
}

static void take_down(struct Block* block) {
  if (!block->mem) return;
  expect_marked(block, block->bytes);
  live_bytes -= block->bytes;
  free(block->mem);
  block->mem = NULL;
}

static void set_up(struct Block* block, unsigned char* mem, uint32_t bytes) {
  if (!mem) __builtin_trap(); /* the memory must do for all of it */
  *block = (struct Block){mem, bytes, random32()};
  live_bytes += bytes;
  if (live_bytes > peak_bytes) peak_bytes = live_bytes;
  mark(block);
}

static void renew(struct Block* block, uint32_t bytes) {
  take_down(block);
  set_up(block, below(8) ? malloc(bytes) : calloc(1, bytes), bytes);
}

static void grow(struct Block* block) {
  const uint32_t bytes = block->mem ? block->bytes + 1 + below(block->bytes / 2 + 16) : 16;
  if (!block->mem || bytes > 100000) return renew(block, 16 + below(100));
  unsigned char* mem = realloc(block->mem, bytes);
  live_bytes -= block->bytes;
  struct Block moved = {mem, block->bytes, block->tag};
  expect_marked(&moved, moved.bytes);
  set_up(block, mem, bytes);
}

/* Half of all small blocks have up to 64 bytes, few have more than 1,000. */
static uint32_t small_size(void) {
  const uint32_t kind = below(100);
  return 1 + (kind < 50 ? below(64) : kind < 90 ? below(512) : kind < 99 ? below(4096) : below(32768));
}

EXPORT(start) void start(uint64_t seed) {
  for (int i = 0; i < kPlaces; i++) blocks[i] = (struct Block){0};
  random_state = seed * 0x9e3779b97f4a7c15 | 1;
  checksum = live_bytes = peak_bytes = damaged = 0;
}

EXPORT(run) uint64_t run(uint64_t operations) {
  struct Block* const sessions = blocks + kRequests;
  struct Block* const cache = sessions + kSessions;
  struct Block* const strings = cache + kCache;
  struct Block* const buffers = strings + kStrings;
  while (operations--) {
    const uint32_t kind = below(10000);
    if (kind < 6500) renew(&blocks[below(kRequests)], small_size());
    else if (kind < 7500) renew(&sessions[below(kSessions)], small_size());
    else if (kind < 9000) renew(&cache[below(kCache)], small_size());
    else if (kind < 9990) grow(&strings[below(kStrings)]);
    else renew(&buffers[below(kBuffers)], 65536 + below(1 << 20));
  }
  return checksum;
}

EXPORT(stop) void stop(void) {
  for (int i = 0; i < kPlaces; i++) take_down(&blocks[i]);
}

EXPORT(damage) uint32_t damage(void) { return damaged; }
EXPORT(peak) double peak(void) { return (double)peak_bytes; }

/* ---- Robson ---- */

enum { kUnit = 16, kMostKept = 1 << 18 };
static unsigned char* kept[kMostKept];
static uint32_t kept_count;
static uint32_t kept_bytes;
static uint32_t kept_size[kMostKept];

/* Keeps the blocks that have a byte at `offset` modulo `step`. */
static void keep_those_at(uint32_t offset, uint32_t step) {
  uint32_t left = 0;
  for (uint32_t i = 0; i < kept_count; i++) {
    const uint32_t begin = (uint32_t)(uintptr_t)kept[i];
    if ((offset - begin) % step < kept_size[i]) {
      kept[left] = kept[i];
      kept_size[left++] = kept_size[i];
    } else {
      kept_bytes -= kept_size[i];
      free(kept[i]);
    }
  }
  kept_count = left;
}

/* Never more than `most` bytes are alive, in blocks of at most `largest`. Returns the number of blocks at the end. */
EXPORT(robson) uint32_t robson(uint32_t most, uint32_t largest) {
  kept_count = kept_bytes = 0;
  uint32_t offset = 0;
  for (uint32_t size = kUnit; size <= largest; size *= 2) {
    if (size > kUnit) {
      offset += below(2) ? size / 2 : 0;
      keep_those_at(offset, size);
    }
    while (kept_bytes + size <= most && kept_count < kMostKept) {
      unsigned char* mem = malloc(size);
      if (!mem) __builtin_trap();
      kept[kept_count] = mem;
      kept_size[kept_count++] = size;
      kept_bytes += size;
    }
  }
  const uint32_t count = kept_count;
  while (kept_count) free(kept[--kept_count]);
  return count;
}
