// The machine of a WebAssembly thread. Each thread has an instance of its own over the shared memory, so its globals are what
// other languages call thread-local.
#pragma once

#include "../pages.h"
#include "commons.h"

namespace memory_wasm {

struct WasmMachine {
  static constexpr uintptr_t origin() noexcept { return 0; }
  static uintptr_t end() noexcept { return WasmPages::end(); }
  static uintptr_t grow(size_t count) noexcept { return WasmPages::grow(count); }

  static uintptr_t commons() noexcept { return the_commons; }
  static HeapNumber number() noexcept { return the_number; }
  static void enter(uintptr_t commons, HeapNumber number) {
    the_commons = commons;
    the_number = number;
  }

 private:
  [[gnu::visibility("hidden")]] static inline uintptr_t the_commons __attribute__((address_space(1))) = 0;
  // A whole word: clang 19 reads a part of a global from the memory.
  [[gnu::visibility("hidden")]] static inline HeapNumber the_number __attribute__((address_space(1))) = 0;
};

static_assert(Machine<WasmMachine>);

}  // namespace memory_wasm
