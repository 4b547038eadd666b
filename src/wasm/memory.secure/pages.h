// The pages of a heap whose metadata is in a memory of its own, memory 1, which no program can reach:
//
//     memory 0, the program's   | ... | block        |canary| block        |canary| ...
//     memory 1, the heap's own  | ... |head      |seal|head |      |head ...   at a quarter of the addresses
//
// tools/secure-heap.mjs sends all that the heap reads and writes to memory 1, but for what the functions of payload.h do. Memory 1 has
// at least a quarter of the pages that the heap uses of memory 0: it grows first. Addresses are those in memory 1 (../../blocks.h).
#pragma once

#include "../pages.h"

namespace memory_wasm {

[[gnu::noinline]] inline size_t private_memory_size() { return __builtin_wasm_memory_size(1); }
[[gnu::noinline]] inline size_t private_memory_grow(size_t pages) { return __builtin_wasm_memory_grow(1, pages); }

struct SecurePages : WasmPages {
  // Blocks of more than 512 bytes are multiples of 64, and their tags take 16 bytes for each 64 of them at most: with less, blocks of 0.5 to 4
  // KB would touch as many pages of memory 1 as of memory 0; with more, rounding would cost what it saves.
  static constexpr size_t kScale = 4;

  // As far as both memories go. A full memory 0 ends 64 bytes early, so that no block ends at address 0.
  static uintptr_t end() noexcept {
    cover(memory_size());
    const uintptr_t both = least(memory_size(), private_memory_size() * kScale);
    return both * (kPageSize / kScale) - (both == kMost ? kAlignment : 0);
  }

  static uintptr_t grow(size_t count) noexcept {
    // One page more, in case memory 0 has none yet.
    return cover(memory_size() + count + 1) ? WasmPages::grow(count) / kScale : kNoPages;
  }

 private:
  static constexpr size_t kMost = size_t(1) << 16;

  static size_t least(size_t a, size_t b) { return a < b ? a : b; }

  // Makes memory 1 have room for the tags of so many pages. False if it can't.
  static bool cover(size_t pages) noexcept {
    const size_t needed = (least(pages, kMost) + kScale - 1) / kScale;
    const size_t own = private_memory_size();
    return own >= needed || private_memory_grow(needed - own) != SIZE_MAX;
  }
};

static_assert(Pages<SecurePages>);

}  // namespace memory_wasm
