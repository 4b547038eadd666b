// The first broken invariant of a heap with quick lists: those of its chunks, then those of the lists. Only reads.
#pragma once

#include "check.h"
#include "quick_heap.h"

namespace memory_wasm {

template <class H>
inline size_t count_quick_chunks(const H& heap) {
  size_t count = 0;
  for (const Region* region = heap.chunks().newest_region(); region; region = region->next)
    for (const Chunk* chunk = region->first(); chunk < region->fence(); chunk = chunk->above())
      count += chunk->in_use() && chunk->head & Chunk::kQuick;
  return count;
}

template <Pages P>
inline Invariant check(const QuickHeap<P>& heap) {
  if (!heap.is_open()) return Invariant::kState;
  if (Invariant broken = check(heap.chunks()); broken != Invariant::kHolds) return broken;
  size_t left = count_quick_chunks(heap);
  size_t kept = 0;
  for (size_t size = 0; size <= heap.kQuickLimit; size += kAlignment)
    for (const Chunk* chunk = heap.first_quick(size); chunk; chunk = heap.next_quick(chunk)) {
      const uintptr_t address = chunk->address();
      if (!is_aligned(address + kHeadSize, kAlignment) || address < heap.chunks().low() || address >= heap.chunks().high())
        return Invariant::kQuickList;
      const size_t flags = chunk->head & (Chunk::kInUse | Chunk::kQuick);
      if (left-- == 0 || chunk->size() != size || flags != (Chunk::kInUse | Chunk::kQuick)) return Invariant::kQuickList;
      kept += size;
    }
  return left == 0 && kept == heap.kept() ? Invariant::kHolds : Invariant::kQuickList;
}

}  // namespace memory_wasm
