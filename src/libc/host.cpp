// What a host asks of the heap (include/memory_wasm.h), and sbrk.
#include <memory_wasm.h>
#include <unistd.h>

#include "../walk.h"
#include "instance.h"

using memory_wasm::the_heap;
using memory_wasm::TheKey;
using memory_wasm::WasmPages;

namespace {

uintptr_t address_of(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

}  // namespace

extern "C" {

unsigned heap_version() { return HEAP_VERSION; }

unsigned heap_layout() { return memory_wasm::TheHeap::layout(); }

size_t heap_add_region(void* address, size_t bytes) {
  return the_heap ? the_heap->add_region(address_of(address), bytes) : memory_wasm::make_heap_in(address_of(address), bytes);
}

size_t heap_footprint() { return the_heap ? the_heap->footprint() : 0; }

size_t heap_in_use() { return the_heap ? in_use(*the_heap) : 0; }

size_t heap_largest_free() { return the_heap ? the_heap->largest_free() : 0; }

void* heap_span_next(const void* span) { return the_heap ? reinterpret_cast<void*>(next_span(*the_heap, address_of(span))) : nullptr; }

size_t heap_span_bytes(const void* span) { return the_heap ? span_bytes(*the_heap, address_of(span)) : 0; }

int heap_span_kind(const void* span) {
  return static_cast<int>(the_heap ? span_kind(*the_heap, address_of(span)) : memory_wasm::SpanKind::kOverhead);
}

int heap_check() { return the_heap ? static_cast<int>(memory_wasm::check(*the_heap)) : 0; }

size_t heap_trim() {
  if (the_heap) the_heap->trim();
  return heap_largest_free();
}

void heap_reset() {
  if (the_heap) the_heap->reset();
}

void* heap_state() { return the_heap; }

int heap_attach(void* state) { return memory_wasm::attach(address_of(state)); }

// A heap that was overwritten, by a restored copy of the memory, is none any more: the copy has a key of its own.
int heap_protect(unsigned key) { return TheKey::set(key, the_heap && heap_attach(the_heap)); }

void heap_on_grow(void (*callback)()) { WasmPages::on_grow = callback; }

// Memory can't shrink and others may grow it, so each growth begins at the memory's end as it is then.
[[gnu::weak]] void* sbrk(intptr_t increment) {
  constexpr size_t kPage = memory_wasm::kPageSize;
  void* const failed = reinterpret_cast<void*>(-1);
  if (increment == 0) return reinterpret_cast<void*>(WasmPages::end());
  if (increment < 0) return failed;
  const uintptr_t begin = WasmPages::grow((static_cast<size_t>(increment) + kPage - 1) / kPage);
  if (begin == memory_wasm::kNoPages) return failed;
  WasmPages::grown();
  return reinterpret_cast<void*>(begin);
}
}
