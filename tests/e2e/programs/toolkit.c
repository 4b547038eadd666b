// Functions that take and give strings, bytes, arrays and structs.
#include <stddef.h>

void *malloc(size_t);
void free(void *);
void *memcpy(void *, const void *, size_t);
size_t strlen(const char *);

struct Point {
  double x, y;
};

char *greet(const char *name) {
  size_t length = strlen(name);
  char *text = malloc(length + 8);
  if (!text) return NULL;
  memcpy(text, "Hello, ", 7);
  memcpy(text + 7, name, length + 1);
  return text;
}

const char *version(void) { return "1.0 \xc3\xa9t\xc3\xa9"; }
const char *nothing(void) { return NULL; }

unsigned sum(const unsigned char *bytes, size_t length) {
  unsigned sum = 0;
  while (length--) sum += *bytes++;
  return sum;
}

void invert(unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) bytes[i] = ~bytes[i];
}

size_t totalLength(char **texts, size_t count) {
  size_t total = 0;
  for (size_t i = 0; i < count; i++) total += strlen(texts[i]);
  return texts[count] ? 0 : total;
}

long long twice(long long value) { return 2 * value; }
int negate(int value) { return !value; }
int highest(void) { return -1; }
double product(const struct Point *point) { return point->x * point->y; }
const struct Point *origin(void) {
  static const struct Point point = {3, 4};
  return &point;
}
const struct Point *nowhere(void) { return NULL; }
void fail(const char *why) { __builtin_trap(); }
