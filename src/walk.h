// A walk over the heap, span by span, for pictures, statistics and leak hunts. Only reads.
//
// Spans tile each region: a span reaches from its address to that of the next. What a region owns in front of its first
// chunk is one span; then each chunk is one, from its payload to the payload of the chunk above. A run is a span for its
// header, one for each slot and one for what is left.
#pragma once

#include "runs.h"

namespace memory_wasm {

enum class SpanKind : int { kFree = 0, kUsed = 1, kOverhead = 2, kTop = 3 };

template <class H>
inline const Region* region_of(const H& heap, uintptr_t address) {
  for (const Region* region = heap.newest_region(); region; region = region->next)
    if (address >= region->begin && address < region->end) return region;
  return nullptr;
}

inline const Chunk* chunk_of_span(uintptr_t address) { return Chunk::at(address - kHeadSize); }

// ---- a span inside a run ----

inline size_t bytes_in_run(const Run* run, uintptr_t address) {
  const uintptr_t end = run->slots() + run->limit;
  if (address < run->slots()) return run->slots() - address;
  return address < end ? run->slot_size() : run->address() + run->span() - end;
}

inline SpanKind kind_in_run(const Run* run, uintptr_t address) {
  const size_t offset = address - run->slots();
  if (offset >= run->limit) return SpanKind::kOverhead;  // the header, or the tail
  const unsigned slot = static_cast<unsigned>(offset / run->slot_size());
  return run->free[slot / kWordBits] >> slot % kWordBits & 1 ? SpanKind::kFree : SpanKind::kUsed;
}

// A heap without runs has none.
template <class H>
inline const Run* run_with(const H& heap, uintptr_t address) {
  if constexpr (requires { heap.run_with(address); }) return heap.run_with(address);
  return nullptr;
}

template <class H>
inline bool is_map(const H& heap, uintptr_t address) {
  if constexpr (requires { heap.map(); }) return reinterpret_cast<uintptr_t>(heap.map()) == address;
  return false;
}

// ---- any span ----

// 0 if no span can begin at `address`.
template <class H>
inline size_t span_bytes(const H& heap, uintptr_t address) {
  const Region* region = region_of(heap, address);
  if (!region) return 0;
  if (address == region->begin) return region->first()->address() + kHeadSize - address;
  if (const Run* run = run_with(heap, address)) return bytes_in_run(run, address);
  return chunk_of_span(address)->size();
}

template <class H>
inline SpanKind span_kind(const H& heap, uintptr_t address) {
  const Region* region = region_of(heap, address);
  if (!region || address == region->begin || is_map(heap, address)) return SpanKind::kOverhead;
  if (const Run* run = run_with(heap, address)) return kind_in_run(run, address);
  const Chunk* chunk = chunk_of_span(address);
  if (chunk->in_use()) return SpanKind::kUsed;
  return chunk == heap.top() ? SpanKind::kTop : SpanKind::kFree;
}

// The address of the span after the one at `address`, of the first span for 0; 0 after the last.
template <class H>
inline uintptr_t next_span(const H& heap, uintptr_t address) {
  if (address == 0) return heap.newest_region() ? heap.newest_region()->begin : 0;
  const Region* region = region_of(heap, address);
  if (!region) return 0;
  const size_t bytes = span_bytes(heap, address);
  trap_if(bytes - 1 >= region->end - address);  // a head that was overwritten: the walk might never end
  const uintptr_t above = address + bytes;
  if (above < region->end) return above;
  return region->next ? region->next->begin : 0;
}

template <class H>
inline size_t in_use(const H& heap) {
  size_t sum = 0;
  for (uintptr_t address = next_span(heap, 0); address; address = next_span(heap, address))
    if (span_kind(heap, address) == SpanKind::kUsed) sum += span_bytes(heap, address);
  return sum;
}

template <class H>
inline size_t largest_free(const H& heap) {
  size_t largest = 0;
  for (uintptr_t address = next_span(heap, 0); address; address = next_span(heap, address)) {
    const SpanKind kind = span_kind(heap, address);
    const bool is_free = kind == SpanKind::kFree || kind == SpanKind::kTop;
    if (!is_free) continue;
    const Run* run = run_with(heap, address);
    const size_t bytes = run ? run->slot_size() : span_bytes(heap, address) - kHeadSize;
    if (bytes > largest) largest = bytes;
  }
  return largest < kMaxRequest ? largest : kMaxRequest;
}

}  // namespace memory_wasm
