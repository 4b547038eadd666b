// The first broken invariant of a heap. Only reads.
#pragma once

#include "chunk_heap.h"

namespace memory_wasm {

enum class Invariant : int {
  kHolds = 0,
  kRegionBounds = 1,
  kChunkSize = 2,
  kFlagBelow = 3,
  kNotCoalesced = 4,
  kFoot = 5,
  kFence = 6,
  kTop = 7,
  kBinLinks = 8,
  kBinClass = 9,
  kBinMap = 10,
  kLostChunk = 11,
  kFootprint = 12,
  kUntouched = 13,
  kCellMap = 14,
  kCellSlots = 15,
  kCellCount = 16,
  kCellLinks = 17,
  kActiveWord = 18,
  kSeal = 19,
  kState = 20,
  kQuickList = 21,
  kOwner = 22,
};

constexpr const char* text(Invariant invariant) {
  switch (invariant) {
    case Invariant::kHolds: return "every invariant holds";
    case Invariant::kRegionBounds: return "a region's bounds are not aligned, not in the memory, or not in order";
    case Invariant::kChunkSize: return "a chunk's size is too small, not a multiple of 16, or reaches beyond its region";
    case Invariant::kFlagBelow: return "a chunk's flag about the chunk below does not match that chunk";
    case Invariant::kNotCoalesced: return "two neighbouring chunks are free: they should have been coalesced";
    case Invariant::kFoot: return "a free chunk's foot differs from its head";
    case Invariant::kFence: return "a region does not end with a fence";
    case Invariant::kTop: return "top is not the last chunk of the newest region, or is in use";
    case Invariant::kBinLinks: return "a bin's links do not agree with each other";
    case Invariant::kBinClass: return "a bin has a chunk of another size class, or one that is in use";
    case Invariant::kBinMap: return "the bitmap does not say which bins have chunks";
    case Invariant::kLostChunk: return "a free chunk is in no bin, or their bytes are counted wrong";
    case Invariant::kFootprint: return "the footprint is not the sum of the regions";
    case Invariant::kUntouched: return "the part of top that counts as never touched begins below top";
    case Invariant::kCellMap: return "the page map has an entry that is no cell's descriptor, or not every cell";
    case Invariant::kCellSlots: return "a cell's descriptor has another class or shape than its seal, or free slots beyond its last";
    case Invariant::kCellCount: return "a cell's countdown does not match its slots in use";
    case Invariant::kCellLinks: return "a class's lists have a broken link, a cell of another class, or not every cell with free slots";
    case Invariant::kActiveWord: return "a class hands out slots that are not free slots of its current cell";
    case Invariant::kSeal: return "a seal does not fit: of a chunk in use, of top, or of a region";
    case Invariant::kState: return "the heap's state was overwritten from below, or is another version's";
    case Invariant::kQuickList: return "a quick list has a chunk of another size, or the count of bytes kept in them is wrong";
    case Invariant::kOwner: return "a page of the heap belongs to the heap of another thread";
  }
  return "unknown invariant";
}

// It follows no link before it knows that something of the heap can be there.
// Inlined whole, because memory.wasm has no stack for an object.
template <class H>
class ChunkChecker {
 public:
  [[gnu::always_inline]] explicit ChunkChecker(const H& heap) : heap_(heap) {}

  [[gnu::always_inline]] Invariant run() {
    if (Invariant broken = check_regions(); broken != Invariant::kHolds) return broken;
    if (Invariant broken = check_bins(); broken != Invariant::kHolds) return broken;
    if (free_chunks_ != binned_chunks_ || free_bytes_ != heap_.free_in_bins()) return Invariant::kLostChunk;
    return Invariant::kHolds;
  }

 private:
  [[gnu::always_inline]] Invariant check_regions() {
    const Region* newest = heap_.newest_region();
    if (heap_.high() > H::Memory::end()) return Invariant::kRegionBounds;
    size_t footprint = 0;  // in bytes of blocks, like the heap's
    uintptr_t low = ~uintptr_t(0);
    for (const Region* region = newest; region; region = region->next) {
      if (!are_bounds_sound(region)) return Invariant::kRegionBounds;
      if (!H::is_sealed(region)) return Invariant::kSeal;
      if (region != newest && region->end > newest->begin) return Invariant::kRegionBounds;
      if (region->begin < low) low = region->begin;
      footprint += region->bytes() * H::Places::kScale;
      if (footprint > heap_.footprint()) return Invariant::kFootprint;  // or a cycle
      if (Invariant broken = check_region(region); broken != Invariant::kHolds) return broken;
    }
    if (footprint != heap_.footprint()) return Invariant::kFootprint;
    if (!newest) return Invariant::kHolds;
    if (low != heap_.low() || newest->end != heap_.high()) return Invariant::kRegionBounds;
    const uintptr_t zero_from = heap_.known_zero_from();
    if (zero_from < heap_.top()->address() + kHeadSize || zero_from > newest->end) return Invariant::kUntouched;
    return heap_.top_is_sealed() ? Invariant::kHolds : Invariant::kSeal;
  }

