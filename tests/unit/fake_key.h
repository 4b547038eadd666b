// The key of the heap under test.
#pragma once

#include "tags.h"

namespace memory_wasm {

struct FakeKey {
  static uint64_t key() noexcept { return the_key; }
  static bool set(uint32_t seed, bool has_heap) {
    const uint64_t key = (seed + 1) * uint64_t(0x9e3779b97f4a7c15) | 1;
    if (has_heap && key != the_key) return false;
    the_key = key;
    return true;
  }

  static inline uint64_t the_key = 0x9e3779b97f4a7c15;
};

static_assert(KeySource<FakeKey>);

}  // namespace memory_wasm
