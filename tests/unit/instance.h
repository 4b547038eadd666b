// The one heap of src/libc when it is compiled for this machine: over fake pages.
#pragma once

#include "cell_heap.h"
#include "check_cells.h"
#include "fake_key.h"
#include "fake_pages.h"
#include "heap.h"

namespace memory_wasm {

using WasmPages = FakePages;
using TheKey = FakeKey;
using TheHeap = CellHeap<FakePages, FakeKey>;
static_assert(Heap<TheHeap>);

inline TheHeap* the_heap = nullptr;

inline TheHeap* make_heap() { return the_heap = TheHeap::create(); }

// How many of the bytes are its footprint.
inline size_t make_heap_in(uintptr_t address, size_t bytes) {
  the_heap = TheHeap::create_in(address, bytes);
  return the_heap ? the_heap->footprint() : 0;
}

inline bool attach(uintptr_t state) {
  TheHeap* heap = TheHeap::at(state);
  if (heap) the_heap = heap;
  return heap;
}

// Null before the first allocation. For callers with a fallback.
inline TheHeap* heap_at_hand() { return the_heap; }

}  // namespace memory_wasm