  [[gnu::always_inline]] bool are_bounds_sound(const Region* region) const {
    const uintptr_t address = reinterpret_cast<uintptr_t>(region);
    if (!is_aligned(address, kAlignment) || !is_in_heap(address, Region::kSize)) return false;
    return is_aligned(region->begin, kAlignment) && is_aligned(region->end, kAlignment) && region->begin <= address && region->begin >= heap_.low() &&
           region->end <= heap_.high() && region->end > address && region->end - address >= Region::kSize + kMinChunk + kHeadSize;
  }

  [[gnu::always_inline]] bool is_in_heap(uintptr_t address, size_t bytes) const {
    return address >= heap_.low() && address < heap_.high() && bytes <= heap_.high() - address;
  }

  [[gnu::always_inline]] Invariant check_region(const Region* region) {
    const Chunk* fence = region->fence();
    bool below_in_use = true;
    const Chunk* chunk = region->first();
    for (; chunk < fence && chunk != heap_.top(); chunk = chunk->above()) {
      if (Invariant broken = check_chunk(chunk, fence, below_in_use); broken != Invariant::kHolds) return broken;
      below_in_use = chunk->in_use();
    }
    if (region == heap_.newest_region()) {
      if (Invariant broken = check_top(chunk, fence, below_in_use); broken != Invariant::kHolds) return broken;
      if (chunk != fence) below_in_use = false;
      chunk = fence;
    }
    const size_t flags = Chunk::kInUse | (below_in_use ? Chunk::kBelowInUse : 0);
    return chunk == fence && fence->head == flags ? Invariant::kHolds : Invariant::kFence;
  }

  [[gnu::always_inline]] Invariant check_chunk(const Chunk* chunk, const Chunk* fence, bool below_in_use) {
    if (chunk->size() < kMinChunk || chunk->size() > fence->address() - chunk->address()) return Invariant::kChunkSize;
    if (chunk->below_in_use() != below_in_use) return Invariant::kFlagBelow;
    if (chunk->in_use()) return heap_.is_sealed(chunk) ? Invariant::kHolds : Invariant::kSeal;
    if (chunk->head & (Chunk::kOwn | Chunk::kQuick)) return Invariant::kChunkSize;
    if (!below_in_use) return Invariant::kNotCoalesced;
    if (!heap_.foot_fits(chunk)) return Invariant::kFoot;
    free_chunks_++;
    free_bytes_ += chunk->size();
    return Invariant::kHolds;
  }

  [[gnu::always_inline]] Invariant check_top(const Chunk* chunk, const Chunk* fence, bool below_in_use) {
    if (chunk != heap_.top() || !heap_.fence_is(fence->address()) || !heap_.reach_is_possible()) return Invariant::kTop;
    if (!below_in_use) return Invariant::kNotCoalesced;
    if (chunk == fence) return Invariant::kHolds;
    if (chunk->in_use() || chunk->size() != fence->address() - chunk->address()) return Invariant::kTop;
    return chunk->below_in_use() ? Invariant::kHolds : Invariant::kFlagBelow;
  }

  [[gnu::always_inline]] Invariant check_bins() {
    const auto& bins = heap_.bins();
    for (unsigned bin = kClasses; bin < bins.kWords * bins.kMapBits; bin++)
      if (bins.is_marked(bin)) return Invariant::kBinMap;
    for (unsigned bin = 0; bin < kClasses; bin++) {
      if (bins.is_marked(bin) != (bins.first(bin) != nullptr)) return Invariant::kBinMap;
      const Chunk* previous = nullptr;
      for (const Chunk* chunk = bins.first(bin); chunk; previous = chunk, chunk = bins.next(chunk)) {
        const uintptr_t address = reinterpret_cast<uintptr_t>(chunk);
        if (!is_aligned(address + kHeadSize, kAlignment) || !is_in_heap(address, kMinChunk)) return Invariant::kBinLinks;
        // More chunks than the regions have: a cycle.
        if (bins.previous(chunk) != previous || ++binned_chunks_ > free_chunks_) return Invariant::kBinLinks;
        if (chunk->in_use() || size_class(chunk->size()) != bin) return Invariant::kBinClass;
      }
    }
    return Invariant::kHolds;
  }

  const H& heap_;
  size_t free_chunks_ = 0;
  size_t free_bytes_ = 0;
  size_t binned_chunks_ = 0;
};

template <Pages P, class Tags>
inline Invariant check(const ChunkHeap<P, Tags>& heap) {
  return ChunkChecker<ChunkHeap<P, Tags>>(heap).run();
}

}  // namespace memory_wasm
