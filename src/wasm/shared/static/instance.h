// The heap of each thread of a program that is linked with libmemory-shared.a. Every thread is an instance of the program over the
// same memory: a WebAssembly global is its own, a static variable is everybody's. A thread's first allocation joins the others.
#pragma once

#include "../../../heap.h"
#include "variant.h"

// The program may define it: the key of the seals, the same in each thread.
extern "C" [[gnu::weak]] size_t heap_key();

namespace memory_wasm {

static_assert(Heap<TheHeap>);

// The commons: of all threads.
[[gnu::visibility("hidden")]] inline uintptr_t the_commons_of_all = 0;

[[gnu::visibility("hidden")]] inline TheHeap* the_heap __attribute__((address_space(1))) = nullptr;

inline void set_key() {
  if (heap_key && !TheKey::is_set()) TheKey::set(static_cast<uint32_t>(heap_key()), false);
  TheKey::set_default();
}

// The first thread makes the commons. Should two be first, one is faster, and the pages of the other stay unused.
[[gnu::noinline]] inline TheHeap* make_heap() {
  set_key();
  if (!Atomics::load(the_commons_of_all)) {
    TheHeap* heap = TheHeap::create();
    if (!heap || Atomics::replace(the_commons_of_all, uintptr_t(0), WasmMachine::commons())) return the_heap = heap;
    WasmMachine::enter(0, kNobody);
  }
  return the_heap = TheHeap::at(Atomics::load(the_commons_of_all));
}

// How many of the bytes are now in its footprint.
inline size_t make_heap_in(uintptr_t address, size_t bytes) {
  TheHeap* heap = make_heap();
  return heap ? heap->add_region(address, bytes) : 0;
}

inline bool attach(uintptr_t state) {
  set_key();
  TheHeap* heap = TheHeap::at(state);
  if (heap) the_heap = heap;
  return heap;
}

// A thread that never allocated may free another thread's block.
inline TheHeap* heap_at_hand() {
  TheHeap* heap = the_heap;
  return __builtin_expect(heap != nullptr, 1) ? heap : make_heap();
}

}  // namespace memory_wasm
