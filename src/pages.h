// Where memory comes from, as a concept. A leaf: the heap sees pages only through this.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace memory_wasm {

// For concepts that fix return types: <concepts> is not there without a C++ library.
template <class A, class B>
concept Same = __is_same(A, B);

constexpr size_t kPageSize = 64 * 1024;

// What Pages::grow returns when memory can't grow.
constexpr uintptr_t kNoPages = 0;

// Anybody may grow the same memory in between: never assume that new pages adjoin the last ones.
template <class T>
concept Pages = requires(size_t count) {
  // The first address past the memory, and never 0: a full 4-GiB memory ends 16 bytes early.
  { T::end() } noexcept -> Same<uintptr_t>;
  // Adds `count` pages. Their address, or kNoPages if that was refused: then nothing changed.
  { T::grow(count) } noexcept -> Same<uintptr_t>;
};

}  // namespace memory_wasm
