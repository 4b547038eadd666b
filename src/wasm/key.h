// The key of the seals: a WebAssembly global, which no program can read or guess. Set once, before there is a heap.
#pragma once

#include "../tags.h"

namespace memory_wasm {

struct WasmKey {
  static uint64_t key() noexcept { return the_key; }

  // Makes `seed` the key. False and nothing changed if a heap is there already under another key.
  static bool set(uint32_t seed, bool has_heap) {
    const uint64_t key = key_of(seed);
    if (has_heap && key != the_key) return false;
    the_key = key;
    return true;
  }

  static bool is_set() { return the_key != 0; }

  // The key of a program that sets none.
  static void set_default() {
    if (!the_key) the_key = key_of(0);
  }

 private:
  // An odd number in which each bit of `seed` has changed half of the others (the finalizer of SplitMix64).
  static uint64_t key_of(uint32_t seed) {
    uint64_t bits = (seed + uint64_t(1)) * 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return (bits ^ bits >> 31) | 1;
  }

  [[gnu::visibility("hidden")]] static inline uint64_t the_key __attribute__((address_space(1))) = 0;
};

static_assert(KeySource<WasmKey>);

// Of a heap without seals: any key will do.
struct NoKey {
  static bool set(uint32_t, bool) { return true; }
  static bool is_set() { return true; }
  static void set_default() {}
};

}  // namespace memory_wasm
