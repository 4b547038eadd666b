// The twelve synthetic workloads. Each makes about `count` allocations (malloc or realloc), tags both ends of every
// block, checks the tags before it frees or resizes, and leaves the heap empty. The table is the host's; its first
// words are the report.
#include "harness.h"

struct entry {
  unsigned char *block;
  uint32_t bytes;
};

struct table {
  uint32_t allocations;  // out: mallocs and reallocs made
  uint32_t errors;       // out: blocks that were absent or damaged
  struct entry entries[];
};

INLINE void take(struct table *table, struct entry *entry, uint32_t bytes) {
  entry->block = malloc(bytes);
  entry->bytes = bytes;
  table->errors += tag(entry->block, bytes, bytes);
  table->allocations++;
}

INLINE void give(struct table *table, struct entry *entry) {
  table->errors += check(entry->block, entry->bytes, entry->bytes);
  free(entry->block);
  entry->block = NULL;
}

INLINE void resize(struct table *table, struct entry *entry, uint32_t bytes) {
  table->errors += check(entry->block, entry->bytes, entry->bytes);
  unsigned char first = (unsigned char)entry->bytes;
  entry->block = realloc(entry->block, bytes);
  table->errors += check(entry->block, 1, first);
  table->errors += tag(entry->block, bytes, bytes);
  entry->bytes = bytes;
  table->allocations++;
}

INLINE void start(struct table *table, uint32_t entries) {
  table->allocations = table->errors = 0;
  for (uint32_t i = 0; i < entries; i++) table->entries[i] = (struct entry){NULL, 0};
}

INLINE void give_all(struct table *table, uint32_t entries) {
  for (uint32_t i = 0; i < entries; i++)
    if (table->entries[i].block) give(table, &table->entries[i]);
}

// Small sizes are more common than large ones: uniform in the logarithm between 2^low and 2^high.
INLINE uint32_t logarithmic(uint32_t *random, uint32_t low, uint32_t high) {
  uint32_t base = 1u << (low + random_next(random) % (high - low));
  return base + (random_next(random) & (base - 1));
}

#define WORKLOAD(name) EXPORT(workload_##name) void workload_##name(struct table *table, uint32_t count)

// One block of 16 bytes at a time.
WORKLOAD(pair) {
  start(table, 1);
  for (uint32_t i = 0; i < count; i++) {
    take(table, table->entries, 16);
    give(table, table->entries);
  }
}

// A stack: 100 blocks taken, freed in reverse.
WORKLOAD(lifo) {
  enum { DEPTH = 100 };
  uint32_t random = 1;
  start(table, DEPTH);
  for (uint32_t done = 0; done < count; done += DEPTH) {
    for (uint32_t i = 0; i < DEPTH; i++) take(table, &table->entries[i], 16 + (random_next(&random) & 112));
    for (uint32_t i = DEPTH; i-- > 0;) give(table, &table->entries[i]);
  }
}

// A queue of 1000 blocks: the oldest is freed.
WORKLOAD(fifo) {
  enum { LENGTH = 1000 };
  uint32_t random = 2;
  start(table, LENGTH);
  for (uint32_t i = 0, oldest = 0; i < count; i++) {
    if (table->entries[oldest].block) give(table, &table->entries[oldest]);
    take(table, &table->entries[oldest], 16 + (random_next(&random) & 127));
    oldest = oldest + 1 == LENGTH ? 0 : oldest + 1;
  }
  give_all(table, LENGTH);
}

INLINE void replace(struct table *table, uint32_t index, uint32_t bytes) {
  if (table->entries[index].block) give(table, &table->entries[index]);
  take(table, &table->entries[index], bytes);
}

// A random one of 4096 live blocks is replaced: 1 to 128 bytes.
WORKLOAD(churn_small) {
  enum { LIVE = 4096 };
  uint32_t random = 3;
  start(table, LIVE);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t r = random_next(&random);
    replace(table, r % LIVE, 1 + (r >> 16) % 128);
  }
  give_all(table, LIVE);
}

// The same with 16 bytes to 4 KiB.
WORKLOAD(churn_mixed) {
  enum { LIVE = 4096 };
  uint32_t random = 4;
  start(table, LIVE);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t index = random_next(&random) % LIVE;
    replace(table, index, logarithmic(&random, 4, 12));
  }
  give_all(table, LIVE);
}

// The same with 512 blocks of 2 KiB to 128 KiB.
WORKLOAD(churn_large) {
  enum { LIVE = 512 };
  uint32_t random = 5;
  start(table, LIVE);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t index = random_next(&random) % LIVE;
    replace(table, index, logarithmic(&random, 11, 17));
  }
  give_all(table, LIVE);
}

