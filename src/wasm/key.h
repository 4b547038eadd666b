// The key of the seals: WebAssembly globals, which no program can read or guess. Set once, before there is a heap.
#pragma once

#include "../tags.h"

namespace memory_wasm {

struct WasmKey {
  static uintptr_t key() noexcept { return the_key; }
  static uint64_t wide_key() noexcept { return the_wide_key; }
  static uintptr_t mask() noexcept { return the_mask; }

  // Makes `seed` the key. False and nothing changed if a heap is there already under another key.
  static bool set(uint32_t seed, bool has_heap) {
    const uintptr_t key = mixed(seed) | 1;
    if (has_heap && key != the_key) return false;
    the_key = key;
    the_mask = mixed(~mixed(seed));
    the_wide_key = uint64_t(mixed(the_mask + seed)) << 32 | mixed(the_mask ^ key) | 1;
    return true;
  }

  static bool is_set() { return the_key != 0; }

  // The key of a program that sets none.
  static void set_default() {
    if (!the_key) set(0, false);
  }

 private:
  // A number in which each bit of `seed` has changed about half of the bits. In words of the address's size only: clang 19 writes
  // the lower half of a 64-bit value, stored into a global of 32 bits, to the memory.
  static uintptr_t mixed(uintptr_t seed) {
    constexpr unsigned kHalf = 4 * sizeof(uintptr_t);
    uintptr_t bits = seed + static_cast<uintptr_t>(0x9e3779b97f4a7c15);
    bits = (bits ^ bits >> kHalf) * static_cast<uintptr_t>(0xbf58476d1ce4e5b9);
    bits = (bits ^ bits >> (kHalf - 3)) * static_cast<uintptr_t>(0x94d049bb133111eb);
    return bits ^ bits >> kHalf;
  }

  [[gnu::visibility("hidden")]] static inline uintptr_t the_key __attribute__((address_space(1))) = 0;
  [[gnu::visibility("hidden")]] static inline uint64_t the_wide_key __attribute__((address_space(1))) = 0;
  [[gnu::visibility("hidden")]] static inline uintptr_t the_mask __attribute__((address_space(1))) = 0;
};

static_assert(KeySource<WasmKey>);

// Of a heap without seals: any key will do.
struct NoKey {
  static bool set(uint32_t, bool) { return true; }
  static bool is_set() { return true; }
  static void set_default() {}
};

}  // namespace memory_wasm
