// The one heap of libmemory.a: linked into the program, it begins in what the program's memory has left, between the
// linker's __heap_base and __heap_end, and goes on with pages that it grows.
//
// Linkers before LLVM 15 have no __heap_end. There the region ends with the page that __heap_base is in, which is always part of
// the initial memory.
#pragma once

#include "../../runs.h"
#include "../pages.h"

extern "C" {
extern unsigned char __heap_base;
[[gnu::weak]] extern unsigned char __heap_end;
}

namespace memory_wasm {

using TheHeap = RunHeap<WasmPages>;

// What is not inlined is compiled once, with malloc: there it is to be fast, elsewhere small.
extern template class Heap<WasmPages, TheHeap>;
extern template class RunHeap<WasmPages>;

// Where the state lies is known when the program is linked: that saves each malloc a load.
alignas(kAlignment) inline TheHeap the_state;

// Null before the first allocation or region.
inline TheHeap* the_heap = nullptr;

inline uintptr_t end_of_page(uintptr_t address) { return (address + kPageSize - 1) / kPageSize * kPageSize; }

inline TheHeap* make_heap() {
  const uintptr_t begin = reinterpret_cast<uintptr_t>(&__heap_base);
  const uintptr_t known_end = reinterpret_cast<uintptr_t>(&__heap_end);
  const uintptr_t end = known_end ? known_end : end_of_page(begin);
  the_state.open();
  the_state.add_region(begin, end - begin);  // if that is too small, it begins with pages that it grows
  return the_heap = &the_state;
}

// How many of the bytes are now in its footprint.
inline size_t make_heap_in(uintptr_t address, size_t bytes) { return make_heap()->add_region(address, bytes); }

// There is one state, and only it can be taken over: from a restored copy of the memory.
inline bool take_over(TheHeap* heap) {
  if (heap != &the_state) return false;
  the_heap = heap;
  return true;
}

// Also before there is a heap: all zero, it has nothing at hand.
inline TheHeap* heap_at_hand() { return &the_state; }

}  // namespace memory_wasm
