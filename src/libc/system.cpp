// The system under the stdio of libmemory_c.a. There are no files: what a program prints goes to memory_wasm_output, its standard
// input is empty, and every other descriptor is bad.
#include <memory_wasm.h>
#include <stdlib.h>
#include <string.h>

namespace {

constexpr int kOutput = 1;
constexpr int kError = 2;

struct Piece {  // struct iovec
  char* text;
  size_t length;
};

bool is_printed(int stream) { return stream == kOutput || stream == kError; }

void print(const char* text) { memory_wasm_output(kError, text, strlen(text)); }

void print(unsigned number) {
  char digits[10];
  char* digit = digits + sizeof digits;
  do *--digit = static_cast<char>('0' + number % 10);
  while (number /= 10);
  memory_wasm_output(kError, digit, static_cast<size_t>(digits + sizeof digits - digit));
}

}  // namespace

extern "C" {

[[gnu::weak]] void memory_wasm_output(int, const char*, size_t) {}

// What musl's stdio calls. -1 is failure.
[[gnu::weak]] long writev(int stream, const Piece* pieces, int count) {
  if (!is_printed(stream)) return -1;
  size_t length = 0;
  for (const Piece* piece = pieces; piece < pieces + count; piece++) {
    if (piece->length) memory_wasm_output(stream, piece->text, piece->length);
    length += piece->length;
  }
  return static_cast<long>(length);
}

[[gnu::weak]] long write(int stream, const void* text, size_t length) {
  if (!is_printed(stream)) return -1;
  memory_wasm_output(stream, static_cast<const char*>(text), length);
  return static_cast<long>(length);
}

[[gnu::weak]] long readv(int stream, const Piece*, int) { return stream == 0 ? 0 : -1; }
[[gnu::weak]] long read(int stream, void*, size_t) { return stream == 0 ? 0 : -1; }
[[gnu::weak]] int close(int) { return -1; }
[[gnu::weak]] long long __lseek(int, long long, int) { return -1; }

// Both streams are like a terminal: stdout passes on each line when it ends.
[[gnu::weak]] int __isatty(int stream) { return is_printed(stream); }

[[gnu::noreturn, gnu::weak]] void __assert_fail(const char* expression, const char* file, int line, const char* function) {
  print(file);
  print(":");
  print(static_cast<unsigned>(line));
  print(": ");
  print(function);
  print(": assertion failed: ");
  print(expression);
  print("\n");
  abort();
}
}
