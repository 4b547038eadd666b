// The one heap of src/libc when it is compiled for this machine: over fake pages.
#pragma once

#include "fake_pages.h"
#include "runs.h"

namespace memory_wasm {

using WasmPages = FakePages;
using TheHeap = RunHeap<FakePages>;

inline TheHeap* the_heap = nullptr;

inline TheHeap* make_heap() { return the_heap = TheHeap::create(); }

// How many of the bytes are its footprint.
inline size_t make_heap_in(uintptr_t address, size_t bytes) {
  the_heap = TheHeap::create_in(address, bytes);
  return the_heap ? the_heap->footprint() : 0;
}

inline bool take_over(TheHeap* heap) {
  the_heap = heap;
  return true;
}

// For what has a slower way when it is null.
inline TheHeap* heap_at_hand() { return the_heap; }

}  // namespace memory_wasm
