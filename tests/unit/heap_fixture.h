// A heap over fake pages, its shape as data, and what must hold after every test.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <vector>

#include "check.h"
#include "fake_key.h"
#include "fake_pages.h"
#include "state.h"
#include "walk.h"

namespace memory_wasm {

// The chunks as a heap of their own, with sealed tags.
struct TestHeap : ChunkHeap<FakePages, SealedTags<FakeKey>> {
  using Chunks = ChunkHeap<FakePages, SealedTags<FakeKey>>;

  static TestHeap* create() { return create_heap<TestHeap>(); }
  static TestHeap* create_in(uintptr_t address, size_t bytes) { return create_heap_in<TestHeap>(address, bytes); }
  static TestHeap* at(uintptr_t address) { return heap_at<TestHeap>(address); }

  void open() {
    guard.set(kLayout);
    Chunks::open();
  }
  bool is_open() const { return guard.fits(kLayout); }
  Chunks& chunks() { return *this; }
  const Chunks& chunks() const { return *this; }

  static constexpr size_t kLayout = layout_number(sizeof(Chunks));
  StateGuard<SealedTags<FakeKey>> guard;
};

constexpr size_t chunk_size(size_t bytes) { return TestHeap::chunk_size(bytes); }

// What a chunk in use has beside its payload.
constexpr size_t kOverhead = SealedTags<FakeKey>::kOverhead;

inline std::ostream& operator<<(std::ostream& out, Invariant invariant) { return out << text(invariant); }

struct Span {
  SpanKind kind;
  size_t bytes;

  bool operator==(const Span&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Span& span) {
    constexpr const char* kNames[] = {"free", "in use", "own", "top"};
    return out << kNames[static_cast<int>(span.kind)] << ' ' << span.bytes;
  }
};

constexpr Span used(size_t bytes) { return {SpanKind::kUsed, bytes}; }
constexpr Span unused(size_t bytes) { return {SpanKind::kFree, bytes}; }

// All spans, in the order of the walk.
inline std::vector<Span> spans(const TestHeap& heap) {
  std::vector<Span> found;
  for (uintptr_t at = next_span(heap, 0); at; at = next_span(heap, at)) found.push_back({span_kind(heap, at), span_bytes(heap, at)});
  return found;
}

// The chunks between the heap's own spans and top: what a test of splitting and coalescing is about.
inline std::vector<Span> chunks(const TestHeap& heap) {
  std::vector<Span> found;
  for (const Span& span : spans(heap))
    if (span.kind == SpanKind::kFree || span.kind == SpanKind::kUsed) found.push_back(span);
  return found;
}

inline uintptr_t address_of(const void* mem) { return reinterpret_cast<uintptr_t>(mem); }
inline void* pointer_to(uintptr_t address) { return reinterpret_cast<void*>(address); }

// Fills a block with a pattern of its own, and sees whether it is still there.
inline void fill(void* mem, size_t bytes, unsigned char seed) {
  auto* byte = static_cast<unsigned char*>(mem);
  for (size_t i = 0; i < bytes; i++) byte[i] = static_cast<unsigned char>(seed + i * 7);
}
inline bool is_filled(const void* mem, size_t bytes, unsigned char seed) {
  const auto* byte = static_cast<const unsigned char*>(mem);
  for (size_t i = 0; i < bytes; i++)
    if (byte[i] != static_cast<unsigned char>(seed + i * 7)) return false;
  return true;
}

class HeapTest : public ::testing::Test {
 protected:
  HeapTest() {
    FakePages::reset();
    heap_ = TestHeap::create();
  }

  void TearDown() override {
    if (heap_) {
      EXPECT_EQ(check(*heap_), Invariant::kHolds);
    }
    EXPECT_TRUE(FakePages::foreign_is_intact());
  }

  TestHeap& heap() { return *heap_; }

  TestHeap* heap_;
};

}  // namespace memory_wasm
