// Functions of C that call back: a sort that compares by a function, and events with handlers.
#include <stddef.h>

void *malloc(size_t);
void free(void *);

static void swap(char *a, char *b, size_t size) {
  while (size--) {
    char byte = *a;
    *a++ = *b;
    *b++ = byte;
  }
}

void sortBy(void *array, size_t count, size_t size, int (*compare)(const void *, const void *)) {
  char *items = array;
  for (size_t i = 1; i < count; i++)
    for (size_t j = i; j && compare(items + (j - 1) * size, items + j * size) > 0; j--) swap(items + (j - 1) * size, items + j * size, size);
}

struct Event {
  int kind;
  double value;
};
typedef void (*Handler)(const struct Event *event, const char *name, void *context);

static Handler handler;
static void *context;
void onEvent(Handler newHandler, void *newContext) { handler = newHandler, context = newContext; }
void fire(int kind, double value) {
  struct Event *event = malloc(sizeof *event);
  *event = (struct Event){kind, value};
  handler(event, kind ? "a kind" : NULL, context);
  free(event);
}

long long mix(long long (*func)(long long, float, double, _Bool, signed char), long long value) { return func(value, 1.5f, -2.5, 1, -3); }
