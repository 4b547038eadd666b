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

// Where the key comes from: an odd number, another odd one of 64 bits, and a mask that doesn't give them away.
template <class T>
concept KeySource = requires {
  { T::key() } noexcept -> Same<uintptr_t>;
  { T::wide_key() } noexcept -> Same<uint64_t>;
  { T::mask() } noexcept -> Same<uintptr_t>;
};

// A number that fits only these two. Products and exclusive or alternate, so that it isn't linear: without the key nobody can
// say by how much it changes when one of them does. Cheap enough for each malloc and free.
template <KeySource K>
[[gnu::always_inline]] inline uintptr_t seal_of(uintptr_t a, uintptr_t b) {
  return (a * K::key() ^ b) * K::key();
}

// Two numbers in one word that only the key opens: a product with the key's inverse. Any other word opens to two other
// numbers, so whoever knows what one of them must be sees it.
template <KeySource K>
constexpr uint64_t closed(uint32_t known, uint32_t value) {
  uint64_t inverse = K::wide_key();  // right in its last 3 bits; each step doubles them
  for (int bits = 3; bits < 64; bits *= 2) inverse *= 2 - K::wide_key() * inverse;
  return (uint64_t(known) << 32 | value) * inverse;
}

// The known number in the upper half, the value in the lower one.
template <KeySource K>
constexpr uint64_t opened(uint64_t word) {
  return word * K::wide_key();
}

template <KeySource K>
struct SealedTags {
  static constexpr size_t kOverhead = 2 * kHeadSize;

  static size_t seal(uintptr_t a, uintptr_t b) { return seal_of<K>(a, b); }
  static uintptr_t hide(uintptr_t word) { return word ^ K::mask(); }
};

struct PlainTags {
  static constexpr size_t kOverhead = kHeadSize;

  static size_t seal(uintptr_t, uintptr_t) { return 0; }
  static uintptr_t hide(uintptr_t word) { return word; }
};

}  // namespace memory_wasm
