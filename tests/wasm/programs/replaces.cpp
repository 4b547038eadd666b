// A program that brings its own memcpy, abort and operator new, as freestanding programs do, and takes the rest from libmemory.a.
// check() returns the number of the line that failed, or 0.
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT(holds) \
  if (!(holds)) return __LINE__

namespace {
int copies, fills, news, deletes;
}

extern "C" void* memcpy(void* __restrict to, const void* __restrict from, size_t count) {
  copies++;
  for (size_t i = 0; i < count; i++) static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
  return to;
}

extern "C" void* memset(void* to, int value, size_t count) {
  fills++;
  for (size_t i = 0; i < count; i++) static_cast<char*>(to)[i] = static_cast<char>(value);
  return to;
}

extern "C" void abort() { __builtin_trap(); }

void* operator new(size_t size) {
  news++;
  return malloc(size);
}

void operator delete(void* mem) noexcept {
  deletes++;
  free(mem);
}

extern "C" void _start() {}

extern "C" [[clang::export_name("check")]] int check() {
  char* copy = strdup("the others come from the library");
  EXPECT(strlen(copy) == 32);
  char other[40];
  EXPECT(memcpy(other, copy, 33) == other && strcmp(other, copy) == 0 && copies > 0);
  EXPECT(memset(other, 0, 40) == other && fills > 0);
  int* one = new int(1);
  delete one;
  EXPECT(news == 1 && deletes == 1);
  // [new.delete.array]: by default the array forms call the plain ones, and the sized ones the unsized.
  int* many = new int[10];
  delete[] many;
  EXPECT(news == 2 && deletes == 2);
  operator delete(operator new(10), size_t(10));
  EXPECT(news == 3 && deletes == 3);
  free(copy);
  return 0;
}
