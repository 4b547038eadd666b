// malloc, free, calloc and realloc over the heap: what must be fast. No logic of the heap here; only what the C standard
// (C23) says about arguments and results.
#include <memory_wasm.h>
#include <stdlib.h>

#include "the_heap.h"

using memory_wasm::heap_or_null;
using memory_wasm::owner;
using memory_wasm::TheHeap;

// See instance.h.
template class memory_wasm::Heap<TheHeap::Memory, TheHeap>;
template class memory_wasm::RunHeap<TheHeap::Memory>;

namespace {

[[gnu::noinline]] void* allocate(size_t size) {
  TheHeap* heap = heap_or_null();
  return heap ? heap->allocate_elsewhere(size) : nullptr;
}

}  // namespace

extern "C" {

// Short enough for an engine to inline: what is not at hand is out of line.
void* malloc(size_t size) {
  TheHeap* heap = memory_wasm::heap_at_hand();
  void* mem = heap ? heap->allocate_at_hand(size) : nullptr;
  return __builtin_expect(mem != nullptr, 1) ? mem : allocate(size);
}

void free(void* mem) {
  TheHeap* heap = memory_wasm::heap_at_hand();
  if (heap) return heap->release(mem);
  memory_wasm::trap_if(mem);
}

void* calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return nullptr;
  TheHeap* heap = heap_or_null();
  return heap ? heap->allocate_zeroed(bytes) : nullptr;
}

void* realloc(void* mem, size_t size) { return mem ? owner().resize(mem, size) : malloc(size); }
}
