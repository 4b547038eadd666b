// A chunk is a run of bytes between two boundary tags. This file knows how a chunk is laid out and where its neighbours
// are; it knows nothing of bins, regions or pages.
//
//     chunk -> | head: size of this chunk                           |Q|O|P|C|
//       mem -> | payload, 16-byte aligned ...                               |
//              | (once the chunk is free: two links, ...)                   |
//              | foot: free: its size once more. In use: its seal, if the   |
//              |       heap has seals, else the block's                     |
//     above -> | head of the chunk above ...                                |
//
// C: this chunk is in use.  P: the chunk below is in use; the word under the head is that chunk's size only if it is not.
// O: the heap's own (the page map, a cell and its descriptor): in use, but no block, so freeing it traps.
// Q: freed, but still counted as in use: it waits in a quick list (quick_heap.h), so freeing it again traps.
// Sizes are multiples of 16 and count the head. Two free chunks are never neighbours: they would have been coalesced.
// A region ends with a fence: a head of size 0 that is in use, so that every chunk has a head above it.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace memory_wasm {

constexpr size_t kAlignment = 16;

// When the heap finds that it was misused or overwritten it traps at once, so that the damage does not spread.
inline void trap_if(bool broken) {
  if (__builtin_expect(broken, 0)) __builtin_trap();
}

constexpr bool is_aligned(uintptr_t address, size_t alignment) { return (address & (alignment - 1)) == 0; }
constexpr uintptr_t align_up(uintptr_t address, size_t alignment) { return (address + alignment - 1) & ~uintptr_t(alignment - 1); }
constexpr uintptr_t align_down(uintptr_t address, size_t alignment) { return address & ~uintptr_t(alignment - 1); }

struct Chunk {
  static constexpr size_t kInUse = 1;
  static constexpr size_t kBelowInUse = 2;
  static constexpr size_t kOwn = 4;
  static constexpr size_t kQuick = 8;
  static constexpr size_t kFlags = kAlignment - 1;

  size_t head;
  uintptr_t next_free;  // the links exist only while the chunk is free; tags.h says how they are written
  uintptr_t previous_free;

  static Chunk* at(uintptr_t address) { return reinterpret_cast<Chunk*>(address); }
  static Chunk* of(const void* mem) { return at(reinterpret_cast<uintptr_t>(mem) - sizeof(size_t)); }

  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
  void* mem() { return &next_free; }
  size_t size() const { return head & ~kFlags; }
  bool in_use() const { return head & kInUse; }
  bool below_in_use() const { return head & kBelowInUse; }
  bool is_own() const { return head & kOwn; }

  Chunk* above() const { return at(address() + size()); }
  size_t& foot() const { return *reinterpret_cast<size_t*>(address() + size() - sizeof(size_t)); }
  size_t foot_below() const { return *reinterpret_cast<const size_t*>(address() - sizeof(size_t)); }
};

constexpr size_t kHeadSize = sizeof(size_t);
constexpr size_t kMinChunk = 4 * sizeof(size_t);  // head, two links, foot
static_assert(sizeof(Chunk) + sizeof(size_t) == kMinChunk);
static_assert(kMinChunk % kAlignment == 0);

// Requests above PTRDIFF_MAX are refused: C gives no way to subtract pointers in such an object.
// The rest of the arithmetic on sizes then can't overflow.
constexpr size_t kMaxRequest = PTRDIFF_MAX - 3 * kAlignment;

}  // namespace memory_wasm
