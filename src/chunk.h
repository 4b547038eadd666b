// A chunk is a run of bytes between two boundary tags. This file knows how a chunk is laid out and where its
// neighbours are; it knows nothing of bins, regions or pages.
//
//     chunk -> | head: size of this chunk                               |P|C|
//       mem -> | payload, 16-byte aligned ...                               |
//              | (once the chunk is free: next_free, previous_free, ...     |
//              |  and in its last word the foot: its size once more)        |
//     above -> | head of the chunk above ...                                |
//
// C: this chunk is in use.  P: the chunk below is in use; the word under the head is a foot only if it is not.
// Sizes are multiples of 16 and count the head; a chunk in use also owns the word that would be its foot.
// Two free chunks are never neighbours: they would have been coalesced.
// A region ends with a fence: a head of size 0 that is in use, so that no chunk has nothing above it.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace memory_wasm {

constexpr size_t kAlignment = 16;

// Where the heap finds that it was misused or overwritten it stops: going on would corrupt what is still sound.
inline void trap_if(bool broken) {
  if (__builtin_expect(broken, 0)) __builtin_trap();
}

constexpr bool is_aligned(uintptr_t address, size_t alignment) { return (address & (alignment - 1)) == 0; }
constexpr uintptr_t align_up(uintptr_t address, size_t alignment) {
  return (address + alignment - 1) & ~uintptr_t(alignment - 1);
}
constexpr uintptr_t align_down(uintptr_t address, size_t alignment) { return address & ~uintptr_t(alignment - 1); }

struct Chunk {
  static constexpr size_t kInUse = 1;
  static constexpr size_t kBelowInUse = 2;
  static constexpr size_t kFlags = kAlignment - 1;

  size_t head;
  Chunk* next_free;      // the links exist only while the chunk is free
  Chunk* previous_free;  // null in the first chunk of a bin

  static Chunk* at(uintptr_t address) { return reinterpret_cast<Chunk*>(address); }
  static Chunk* of(const void* mem) { return at(reinterpret_cast<uintptr_t>(mem) - sizeof(size_t)); }

  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
  void* mem() { return &next_free; }
  size_t size() const { return head & ~kFlags; }
  size_t payload() const { return size() - sizeof(size_t); }
  bool in_use() const { return head & kInUse; }
  bool below_in_use() const { return head & kBelowInUse; }
  bool is_fence() const { return size() == 0; }

  Chunk* above() const { return at(address() + size()); }
  size_t& foot() const { return *reinterpret_cast<size_t*>(address() + size() - sizeof(size_t)); }
  size_t foot_below() const { return *reinterpret_cast<const size_t*>(address() - sizeof(size_t)); }
  Chunk* below() const { return at(address() - foot_below()); }
};

constexpr size_t kHeadSize = sizeof(size_t);
constexpr size_t kMinChunk = 4 * sizeof(size_t);  // head, two links, foot
static_assert(sizeof(Chunk) + sizeof(size_t) == kMinChunk);
static_assert(kMinChunk % kAlignment == 0);

// Requests above PTRDIFF_MAX are refused: C gives no way to subtract pointers in such an object.
// The rest of the arithmetic on sizes then can't overflow.
constexpr size_t kMaxRequest = PTRDIFF_MAX - 2 * kAlignment;

// The size of the smallest chunk with `bytes` (<= kMaxRequest) of payload.
constexpr size_t chunk_size(size_t bytes) {
  const size_t size = align_up(bytes + kHeadSize, kAlignment);
  return size < kMinChunk ? kMinChunk : size;
}

}  // namespace memory_wasm
