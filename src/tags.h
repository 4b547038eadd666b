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

// Where the key comes from: an odd number, and a mask that doesn't give it away.
template <class T>
concept KeySource = requires {
  { T::key() } noexcept -> Same<uintptr_t>;
  { T::mask() } noexcept -> Same<uintptr_t>;
};

// A number that fits only these two. Products and exclusive or alternate, so that it isn't linear: without the key nobody can
// say by how much it changes when one of them does. Cheap enough for each malloc and free.
template <KeySource K>
[[gnu::always_inline]] inline uintptr_t seal_of(uintptr_t a, uintptr_t b) {
  return (a * K::key() ^ b) * K::key();
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
