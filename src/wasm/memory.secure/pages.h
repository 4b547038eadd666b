// The pages of a heap whose metadata is in a memory of its own, memory 1, which no program can reach:
//
//     memory 0, the program's   | ... | block     |canary| block |canary| ...
//     memory 1, the heap's own  | ... |head   seal|      |head ...          at the same addresses
//
// tools/secure-heap.mjs sends all that the heap reads and writes to memory 1, but for what the functions of payload.h do. Memory 1 has
// at least as many pages as the heap uses of memory 0: it grows first.
#pragma once

#include "../pages.h"

namespace memory_wasm {

[[gnu::noinline]] inline size_t private_memory_size() { return __builtin_wasm_memory_size(1); }
[[gnu::noinline]] inline size_t private_memory_grow(size_t pages) { return __builtin_wasm_memory_grow(1, pages); }

struct SecurePages : WasmPages {
  // The tags are apart: what overruns a block reaches none of them.
  static constexpr bool kTagsApart = true;

  // As far as both memories go.
  static uintptr_t end() noexcept {
    cover(memory_size());
    const uintptr_t own = private_memory_size();
    return own < memory_size() ? own * kPageSize : WasmPages::end();
  }

  static uintptr_t grow(size_t count) noexcept {
    // One page more, in case memory 0 has none yet.
    return cover(memory_size() + count + 1) ? WasmPages::grow(count) : kNoPages;
  }

 private:
  // Makes memory 1 have so many pages. False if it can't, and the memories' limit is not the reason.
  static bool cover(size_t pages) noexcept {
    constexpr size_t kMost = size_t(1) << 16;
    if (pages > kMost) pages = kMost;
    const size_t own = private_memory_size();
    return own >= pages || private_memory_grow(pages - own) != SIZE_MAX;
  }
};

static_assert(Pages<SecurePages>);

}  // namespace memory_wasm
