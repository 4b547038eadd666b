// The key of the heap under test.
#pragma once

#include "tags.h"

namespace memory_wasm {

struct FakeKey {
  static uintptr_t key() noexcept { return the_key; }
  static uint64_t wide_key() noexcept { return the_key * uint64_t(0xbf58476d1ce4e5b9); }
  static uintptr_t mask() noexcept { return the_key * the_key ^ the_key >> 7; }

  static bool set(uint32_t seed, bool has_heap) {
    const uintptr_t key = (seed + 1) * static_cast<uintptr_t>(0x9e3779b97f4a7c15) | 1;
    if (has_heap && key != the_key) return false;
    the_key = key;
    return true;
  }

  static inline uintptr_t the_key = static_cast<uintptr_t>(0x9e3779b97f4a7c15);
};

static_assert(KeySource<FakeKey>);

}  // namespace memory_wasm
