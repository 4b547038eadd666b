// A region: memory that the heap owns from end to end, with its record in front of its chunks.
//
//     begin                                                                      end
//       | set aside | Region | chunk | chunk | free chunk | chunk | ........... | fence
//                              ^first                                             '-> head of size 0, in use
//
// Regions are linked from the newest, which is the one at the highest address, to the lower ones.
#pragma once

#include "tags.h"

namespace memory_wasm {

// Never passed to or returned from a function that is not inlined: it would go through a stack, and there is none.
struct Range {
  uintptr_t begin = 0;
  uintptr_t end = 0;

  size_t bytes() const { return end - begin; }
};

struct Region {
  Region* next;     // older
  uintptr_t begin;  // the first byte that the region owns: this record, and what was set aside in front of it
  uintptr_t end;    // one past the fence
  size_t seal;      // of the record's address and end

  // The chunks begin behind the record, where a payload is aligned.
  static constexpr size_t kSize = align_up(4 * sizeof(size_t) + kHeadSize, kAlignment) - kHeadSize;

  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
  Chunk* first() const { return Chunk::at(address() + kSize); }
  Chunk* fence() const { return Chunk::at(end - kHeadSize); }
  size_t bytes() const { return end - begin; }
};
static_assert(sizeof(Region) <= Region::kSize);

// The part of [address, address + bytes) that can be a region with `reserved` bytes set aside, in a memory that ends at
// `limit`. Empty if there is none.
[[gnu::always_inline]] inline Range usable_range(uintptr_t address, size_t bytes, size_t reserved, uintptr_t limit) {
  if (address == 0 || address >= limit) return {};
  if (bytes > limit - address) {
    // It ends beyond the memory, unless that is a full 32-bit one: then the limit is 16 bytes short of it.
    if (address + bytes != 0 || is_aligned(limit, kPageSize)) return {};
    bytes = limit - address;
  }
  const uintptr_t begin = align_up(address, kAlignment);
  const uintptr_t end = align_down(address + bytes, kAlignment);
  const size_t least = align_up(reserved, kAlignment) + Region::kSize + kMinChunk + kHeadSize;
  if (end < begin || end - begin < least) return {};
  return {begin, end};
}

}  // namespace memory_wasm
