// The one heap of memory.wasm. A module that imports its memory owns no byte of it, so the heap's address is in a
// WebAssembly global and its state in memory that the heap obtained itself.
#pragma once

#include "../../runs.h"
#include "../pages.h"

namespace memory_wasm {

using TheHeap = RunHeap<WasmPages>;

// What is not inlined is compiled once, with malloc: there it is to be fast, elsewhere small.
extern template class Heap<WasmPages, TheHeap>;
extern template class RunHeap<WasmPages>;

[[gnu::visibility("hidden")]] inline TheHeap* the_heap __attribute__((address_space(1))) = nullptr;

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
