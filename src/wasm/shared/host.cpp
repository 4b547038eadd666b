// What a host asks of the shared heap alone (include/memory_wasm_shared.h).
#include <memory_wasm_shared.h>

#include "instance.h"

using memory_wasm::HeapNumber;
using memory_wasm::HeapStatus;
using memory_wasm::kCommonsOwn;
using memory_wasm::kNobody;
using memory_wasm::TheHeap;
using memory_wasm::WasmMachine;

namespace {

bool is_number(unsigned heap) { return WasmMachine::commons() && heap > kNobody && heap < kCommonsOwn; }

}  // namespace

extern "C" {

void* heap_shared_state() { return reinterpret_cast<void*>(WasmMachine::commons()); }

unsigned heap_shared_number() { return WasmMachine::number(); }

unsigned heap_shared_status(unsigned heap) {
  return is_number(heap) ? static_cast<unsigned>(TheHeap::commons().status(static_cast<HeapNumber>(heap))) : HEAP_SHARED_FREE;
}

int heap_shared_change(unsigned heap, unsigned from, unsigned to) {
  const bool is_allowed = (from == HEAP_SHARED_LIVE && to == HEAP_SHARED_HELD) ||
                          ((from == HEAP_SHARED_LIVE || from == HEAP_SHARED_HELD) && to == HEAP_SHARED_ENDED);
  return is_number(heap) && is_allowed &&
         TheHeap::commons().change(static_cast<HeapNumber>(heap), static_cast<HeapStatus>(from), static_cast<HeapStatus>(to));
}
}
