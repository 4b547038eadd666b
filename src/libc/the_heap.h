// The one heap, for the C names: made when it is first needed.
#pragma once

#include "instance.h"

namespace memory_wasm {

inline TheHeap* heap_or_null() {
  TheHeap* heap = the_heap;
  return __builtin_expect(heap != nullptr, 1) ? heap : make_heap();
}

// The heap that a block came from. Without a heap nothing can have come from it.
inline TheHeap& owner() {
  TheHeap* heap = the_heap;
  trap_if(!heap);
  return *heap;
}

}  // namespace memory_wasm
