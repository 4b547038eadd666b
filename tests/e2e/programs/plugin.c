// A position-independent module: data, pointers in data, function pointers, a stack, symbols of others.
#include <stddef.h>

void *malloc(size_t);
void free(void *);
extern int hostNumber;
int hostAdd(int, int);
int callBack(int (*)(int), int);

static int table[3] = {10, 20, 30};
int *pluginData = &table[1];  // a pointer in data: needs a relocation
static volatile int zeros[1000];
__attribute__((aligned(64))) static volatile int aligned[16] = {1};

static int triple(int value) { return 3 * value; }

int pluginSum(void) { return table[0] + *pluginData + hostNumber; }
int pluginCall(int value) { return callBack(triple, hostAdd(value, 1)); }
int (*pluginPointer(void))(int, int) { return hostAdd; }
int zerosAreZero(void) {
  for (int i = 0; i < 1000; i++)
    if (zeros[i]) return 0;
  return 1;
}
int isAligned(void) { return ((size_t)aligned & 63) == 0 && aligned[0] == 1; }
int useStack(int seed) {
  volatile int numbers[2000];
  for (int i = 0; i < 2000; i++) numbers[i] = seed + i;
  int sum = 0;
  for (int i = 0; i < 2000; i++) sum += numbers[i] - seed;
  return sum;
}
void *pluginAllocate(size_t bytes) { return malloc(bytes); }
void pluginFree(void *block) { free(block); }

static volatile int constructed;
__attribute__((constructor)) static void construct(void) { constructed += *pluginData; }
int constructions(void) { return constructed; }
