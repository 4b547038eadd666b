// Where memory comes from, as a concept. A leaf: the heap sees pages only through this.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace memory_wasm {

constexpr size_t kPageSize = 64 * 1024;

// What Pages::grow returns when memory can't grow.
constexpr uintptr_t kNoPages = 0;

// Anybody may grow the same memory in between: never assume that new pages adjoin the last ones.
template <class T>
concept Pages = requires(size_t count) {
  // The first address past the memory, and never 0: a full 4-GiB memory ends 16 bytes early.
  { T::end() } noexcept;
  // Adds `count` pages. Their address, or kNoPages if that was refused: then nothing changed.
  { T::grow(count) } noexcept;
  // Tells the host that the memory grew.
  { T::grown() } noexcept;
};

}  // namespace memory_wasm
