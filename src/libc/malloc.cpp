// malloc, free, calloc and realloc over the heap: what must be fast. No logic of the heap here; only what the C standard
// (C23) says about arguments and results.
#include <memory_wasm.h>
#include <stdlib.h>

#include "the_heap.h"

using memory_wasm::and_report_growth;
using memory_wasm::heap_or_null;
using memory_wasm::owner;
using memory_wasm::TheHeap;

namespace {

[[gnu::noinline]] void* allocate(size_t size) {
  return and_report_growth([=]() -> void* {
    TheHeap* heap = heap_or_null();
    return heap ? heap->allocate_elsewhere(size) : nullptr;
  });
}

}  // namespace

extern "C" {

// Short enough for an engine to inline: whatever is not at hand is out of line.
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
  if (memory_wasm::product_overflows(count, size, &bytes)) return nullptr;
  return and_report_growth([=]() -> void* {
    TheHeap* heap = heap_or_null();
    return heap ? heap->allocate_zeroed(bytes) : nullptr;
  });
}

void* realloc(void* mem, size_t size) {
  if (!mem) return malloc(size);
  return and_report_growth([=] { return owner().resize(mem, size); });
}
}
