// A misuse that was found, as JavaScript reads it (js/debug/layout.js has the same numbers, and the words).
#pragma once

#include "records.h"

namespace memory_wasm::debug {

enum class Misuse : uint32_t {
  kDoubleFree = 1,
  kInvalidFree,  // of a pointer that is no block's
  kFreeAfterReset,
  kOverrun,
  kUnderrun,
  kWriteAfterFree,
  kMismatchedFree,  // new with free, malloc with delete[] ...
  kWrongSize,       // a sized free with another size
  kWrongAlignment,
};

// The function that found it.
enum class Operation : uint32_t { kFree, kRealloc, kCheck, kUsableSize, kEviction };

struct Finding {
  Misuse misuse;
  Operation operation;
  uintptr_t pointer;     // given by the program, or the block's
  const Record* record;  // the block; for an invalid pointer the nearest below, or null
  uintptr_t written;     // the first byte that was overwritten, or 0
  uint32_t claimed;      // the wrong size, alignment or family
};

}  // namespace memory_wasm::debug
