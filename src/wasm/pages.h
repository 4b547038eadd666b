// The pages of a WebAssembly memory: the only memory.size and memory.grow in the project.
#pragma once

#include "../pages.h"

namespace memory_wasm {

struct WasmPages {
  static uintptr_t end() noexcept { return cap(__builtin_wasm_memory_size(0)); }

  static uintptr_t grow(size_t count) noexcept {
    // Page 0 of a memory that had no pages stays nobody's, so that no block lies at address 0.
    if (__builtin_wasm_memory_size(0) == 0) __builtin_wasm_memory_grow(0, 1);
    const size_t before = __builtin_wasm_memory_grow(0, count);
    return before == SIZE_MAX ? kNoPages : before * kPageSize;
  }

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
