// One mistake a function. A comment names the line where the block is allocated, freed, and where the mistake is.
#include <stddef.h>

void *malloc(size_t);
void *calloc(size_t, size_t);
void *realloc(void *, size_t);
void free(void *);
void *memcpy(void *, const void *, size_t);
void *memset(void *, int, size_t);

#define EXPORT(name) __attribute__((export_name(#name), noinline))

struct Node {
  struct Node *next;
  int value;
  char name[7];
};

static char text[] = "hello, world";
static int table[500] = {1};

EXPORT(write_past) void write_past(void) {
  volatile char *p = malloc(13);  // ALLOCATED
  p[13] = 1;                      // WRONG
}

EXPORT(read_past) int read_past(void) {
  volatile char *p = malloc(13);  // ALLOCATED
  return p[13];                   // WRONG
}

EXPORT(read_past_wide) long long read_past_wide(void) {
  volatile long long *p = malloc(12);  // ALLOCATED
  return p[1];                         // WRONG
}

EXPORT(read_before) int read_before(void) {
  volatile char *p = malloc(40);  // ALLOCATED
  return p[-1];                   // WRONG
}

EXPORT(write_before) void write_before(void) {
  volatile int *p = malloc(40);  // ALLOCATED
  p[-1] = 7;                     // WRONG
}

EXPORT(read_freed) int read_freed(void) {
  volatile struct Node *node = malloc(sizeof *node);  // ALLOCATED
  node->value = 4;
  free((void *)node);  // FREED
  return node->value;  // WRONG
}

EXPORT(write_freed) void write_freed(void) {
  volatile struct Node *node = malloc(sizeof *node);  // ALLOCATED
  free((void *)node);                                 // FREED
  node->next = 0;                                     // WRONG
}

EXPORT(read_reallocated) int read_reallocated(void) {
  volatile int *p = malloc(16);         // ALLOCATED
  int *q = realloc((void *)p, 4000);    // FREED
  q[1] = 2;
  return p[0];  // WRONG
}

EXPORT(null_field) int null_field(struct Node *node) {
  return ((volatile struct Node *)node)->value;  // WRONG
}

EXPORT(memcpy_past) void memcpy_past(size_t size) {
  char *p = malloc(12);     // ALLOCATED
  memcpy(p, text, size);    // WRONG
  __asm__ volatile("" ::"r"(p) : "memory");
}

EXPORT(memset_past) void memset_past(size_t size) {
  char *p = malloc(size);   // ALLOCATED
  memset(p, 1, size + 1);   // WRONG
  __asm__ volatile("" ::"r"(p) : "memory");
}

EXPORT(loop_past) int loop_past(int n) {
  volatile int *p = malloc((size_t)n * 4);  // ALLOCATED
  for (int i = 0; i <= n; i++)
    p[i] = i;  // WRONG
  return p[0];
}

EXPORT(list_freed) int list_freed(void) {
  struct Node *head = 0;
  for (int i = 0; i < 5; i++) {
    struct Node *node = malloc(sizeof *node);  // ALLOCATED
    *node = (struct Node){head, i, ""};
    head = node;
  }
  int sum = 0;
  struct Node *node = head;
  while (node) {
    sum += node->value;
    free(node);                                     // FREED
    node = ((volatile struct Node *)node)->next;    // WRONG
  }
  return sum;
}

EXPORT(no_terminator) int no_terminator(void) {
  char *p = malloc(8);  // ALLOCATED
  for (int i = 0; i < 8; i++) p[i] = 'a';
  int n = 0;
  while (((volatile char *)p)[n])  // WRONG
    n++;
  return n;
}

EXPORT(wild) int wild(char *p) {
  return *(volatile int *)p;  // WRONG
}

EXPORT(never_written) int never_written(void) {
  volatile int *p = malloc(8);  // ALLOCATED
  return p[1];                  // WRONG
}

EXPORT(overflow) int overflow(int depth, volatile char *above) {  // WRONG
  volatile char buffer[900];
  for (int i = 0; i < 900; i++) buffer[i] = (char)depth;
  int deeper = depth ? overflow(depth - 1, buffer) : 0;
  return deeper + buffer[5] + (above ? above[7] : 0) + table[depth];
}

// Nothing is wrong here: every kind of block, used to its last byte.
EXPORT(clean) int clean(void) {
  int sum = 0;
  for (int round = 0; round < 100; round++) {
    struct Node *head = 0;
    for (int i = 0; i < 50; i++) {
      struct Node *node = malloc(sizeof *node);
      node->next = head;
      node->value = i;
      for (int k = 0; k < 7; k++) node->name[k] = (char)k;
      head = node;
    }
    while (head) {
      struct Node *next = head->next;
      sum += head->value + head->name[6];
      free(head);
      head = next;
    }
    char *bytes = calloc((size_t)round + 1, 1);
    bytes[round] = 1;
    bytes = realloc(bytes, (size_t)round * 3 + 2);
    memset(bytes + round, 5, (size_t)round * 2 + 2);
    sum += bytes[round * 3 + 1];
    free(bytes);
  }
  return sum;
}
