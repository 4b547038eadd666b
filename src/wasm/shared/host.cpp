// What a host asks of the shared heap alone (include/memory_wasm_shared.h).
#include <memory_wasm_shared.h>

#include "instance.h"

using memory_wasm::Commons;
using memory_wasm::HeapStatus;
using memory_wasm::TheHeap;
using memory_wasm::WasmMachine;

namespace {

// Null also if `heap` is no number of a heap.
Commons* commons_of(const void* state, unsigned heap) {
  const bool is_number = heap > memory_wasm::kNobody && heap < memory_wasm::kCommonsOwn;
  return is_number ? TheHeap::commons_at(reinterpret_cast<uintptr_t>(state)) : nullptr;
}

}  // namespace

extern "C" {

void* heap_shared_state() { return reinterpret_cast<void*>(WasmMachine::commons()); }

unsigned heap_shared_number() { return WasmMachine::number(); }

unsigned heap_shared_status(const void* state, unsigned heap) {
  const Commons* commons = commons_of(state, heap);
  return commons ? static_cast<unsigned>(commons->status(heap)) : HEAP_SHARED_FREE;
}

int heap_shared_change(void* state, unsigned heap, unsigned from, unsigned to) {
  const bool is_allowed =
      (from == HEAP_SHARED_LIVE && to == HEAP_SHARED_HELD) || ((from == HEAP_SHARED_LIVE || from == HEAP_SHARED_HELD) && to == HEAP_SHARED_ENDED);
  Commons* commons = is_allowed ? commons_of(state, heap) : nullptr;
  return commons && commons->change(heap, static_cast<HeapStatus>(from), static_cast<HeapStatus>(to));
}

void* heap_shared_kept() { return memory_wasm::the_heap ? reinterpret_cast<void*>(memory_wasm::the_heap->kept()) : nullptr; }

void heap_shared_keep(void* block) {
  if (memory_wasm::the_heap) memory_wasm::the_heap->kept() = reinterpret_cast<uintptr_t>(block);
}
}
