// The pages of a WebAssembly memory: the only memory.size and memory.grow in the project, each in a function of its own that
// is not inlined, so that a step after linking finds them.
#pragma once

#include "../pages.h"

namespace memory_wasm {

[[gnu::noinline]] inline size_t memory_size() { return __builtin_wasm_memory_size(0); }
[[gnu::noinline]] inline size_t memory_grow(size_t pages) { return __builtin_wasm_memory_grow(0, pages); }

struct WasmPages {
  static uintptr_t end() noexcept { return cap(memory_size()); }

  static uintptr_t grow(size_t count) noexcept {
    // Page 0 of a memory that had no pages stays unused, so that no block is at address 0.
    if (memory_size() == 0) memory_grow(1);
    const size_t before = memory_grow(count);
    return before == SIZE_MAX ? kNoPages : before * kPageSize;
  }

  // Tells the host that the heap grew the memory.
  static void grown() noexcept {
    if (on_grow) on_grow();
  }

  [[gnu::visibility("hidden")]] static inline void (*on_grow)() __attribute__((address_space(1))) = nullptr;

 private:
  // The end of a full 4-GiB memory would wrap to 0 in 32 bits.
  static uintptr_t cap(size_t pages) noexcept {
    const uintptr_t end = pages * kPageSize;
    return end == 0 && pages != 0 ? ~uintptr_t(15) : end;
  }
};

static_assert(Pages<WasmPages>);

}  // namespace memory_wasm
