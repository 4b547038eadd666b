// The one heap of libmemory.a: linked into the program, it begins in what the program's memory has left, between the
// linker's __heap_base and __heap_end, and goes on with pages that it grows.
#pragma once

#include "../../runs.h"
#include "../pages.h"

extern "C" {
extern unsigned char __heap_base;
extern unsigned char __heap_end;
}

namespace memory_wasm {

using TheHeap = RunHeap<WasmPages>;

inline TheHeap* the_heap = nullptr;

inline TheHeap* make_heap() {
  const uintptr_t begin = reinterpret_cast<uintptr_t>(&__heap_base);
  const uintptr_t end = reinterpret_cast<uintptr_t>(&__heap_end);
  the_heap = TheHeap::create_in(begin, end - begin);
  return the_heap ? the_heap : the_heap = TheHeap::create();
}

}  // namespace memory_wasm
