// The one heap of a module that imports its memory. Such a module owns no byte of it, so the heap's address is in a
// WebAssembly global and its state in memory that the heap obtained itself.
#pragma once

#include "../../heap.h"
#include "variant.h"

namespace memory_wasm {

static_assert(Heap<TheHeap>);

[[gnu::visibility("hidden")]] inline TheHeap* the_heap __attribute__((address_space(1))) = nullptr;

inline TheHeap* make_heap() {
  TheKey::set_default();
  return the_heap = TheHeap::create();
}

// How many of the bytes are its footprint.
inline size_t make_heap_in(uintptr_t address, size_t bytes) {
  TheKey::set_default();
  the_heap = TheHeap::create_in(address, bytes);
  return the_heap ? the_heap->footprint() : 0;
}

inline bool attach(uintptr_t state) {
  TheKey::set_default();
  TheHeap* heap = TheHeap::at(state);
  if (heap) the_heap = heap;
  return heap;
}

// Null before the first allocation. For callers with a fallback.
inline TheHeap* heap_at_hand() { return the_heap; }

}  // namespace memory_wasm
