// memory.wasm's heap behind a lock, linked into a program with threads. The program's data, and so the heap's state, is everybody's; the
// key of the seals is in WebAssembly globals, which each thread sets for itself.
#pragma once

#include "../../src/cell_heap.h"
#include "../../src/wasm/key.h"
#include "../../src/wasm/pages.h"
#include "locked_heap.h"

extern "C" unsigned char __heap_base, __heap_end;

namespace memory_wasm {

using TheHeap = LockedHeap<CellHeap<WasmPages, WasmKey>>;

[[gnu::visibility("hidden")]] inline TheHeap the_state;
[[gnu::visibility("hidden")]] inline int the_state_is_open = 0;
[[gnu::visibility("hidden")]] inline TheHeap* the_heap __attribute__((address_space(1))) = nullptr;

// A thread's first call. The program allocates before it starts a second thread.
[[gnu::noinline]] inline TheHeap* make_heap() {
  WasmKey::set_default();
  if (!the_state_is_open) {
    the_state.open(reinterpret_cast<uintptr_t>(&__heap_base), static_cast<size_t>(&__heap_end - &__heap_base));
    the_state_is_open = 1;
  }
  return the_heap = &the_state;
}

inline TheHeap* heap_at_hand() {
  TheHeap* heap = the_heap;
  return __builtin_expect(heap != nullptr, 1) ? heap : make_heap();
}

}  // namespace memory_wasm
