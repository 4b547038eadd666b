// The one heap of a static library: linked into the program, it begins in what the program's memory has left, between the
// linker's __heap_base and __heap_end, and goes on with pages that it grows.
//
// Linkers before LLVM 15 have no __heap_end. There the region ends with the page that __heap_base is in, which is always part of
// the initial memory.
#pragma once

#include "../../heap.h"
#include "variant.h"

extern "C" {
extern unsigned char __heap_base;
[[gnu::weak]] extern unsigned char __heap_end;

// The program may define it, to give the seals a key that differs from run to run.
[[gnu::weak]] size_t heap_key();
}

namespace memory_wasm {

static_assert(Heap<TheHeap>);

// The linker knows the state's address: that saves each malloc a load.
alignas(kAlignment) inline TheHeap the_state;

// Null before the first allocation or region. Thread-local in name only: without the feature `atomics` the compiler makes it an
// ordinary variable, and notes in the object file that it must not be linked into a shared memory. So the linker refuses this heap,
// which has no locks, in a program with threads; libmemory-shared.a is for those.
inline __thread TheHeap* the_heap = nullptr;

// Unless heap_protect was there before.
inline void set_key() {
  if (heap_key && !TheKey::is_set()) TheKey::set(static_cast<uint32_t>(heap_key()), false);
  TheKey::set_default();
}

inline TheHeap* make_heap() {
  const uintptr_t begin = reinterpret_cast<uintptr_t>(&__heap_base);
  const uintptr_t known_end = reinterpret_cast<uintptr_t>(&__heap_end);
  const uintptr_t end = known_end ? known_end : align_up(begin, kPageSize);
  set_key();
  the_state.open();
  the_state.add_region(begin, end - begin);  // if that is too small, it begins with pages that it grows
  return the_heap = &the_state;
}

// How many of the bytes are now in its footprint.
inline size_t make_heap_in(uintptr_t address, size_t bytes) { return make_heap()->add_region(address, bytes); }

// There is one state, and only it can be attached: from a restored copy of the memory.
inline bool attach(uintptr_t state) {
  set_key();
  TheHeap* heap = TheHeap::at(state);
  if (heap != &the_state) return false;
  the_heap = heap;
  return true;
}

// Also before there is a heap: all zero, it has nothing at hand.
inline TheHeap* heap_at_hand() { return &the_state; }

}  // namespace memory_wasm