// Sixteen vectors grow by turns, by half each time, from 16 bytes to 64 KiB.
WORKLOAD(realloc_grow) {
  enum { VECTORS = 16 };
  start(table, VECTORS);
  for (uint32_t i = 0; i < count; i++) {
    struct entry *vector = &table->entries[i % VECTORS];
    if (vector->bytes > 65536) give(table, vector);
    if (vector->block)
      resize(table, vector, vector->bytes + vector->bytes / 2);
    else
      take(table, vector, 16 + i % VECTORS);
  }
  give_all(table, VECTORS);
}

// cfrac, the classic allocation-bound program: big numbers of 8 to 40 bytes that live for some dozen operations,
// beside some that stay.
WORKLOAD(cfrac) {
  enum { SHORT = 32, LONG = 2048 };
  uint32_t random = 6;
  start(table, SHORT + LONG);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t r = random_next(&random);
    uint32_t index = r >> 26 ? (r >> 8) % SHORT : SHORT + (r >> 8) % LONG;
    replace(table, index, 8 + (r & 3) * 8 + (r >> 2 & 7));
  }
  give_all(table, SHORT + LONG);
}

// larson, a server: 5000 sessions of 8 to 1000 bytes, as usual, end and begin at random, in ten generations that each free
// what the one before left.
WORKLOAD(larson) {
  enum { LIVE = 5000, GENERATIONS = 10 };
  uint32_t random = 7;
  start(table, LIVE);
  for (uint32_t generation = 0; generation < GENERATIONS; generation++) {
    for (uint32_t i = 0; i < count / GENERATIONS; i++) {
      uint32_t r = random_next(&random);
      replace(table, (r >> 10) % LIVE, 8 + (r & 1023) * 992 / 1023);
    }
    for (uint32_t i = 0; i < LIVE; i += 2)
      if (table->entries[i].block) give(table, &table->entries[i]);
  }
  give_all(table, LIVE);
}

struct node {
  struct node *left, *right;
  uint32_t value, check;
};

static struct node *build(struct table *table, uint32_t depth) {
  struct node *node = malloc(sizeof *node + (depth & 1) * 8);
  table->allocations++;
  if (!node) {
    table->errors++;
    return NULL;
  }
  node->value = node->check = depth;
  node->left = depth ? build(table, depth - 1) : NULL;
  node->right = depth ? build(table, depth - 1) : NULL;
  return node;
}

static uint32_t sum(const struct node *node) {
  return node ? node->value + sum(node->left) + sum(node->right) : 0;
}

static void fell(struct table *table, struct node *node) {
  if (!node) return;
  table->errors += node->value != node->check;
  fell(table, node->left);
  fell(table, node->right);
  free(node);
}

// Binary trees of 7 to 511 nodes: a random one of 64 is walked, felled and planted again.
WORKLOAD(tree) {
  enum { TREES = 64 };
  uint32_t random = 8, walked = 0;
  start(table, TREES);
  while (table->allocations < count) {
    uint32_t r = random_next(&random);
    struct entry *entry = &table->entries[r % TREES];
    struct node *old = (struct node *)entry->block;
    walked += sum(old);
    fell(table, old);
    entry->block = (unsigned char *)build(table, 2 + (r >> 16) % 7);
  }
  for (uint32_t i = 0; i < TREES; i++) fell(table, (struct node *)table->entries[i].block);
  table->entries[0].bytes = walked;  // so that the walk isn't dead code
}

// 2000 strings: each step replaces one, or appends to it by realloc until it is 200 bytes long.
WORKLOAD(strings) {
  enum { LIVE = 2000 };
  uint32_t random = 9;
  start(table, LIVE);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t r = random_next(&random);
    struct entry *string = &table->entries[(r >> 8) % LIVE];
    uint32_t more = 1 + (r & 31);
    if (string->block && string->bytes < 200 && (r & 96))
      resize(table, string, string->bytes + more);
    else
      replace(table, (r >> 8) % LIVE, more);
  }
  give_all(table, LIVE);
}

// 2000 blocks of mixed size; every second one is freed, larger ones must fit in or beside the holes, then all goes.
WORKLOAD(fragment) {
  enum { BLOCKS = 2000, LARGER = BLOCKS / 2 };
  uint32_t random = 10;
  start(table, BLOCKS + LARGER);
  for (uint32_t done = 0; done < count; done += BLOCKS + LARGER) {
    for (uint32_t i = 0; i < BLOCKS; i++) take(table, &table->entries[i], 24 + (random_next(&random) & 63));
    for (uint32_t i = 0; i < BLOCKS; i += 2) give(table, &table->entries[i]);
    for (uint32_t i = 0; i < LARGER; i++)
      take(table, &table->entries[BLOCKS + i], 48 + (random_next(&random) & 127));
    for (uint32_t i = 1; i < BLOCKS; i += 2) give(table, &table->entries[i]);
    for (uint32_t i = 0; i < LARGER; i++) give(table, &table->entries[BLOCKS + i]);
  }
}
