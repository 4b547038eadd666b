// How a chunk's tags are written: plainly, or sealed with a key that the program can't read.
//
//     sealed, in use  | head | payload ...              | seal of (address, size) |
//     sealed, free    | head | ~next | ~previous ...    | ~size                   |     ~: hidden with the key
//     plain, in use   | head | payload ...                                        |
//     plain, free     | head | next | previous ...      | size                    |
//
// A program that overflows a block can write any bytes over the tags that follow, but not those that fit: without the key
// no forged chunk passes, whether it is freed, coalesced or taken from a bin. The key is no byte of the memory: in
// memory.wasm it is a WebAssembly global. A seal costs each chunk one word.
#pragma once

#include "chunk.h"
#include "pages.h"

namespace memory_wasm {

// Where the key comes from: an odd number.
template <class T>
concept KeySource = requires {
  { T::key() } noexcept -> Same<uint64_t>;
};

// The product mixes each bit into all higher ones; the shifts bring both words into the lower half first, and the upper
// half of the result back down. Not linear: the seal of a sum is not the sum of seals.
template <KeySource K>
[[gnu::always_inline]] inline uint64_t mix(uintptr_t a, uintptr_t b) {
  const uint64_t wide = a;
  const uint64_t both = (wide << 32 | wide >> 32) ^ b;
  return (both ^ both >> 32) * K::key();
}

template <KeySource K>
[[gnu::always_inline]] inline size_t seal(uintptr_t a, uintptr_t b) {
  const uint64_t mixed = mix<K>(a, b);
  return static_cast<size_t>(mixed >> 32 ^ mixed);
}

template <KeySource K>
struct SealedTags {
  static constexpr size_t kOverhead = 2 * kHeadSize;

  [[gnu::always_inline]] static size_t seal(uintptr_t a, uintptr_t b) { return memory_wasm::seal<K>(a, b); }
  [[gnu::always_inline]] static uintptr_t hide(uintptr_t word) { return word ^ static_cast<uintptr_t>(K::key() >> 32 ^ K::key()); }
};

struct PlainTags {
  static constexpr size_t kOverhead = kHeadSize;

  static size_t seal(uintptr_t, uintptr_t) { return 0; }
  static uintptr_t hide(uintptr_t word) { return word; }
};

}  // namespace memory_wasm
