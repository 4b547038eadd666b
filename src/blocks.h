// Where the block of a chunk is: behind the chunk's head, or, if the tags are in a memory of their own (P::kScale), elsewhere. There the
// chunks can be closer together than their blocks, so that tags touch few pages: each byte of them stands for kScale bytes of blocks.
//
//     kScale 1    | head | block ...                          | seal | head | block ...
//
//     kScale 4    tags     | head|    |seal| head| ...                     a chunk of 16 bytes and more
//                 blocks   | block ...                 |canary| block ...  at four times the address of its payload
//
// Addresses and sizes of chunks, regions and the heap's own chunks are those of the tags; those of blocks and cells are the program's.
#pragma once

#include "region.h"

namespace memory_wasm {

template <Pages P, class Tags>
struct Blocks {
  static constexpr bool kAreApart = requires { P::kScale; };

  static constexpr size_t scale() {
    if constexpr (kAreApart) return P::kScale;
    else return 1;
  }
  static constexpr size_t kScale = scale();
  static constexpr size_t kPage = kPageSize / kScale;

  // Of a block's room, what is not the program's. Where the tags are apart it is the canary: a word that has the chunk's seal, so that a block
  // which was overrun shows when it is freed.
  static constexpr size_t kOverhead = kAreApart ? sizeof(size_t) : Tags::kOverhead;

  // ---- sizes ----

  // The size of the smallest chunk with `bytes` (<= kMaxRequest) of payload of its own; for a block of that many.
  static constexpr size_t chunk_size_of_own(size_t bytes) { return least_chunk(align_up(bytes + Tags::kOverhead, kAlignment)); }
  static constexpr size_t chunk_size(size_t bytes) { return least_chunk(align_up(bytes + kOverhead, kAlignment * kScale) / kScale); }
  static constexpr size_t payload_of(size_t chunk_size) { return chunk_size * kScale - kOverhead; }

  // A chunk's alignment for a block's.
  static constexpr size_t chunk_alignment(size_t alignment) {
    return kAreApart && alignment <= kAlignment * kScale ? kAlignment : alignment / kScale;
  }

  // ---- places ----

  static uintptr_t address_of(const Chunk* chunk) { return (chunk->address() + kHeadSize) * kScale; }
  static void* of(Chunk* chunk) {
    if constexpr (!kAreApart) return chunk->mem();
    return reinterpret_cast<void*>(address_of(chunk));
  }
  static Chunk* chunk_at(uintptr_t address) { return Chunk::at(address / kScale - kHeadSize); }
  static bool is_aligned(uintptr_t address) { return memory_wasm::is_aligned(address, kAlignment * kScale); }

  static size_t* canary(const Chunk* chunk) { return reinterpret_cast<size_t*>(address_of(chunk) + chunk->size() * kScale - sizeof(size_t)); }

  // The part of [address, address + bytes) that can be a region with `reserved` bytes set aside (region.h).
  [[gnu::always_inline]] static Range usable_range(uintptr_t address, size_t bytes, size_t reserved) {
    const uintptr_t limit = P::end();
    if constexpr (!kAreApart) return memory_wasm::usable_range(address, bytes, reserved, limit);
    const uintptr_t begin = address / kScale + (address % kScale != 0);
    uintptr_t end = static_cast<uintptr_t>((uint64_t(address) + bytes) / kScale);
    if (end == limit + kAlignment && !memory_wasm::is_aligned(limit, kPage)) end = limit;  // of a full memory
    return end < begin ? Range{} : memory_wasm::usable_range(begin, end - begin, reserved, limit);
  }

 private:
  static constexpr size_t least_chunk(size_t size) { return size < kMinChunk ? kMinChunk : size; }
};

}  // namespace memory_wasm
