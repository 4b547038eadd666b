// A walk over the heap, span by span, for pictures, statistics and leak hunts. Only reads.
//
// Spans tile each region: a span reaches from its address to that of the next. The part of a region in front of its first
// chunk is one span; then each chunk is one, from its payload to the payload of the chunk above. A cell is a span for each
// slot and one for its tail.
//
// Every heap is walked through its chunks(); one with cells has a map() as well.
#pragma once

#include "cell_heap.h"

namespace memory_wasm {

enum class SpanKind : int { kFree = 0, kUsed = 1, kOverhead = 2, kTop = 3 };

template <class H>
inline const auto& chunks_of(const H& heap) {
  if constexpr (requires { heap.chunks(); }) return heap.chunks();
  else return heap;
}

template <class H>
inline const Region* region_of(const H& heap, uintptr_t address) {
  constexpr size_t kScale = H::Places::kScale;
  for (const Region* region = chunks_of(heap).newest_region(); region; region = region->next)
    if (address >= region->begin * kScale && address < region->end * kScale) return region;
  return nullptr;
}

// The cell that `address` is in, or null. A heap without cells has none.
template <class H>
inline const Cell* cell_with(const H& heap, uintptr_t address) {
  if constexpr (requires { heap.map(); }) return heap.map().at(address);
  return nullptr;
}

// ---- a span in a cell ----

template <class Places>
inline size_t bytes_in_cell(const Cell* cell, uintptr_t address) {
  if (address < cell->end_of_slots()) return cell->slot_size();
  return cell->base + Places::chunk_at(cell->base)->size() * Places::kScale - address;
}

inline SpanKind kind_in_cell(const Cell* cell, uintptr_t address) {
  if (address >= cell->end_of_slots()) return SpanKind::kOverhead;
  return cell->is_free(static_cast<unsigned>((address - cell->base) / cell->slot_size())) ? SpanKind::kFree : SpanKind::kUsed;
}

// ---- any span ----

// 0 if no span can begin at `address`.
template <class H>
inline size_t span_bytes(const H& heap, uintptr_t address) {
  using Places = typename H::Places;
  const Region* region = region_of(heap, address);
  if (!region) return 0;
  if (address == region->begin * Places::kScale) return Places::address_of(region->first()) - address;
  if (const Cell* cell = cell_with(heap, address)) return bytes_in_cell<Places>(cell, address);
  return Places::chunk_at(address)->size() * Places::kScale;
}

template <class H>
inline SpanKind span_kind(const H& heap, uintptr_t address) {
  using Places = typename H::Places;
  const Region* region = region_of(heap, address);
  if (!region || address == region->begin * Places::kScale) return SpanKind::kOverhead;
  if (const Cell* cell = cell_with(heap, address)) return kind_in_cell(cell, address);
  const Chunk* chunk = Places::chunk_at(address);
  if (chunk == chunks_of(heap).top() && !chunk->in_use()) return SpanKind::kTop;
  if (chunk->is_own()) return SpanKind::kOverhead;
  return chunk->in_use() && !(chunk->head & Chunk::kQuick) ? SpanKind::kUsed : SpanKind::kFree;
}

// The address of the span after the one at `address`, of the first span for 0; 0 after the last.
template <class H>
inline uintptr_t next_span(const H& heap, uintptr_t address) {
  constexpr size_t kScale = H::Places::kScale;
  if (address == 0) return chunks_of(heap).newest_region() ? chunks_of(heap).newest_region()->begin * kScale : 0;
  const Region* region = region_of(heap, address);
  if (!region) return 0;
  const size_t bytes = span_bytes(heap, address);
  trap_if(bytes - 1 >= region->end * kScale - address);  // a head that was overwritten: the walk might never end
  const uintptr_t above = address + bytes;
  if (above < region->end * kScale) return above;
  return region->next ? region->next->begin * kScale : 0;
}

template <class H>
inline size_t in_use(const H& heap) {
  size_t sum = 0;
  for (uintptr_t address = next_span(heap, 0); address; address = next_span(heap, address))
    if (span_kind(heap, address) == SpanKind::kUsed) sum += span_bytes(heap, address);
  return sum;
}

}  // namespace memory_wasm
