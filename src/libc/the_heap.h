// The one heap, for the C names: made when it is first needed.
#pragma once

#include "instance.h"

namespace memory_wasm {

inline TheHeap* heap_or_null() {
  TheHeap* heap = the_heap;
  return __builtin_expect(heap != nullptr, 1) ? heap : make_heap();
}

// The heap that a block came from. Traps if there is no heap yet: then the pointer can't be ours.
inline TheHeap& owner() {
  TheHeap* heap = the_heap;
  trap_if(!heap);
  return *heap;
}

// Whether the block may have been asked for with `bytes`.
template <class H>
inline bool can_hold(const H& heap, const void* mem, size_t bytes) {
  if constexpr (requires { heap.can_hold(mem, bytes); }) return heap.can_hold(mem, bytes);
  else return bytes <= heap.usable_size(mem);
}

// count * size. True if that is more than any request may be. Where one of them is large, their logarithms decide: a wider
// multiplication, or the division that clang makes one of, would for 64-bit sizes call a function that needs a stack. Inlined, or
// `bytes` would be on one.
[[gnu::always_inline]] inline bool product_overflows(size_t count, size_t size, size_t* bytes) {
  *bytes = count * size;
  constexpr size_t kHalf = size_t(1) << 4 * sizeof(size_t);
  return __builtin_expect((count | size) >= kHalf, 0) && count && size && log2_floor(count) + log2_floor(size) >= 8 * sizeof(size_t) - 1;
}

inline size_t footprint() { return the_heap ? the_heap->footprint() : 0; }

// Does the operation and then, if the heap grew, tells the host. Not earlier: the callback may use the heap.
template <class Operation>
[[gnu::always_inline]] inline void* and_report_growth(Operation operation) {
  const size_t before = footprint();
  void* mem = operation();
  if (__builtin_expect(footprint() != before, 0)) WasmPages::grown();
  return mem;
}

}  // namespace memory_wasm
