// What mimalloc wants of a system, and no WebAssembly module without WASI has: it finds an empty environment, a clock
// that stands still, and output that goes nowhere. Weak: a program's own library goes first.
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define WEAK __attribute__((weak))

void *mi_aligned_alloc(size_t alignment, size_t bytes);
void *aligned_alloc(size_t alignment, size_t bytes) { return mi_aligned_alloc(alignment, bytes); }

WEAK int errno;
WEAK char **environ;
WEAK FILE *const stdout = NULL, *const stderr = NULL;
WEAK const struct __clockid { int number; } _CLOCK_MONOTONIC = {1};

WEAK char *getenv(const char *name) { return (void)name, NULL; }
WEAK int atexit(void (*function)(void)) { return (void)function, 0; }
WEAK int sched_yield(void) { return 0; }
WEAK int fputs(const char *restrict text, FILE *restrict file) { return (void)text, (void)file, 0; }
WEAK int clock_gettime(clockid_t clock, struct timespec *time) {
  (void)clock;
  *time = (struct timespec){.tv_sec = 1};
  return 0;
}

// mimalloc asks for whole pages.
WEAK void *sbrk(intptr_t bytes) {
  enum { PAGE = 65536 };
  size_t pages = ((size_t)bytes + PAGE - 1) / PAGE;
  size_t before = pages ? __builtin_wasm_memory_grow(0, pages) : __builtin_wasm_memory_size(0);
  return before == SIZE_MAX ? (void *)-1 : (void *)(before * PAGE);
}

// For messages and options, of which there are none.
WEAK int vsnprintf(char *restrict out, size_t bytes, const char *restrict format, va_list values) {
  (void)format, (void)values;
  if (bytes) *out = 0;
  return 0;
}
WEAK int snprintf(char *restrict out, size_t bytes, const char *restrict format, ...) {
  (void)format;
  if (bytes) *out = 0;
  return 0;
}
WEAK long strtol(const char *restrict text, char **restrict end, int base) {
  (void)base;
  if (end) *end = (char *)text;
  return 0;
}
WEAK size_t strlen(const char *text) {
  const char *end = text;
  while (*end) end++;
  return (size_t)(end - text);
}
WEAK char *strstr(const char *text, const char *part) { return (void)text, (void)part, NULL; }
WEAK void *memchr(const void *bytes, int value, size_t count) { return (void)bytes, (void)value, (void)count, NULL; }
WEAK int toupper(int letter) { return letter; }
