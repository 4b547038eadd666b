// What a link mode costs: pairs of malloc and free, and a program that does little else than allocate.
#include <stddef.h>
#include <stdint.h>

void *malloc(size_t);
void free(void *);

__attribute__((export_name("pairs"))) uint32_t pairs(uint32_t count) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < count; i++) {
    volatile uint8_t *block = malloc(16 + (i & 48));
    *block = (uint8_t)i;
    sum += *block;
    free((void *)block);
  }
  return sum;
}

struct Node {
  struct Node *left, *right;
};

static struct Node *grow(int depth) {
  struct Node *node = malloc(sizeof *node);
  node->left = depth ? grow(depth - 1) : NULL;
  node->right = depth ? grow(depth - 1) : NULL;
  return node;
}

static uint32_t fell(struct Node *node) {
  uint32_t count = 1;
  if (node->left) count += fell(node->left) + fell(node->right);
  free(node);
  return count;
}

// Grows and fells a binary tree `count` times; returns how many nodes there were.
__attribute__((export_name("trees"))) uint32_t trees(uint32_t count) {
  uint32_t nodes = 0;
  while (count--) nodes += fell(grow(12));
  return nodes;
}
