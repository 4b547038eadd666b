// Small C programs with an allocator inside, made from a seed: each a handful of functions of the kinds below, with numbers of its own, and a `run` that
// calls them at random. The result depends on every byte that they keep, and on nothing that allocators may differ in.

/** @param {number} seed @returns {(below: number) => number} */
export function randomFrom(seed) {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const kHead = `
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint32_t seed;
static uint32_t next(uint32_t below) { seed = seed * 1103515245u + 12345u; return (seed >> 8) % below; }
static uint32_t sum_of(const unsigned char *bytes, size_t count) {
  uint32_t sum = 7;
  for (size_t i = 0; i < count; i++) sum = sum * 31 + bytes[i];
  return sum;
}
`;

/** Functions of a program, by what they do: each takes the function's name and random numbers, and leaves nothing in use or keeps it in statics. */
const kKinds = {
  vector: (name, random) => `
    int *items = 0; size_t count = 0, room = 0, most = next(${200 + random(2000)});
    for (size_t i = 0; i < most; i++) {
      if (count == room) {
        room = room ? room * ${2 + random(2)} : ${1 + random(9)};
        int *moved = realloc(items, room * sizeof *items);
        if (!moved) { free(items); return 1; }
        items = moved;
      }
      items[count++] = (int)next(1000);
    }
    uint32_t sum = sum_of((void *)items, count * sizeof *items);
    free(items);
    return sum;`,
  list: (name, random) => `
    struct Node { struct Node *next; uint32_t value; unsigned char more[${1 + random(300)}]; } *first = 0;
    for (uint32_t i = next(${20 + random(300)}); i; i--) {
      struct Node *node = ${random(2) ? 'malloc(sizeof *node)' : 'calloc(1, sizeof *node)'};
      if (!node) return 2;
      memset(node->more, (int)i, sizeof node->more);
      node->value = next(1000); node->next = first; first = node;
    }
    uint32_t sum = 1;
    while (first) { struct Node *node = first; first = node->next; sum = sum * 31 + node->value + sum_of(node->more, sizeof node->more); free(node); }
    return sum;`,
  text: (name, random) => `
    char *text = malloc(1); size_t length = 0;
    if (!text) return 3;
    for (uint32_t i = next(${30 + random(100)}); i; i--) {
      size_t more = next(${5 + random(60)});
      char *longer = realloc(text, length + more + 1);
      if (!longer) { free(text); return 4; }
      text = longer;
      memset(text + length, (int)('a' + next(26)), more);
      length += more;
    }
    text[length] = 0;
    char *copy = strdup(text);
    uint32_t sum = copy ? sum_of((void *)copy, strlen(copy)) : 5;
    free(text); free(copy);
    return sum;`,
  kept: (name, random) => `
    static unsigned char *kept[${20 + random(100)}];
    static size_t sizes[sizeof kept / sizeof *kept];
    uint32_t sum = 1;
    for (uint32_t i = next(100); i; i--) {
      size_t at = next(sizeof kept / sizeof *kept);
      if (kept[at]) { sum = sum * 31 + sum_of(kept[at], sizes[at]); free(kept[at]); kept[at] = 0; continue; }
      sizes[at] = 1 + next(next(4) ? ${50 + random(500)} : ${3000 + random(60000)});
      kept[at] = malloc(sizes[at]);
      if (!kept[at]) return 6;
      memset(kept[at], (int)next(256), sizes[at]);
    }
    return sum;`,
  zeroed: (name, random) => `
    size_t count = 1 + next(${10 + random(4000)}), each = 1 + next(8);
    unsigned char *dirt = malloc(count * each);
    if (!dirt) return 7;
    memset(dirt, 0x5a, count * each);
    free(dirt);
    unsigned char *block = calloc(count, each);
    uint32_t sum = block ? sum_of(block, count * each) : 8;
    free(block);
    return sum;`,
  aligned: (name, random) => `
    size_t alignment = (size_t)8 << next(${2 + random(7)}), size = alignment * (1 + next(9));
    void *block = 0;
    ${random(2) ? 'block = aligned_alloc(alignment, size);' : 'if (posix_memalign(&block, alignment, size)) return 9;'}
    if (!block || (uintptr_t)block % alignment) return 10;
    memset(block, (int)next(256), size);
    uint32_t sum = sum_of(block, size);
    ${random(2) ? 'block = realloc(block, size * 2); if (!block) return 11; sum += sum_of(block, size);' : ''}
    free(block);
    return sum;`,
  usable: () => `
    size_t malloc_usable_size(void *);
    size_t size = 1 + next(500);
    unsigned char *block = malloc(size);
    if (!block) return 12;
    size_t usable = malloc_usable_size(block);
    if (usable < size) return 13;
    memset(block, 0x33, usable);
    uint32_t sum = sum_of(block, size);
    free(block);
    return sum;`,
  failing: (name, random) => `
    volatile size_t large = 0xfff00000u + next(1000);
    void *volatile block = malloc(large);
    uint32_t sum = block ? 14 : 1;
    block = calloc(large, ${2 + random(9)});
    sum = sum * 3 + (block ? 15 : 1);
    void *volatile kept = malloc(${1 + random(100)});
    block = realloc(kept, large);
    sum = sum * 3 + (block ? 16 : 1);
    free(kept);
    free(0);
    return sum;`,
  beside: (name, random) => `
    static unsigned char *own;
    if (!own) {
      void *volatile first = malloc(1); // before wasi-libc's first malloc, sbrk hands out what malloc then takes, too
      free(first);
      own = sbrk(65536);
      if (own == (void *)-1) return 17;
      memset(own, ${random(256)}, 65536);
    }
    return sum_of(own, 65536);`,
  counted: (name, random) => `
    static uint32_t calls;
    calls++;
    void *volatile block = malloc(${1 + random(5000)});
    if (!block) return 18;
    free(block);
    return calls;`,
};

const kDressings = ['static ', 'static inline ', '__attribute__((noinline)) static ', 'static __attribute__((always_inline)) inline ', ''];

/**
 * A program and what it is made of.
 * @param {number} seed
 */
export function generate(seed) {
  const random = randomFrom(seed * 2654435761);
  const names = Object.keys(kKinds);
  const kinds = Array.from({ length: 2 + random(6) }, () => names[random(names.length)]);
  const functions = kinds.map((kind, i) => `${kDressings[random(kDressings.length)]}uint32_t ${kind}_${i}(void) {${kKinds[kind](kind, random)}\n}\n`);
  const cases = kinds.map((kind, i) => `      case ${i}: sum += ${kind}_${i}(); break;`);
  const run = `__attribute__((export_name("run"))) uint32_t run(uint32_t start, uint32_t rounds) {
  seed = start;
  uint32_t sum = 1;
  for (; rounds; rounds--) {
    sum *= 31;
    switch (next(${kinds.length})) {
${cases.join('\n')}
    }
  }
  return sum | 1;
}
`;
  return { kinds, text: [kHead, ...functions, run].join('\n') };
}
