// The mem and str functions that compilers emit calls to, and their nearest kin. Copying and filling are single
// WebAssembly instructions (bulk memory); the rest are plain loops: small, and right for the short strings they see.
// Weak: a program that brings its own memcpy gets the rest from libmemory.a all the same.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern "C" {

// The instructions trap if an address is beyond the memory, also when the length is 0. C allows that: one past the end.
[[gnu::weak]] void* memcpy(void* __restrict to, const void* __restrict from, size_t count) {
  if (count) __builtin_memcpy(to, from, count);
  return to;
}

[[gnu::weak]] void* memmove(void* to, const void* from, size_t count) {
  if (count) __builtin_memmove(to, from, count);
  return to;
}

[[gnu::weak]] void* memset(void* to, int value, size_t count) {
  if (count) __builtin_memset(to, value, count);
  return to;
}

[[gnu::weak]] int memcmp(const void* left, const void* right, size_t count) {
  const auto* l = static_cast<const unsigned char*>(left);
  const auto* r = static_cast<const unsigned char*>(right);
  for (; count; count--, l++, r++)
    if (*l != *r) return *l - *r;
  return 0;
}

[[gnu::weak]] int bcmp(const void* left, const void* right, size_t count) { return memcmp(left, right, count); }

[[gnu::weak]] void* memchr(const void* in, int value, size_t count) {
  const auto* byte = static_cast<const unsigned char*>(in);
  for (; count; count--, byte++)
    if (*byte == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(byte);
  return nullptr;
}

[[gnu::weak]] void* memrchr(const void* in, int value, size_t count) {
  const auto* begin = static_cast<const unsigned char*>(in);
  while (count--)
    if (begin[count] == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(begin + count);
  return nullptr;
}

[[gnu::weak]] size_t strlen(const char* string) {
  const char* end = string;
  while (*end) end++;
  return static_cast<size_t>(end - string);
}

[[gnu::weak]] size_t strnlen(const char* string, size_t limit) {
  size_t length = 0;
  while (length < limit && string[length]) length++;
  return length;
}

[[gnu::weak]] int strncmp(const char* left, const char* right, size_t limit) {
  for (; limit; limit--, left++, right++) {
    const auto l = static_cast<unsigned char>(*left);
    const auto r = static_cast<unsigned char>(*right);
    if (l != r) return l - r;
    if (!l) break;
  }
  return 0;
}

[[gnu::weak]] int strcmp(const char* left, const char* right) { return strncmp(left, right, SIZE_MAX); }

[[gnu::weak]] char* stpcpy(char* __restrict to, const char* __restrict from) {
  const size_t length = strlen(from);
  return static_cast<char*>(memcpy(to, from, length + 1)) + length;
}

[[gnu::weak]] char* strcpy(char* __restrict to, const char* __restrict from) {
  stpcpy(to, from);
  return to;
}

[[gnu::weak]] char* strncpy(char* __restrict to, const char* __restrict from, size_t limit) {
  const size_t length = strnlen(from, limit);
  memset(static_cast<char*>(memcpy(to, from, length)) + length, 0, limit - length);
  return to;
}

[[gnu::weak]] char* strcat(char* __restrict to, const char* __restrict from) {
  stpcpy(to + strlen(to), from);
  return to;
}

[[gnu::weak]] char* strchr(const char* string, int value) {
  for (;; string++) {
    if (*string == static_cast<char>(value)) return const_cast<char*>(string);
    if (!*string) return nullptr;
  }
}

[[gnu::weak]] char* strrchr(const char* string, int value) { return static_cast<char*>(memrchr(string, value, strlen(string) + 1)); }

[[gnu::weak]] char* strstr(const char* string, const char* sought) {
  const size_t length = strlen(sought);
  for (;; string++) {
    if (strncmp(string, sought, length) == 0) return const_cast<char*>(string);
    if (!*string) return nullptr;
  }
}

[[gnu::weak]] char* strndup(const char* string, size_t limit) {
  const size_t length = strnlen(string, limit);
  char* copy = static_cast<char*>(malloc(length + 1));
  if (!copy) return nullptr;
  memcpy(copy, string, length);
  copy[length] = '\0';
  return copy;
}

[[gnu::weak]] char* strdup(const char* string) { return strndup(string, SIZE_MAX); }
}
