// A walk over the heap, span by span, for pictures, statistics and leak hunts. Only reads.
//
// Spans tile each region: a span reaches from its address to that of the next. What a region owns in front of its first
// chunk is one span; then each chunk is one, from its payload to the payload of the chunk above.
#pragma once

#include "heap.h"

namespace memory_wasm {

enum class SpanKind : int { kFree = 0, kInUse = 1, kOwn = 2, kTop = 3 };

template <Pages P>
const Region* region_of(const Heap<P>& heap, uintptr_t address) {
  for (const Region* region = heap.newest_region(); region; region = region->next)
    if (address >= region->begin && address < region->end) return region;
  return nullptr;
}

inline const Chunk* chunk_of_span(uintptr_t address) { return Chunk::at(address - kHeadSize); }

// 0 if no span can begin at `address`.
template <Pages P>
size_t span_bytes(const Heap<P>& heap, uintptr_t address) {
  const Region* region = region_of(heap, address);
  if (!region) return 0;
  if (address == region->begin) return region->first()->address() + kHeadSize - address;
  return chunk_of_span(address)->size();
}

template <Pages P>
SpanKind span_kind(const Heap<P>& heap, uintptr_t address) {
  const Region* region = region_of(heap, address);
  if (!region || address == region->begin) return SpanKind::kOwn;
  const Chunk* chunk = chunk_of_span(address);
  if (chunk->in_use()) return SpanKind::kInUse;
  return chunk == heap.top() ? SpanKind::kTop : SpanKind::kFree;
}

// The address of the span after the one at `address`, of the first span for 0; 0 after the last.
template <Pages P>
uintptr_t next_span(const Heap<P>& heap, uintptr_t address) {
  if (address == 0) return heap.newest_region() ? heap.newest_region()->begin : 0;
  const Region* region = region_of(heap, address);
  if (!region) return 0;
  const size_t bytes = span_bytes(heap, address);
  trap_if(bytes == 0);  // a head that was overwritten: the walk would never end
  const uintptr_t above = address + bytes;
  if (above < region->end) return above;
  return region->next ? region->next->begin : 0;
}

template <Pages P>
inline size_t in_use(const Heap<P>& heap) {
  size_t sum = 0;
  for (uintptr_t address = next_span(heap, 0); address; address = next_span(heap, address))
    if (span_kind(heap, address) == SpanKind::kInUse) sum += span_bytes(heap, address);
  return sum;
}

template <Pages P>
inline size_t largest_free(const Heap<P>& heap) {
  size_t largest = 0;
  for (uintptr_t address = next_span(heap, 0); address; address = next_span(heap, address)) {
    const SpanKind kind = span_kind(heap, address);
    const bool is_free = kind == SpanKind::kFree || kind == SpanKind::kTop;
    if (is_free && span_bytes(heap, address) > largest) largest = span_bytes(heap, address);
  }
  if (largest == 0) return 0;
  return largest - kHeadSize < kMaxRequest ? largest - kHeadSize : kMaxRequest;
}

}  // namespace memory_wasm
