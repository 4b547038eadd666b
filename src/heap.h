// What a heap is: src/libc is written against this, and each variant names a type that fits (wasm/*/instance.h).
//
// A block is at a multiple of 16 (or of the alignment asked for), holds at least the bytes asked for, and stays where it is.
// A request that can't be satisfied returns null and changes nothing. A pointer that is not a block in use traps.
// `check` and the walk (check.h, walk.h) only read.
#pragma once

#include "pages.h"

namespace memory_wasm {

template <class H>
concept Heap = requires(H& heap, const H& sound, void* mem, const void* block, size_t bytes, uintptr_t address) {
  // Blocks. allocate is allocate_at_hand and, if that has nothing, allocate_elsewhere: the first is short enough to inline,
  // and works on a heap that is all zero.
  { heap.allocate(bytes) } -> Same<void*>;
  { heap.allocate_at_hand(bytes) } -> Same<void*>;
  { heap.allocate_elsewhere(bytes) } -> Same<void*>;
  { heap.allocate_zeroed(bytes) } -> Same<void*>;
  { heap.allocate_aligned(bytes, bytes) } -> Same<void*>;  // alignment (a power of two), bytes
  { heap.resize(mem, bytes) } -> Same<void*>;              // in place, or moved: where the block is now
  { heap.release(mem) } -> Same<void>;                     // nothing for null
  { sound.usable_size(block) } -> Same<size_t>;

  // The whole heap.
  { heap.trim() } -> Same<void>;                        // gives back what is kept aside for speed
  { heap.reset() } -> Same<void>;                       // every block is free; the footprint stays
  { heap.add_region(address, bytes) } -> Same<size_t>;  // how many of the bytes are now the heap's; 0: none
  { sound.footprint() } -> Same<size_t>;

  // The state: all zero until open; made by create or create_in, found again by at.
  { heap.open() } -> Same<void>;
  { H::create() } -> Same<H*>;
  { H::create_in(address, bytes) } -> Same<H*>;
  { H::at(address) } -> Same<H*>;
  { H::layout() } -> Same<size_t>;
};

}  // namespace memory_wasm
