#include "walk.h"

#include "heap_fixture.h"

#include <random>

namespace memory_wasm {
namespace {

using ::testing::ElementsAre;

struct Visit {
  uintptr_t address;
  size_t bytes;
  SpanKind kind;
};

std::vector<Visit> walk(const TestHeap& heap) {
  std::vector<Visit> found;
  for (uintptr_t at = next_span(heap, 0); at; at = next_span(heap, at)) found.push_back({at, span_bytes(heap, at), span_kind(heap, at)});
  return found;
}

// Spans follow each other without a gap, region by region, and add up to the footprint.
void expect_tiled(const TestHeap& heap) {
  const std::vector<Visit> visits = walk(heap);
  size_t next = 0;
  size_t sum = 0;
  for (const Region* region = heap.newest_region(); region; region = region->next) {
    uintptr_t at = region->begin;
    while (at < region->end) {
      ASSERT_LT(next, visits.size());
      ASSERT_EQ(visits[next].address, at);
      at += visits[next].bytes;
      sum += visits[next++].bytes;
    }
    ASSERT_EQ(at, region->end);
  }
  ASSERT_EQ(next, visits.size());
  ASSERT_EQ(sum, heap.footprint());
}

TEST(WalkTest, AHeapWithoutRegionsHasNoSpans) {
  static TestHeap empty;
  EXPECT_EQ(next_span(empty, 0), 0u);
  EXPECT_EQ(in_use(empty), 0u);
  EXPECT_EQ(empty.largest_free(), 0u);
}

using WalkTestWithHeap = HeapTest;

TEST_F(WalkTestWithHeap, ShowsEachKindOfSpan) {
  void* a = heap().allocate(100);
  void* b = heap().allocate(200);
  void* c = heap().allocate(300);
  heap().release(b);
  const std::vector<Visit> visits = walk(heap());
  ASSERT_EQ(visits.size(), 5u);
  EXPECT_EQ(visits[0].kind, SpanKind::kOverhead);
  EXPECT_EQ(visits[0].address, address_of(&heap()));
  EXPECT_EQ(visits[1].address, address_of(a));
  EXPECT_EQ(visits[1].kind, SpanKind::kUsed);
  EXPECT_EQ(visits[2].address, address_of(b));
  EXPECT_EQ(visits[2].kind, SpanKind::kFree);
  EXPECT_EQ(visits[3].address, address_of(c));
  EXPECT_EQ(visits[3].kind, SpanKind::kUsed);
  EXPECT_EQ(visits[4].kind, SpanKind::kTop);
  expect_tiled(heap());
}

TEST_F(WalkTestWithHeap, TilesEveryRegionAfterAnyHistory) {
  std::mt19937 random(7);
  std::vector<void*> live;
  for (int step = 0; step < 2000; step++) {
    if (random() % 3 && live.size() < 100) {
      live.push_back(heap().allocate(random() % 3000));
    } else if (!live.empty()) {
      std::swap(live[random() % live.size()], live.back());
      heap().release(live.back());
      live.pop_back();
    }
    if (step % 400 == 0) FakePages::foreign_grow(1);
    ASSERT_NO_FATAL_FAILURE(expect_tiled(heap()));
  }
  std::vector<void*> seen;
  for (const Visit& visit : walk(heap()))
    if (visit.kind == SpanKind::kUsed) seen.push_back(pointer_to(visit.address));
  EXPECT_THAT(seen, ::testing::UnorderedElementsAreArray(live)) << "spans in use are the blocks";
}

TEST_F(WalkTestWithHeap, InUseCountsBlocksWithTheirHeads) {
  EXPECT_EQ(in_use(heap()), 0u);
  void* a = heap().allocate(100);
  void* b = heap().allocate(1000);
  EXPECT_EQ(in_use(heap()), chunk_size(100) + chunk_size(1000));
  heap().release(a);
  EXPECT_EQ(in_use(heap()), chunk_size(1000));
  heap().release(b);
  EXPECT_EQ(in_use(heap()), 0u);
}

TEST_F(WalkTestWithHeap, TheLargestFreeBlockIsAllocatedWithoutGrowth) {
  std::mt19937 random(8);
  std::vector<void*> live;
  for (int step = 0; step < 500; step++) {
    live.push_back(heap().allocate(random() % 3000));
    if (random() % 2) {
      std::swap(live[random() % live.size()], live.back());
      heap().release(live.back());
      live.pop_back();
    }
    const size_t largest = heap().largest_free();
    const size_t footprint = heap().footprint();
    void* mem = heap().allocate(largest);
    ASSERT_NE(mem, nullptr);
    ASSERT_EQ(heap().footprint(), footprint) << "step " << step;
    ASSERT_EQ(heap().largest_free() > largest, false);
    heap().release(mem);
  }
}

// find looks at the first few chunks of a list only, and so does largest_free: they agree.
TEST_F(WalkTestWithHeap, TheLargestFreeBlockIsOneThatIsFound) {
  const size_t floor = class_floor(4 * kSteps);
  void* largest = heap().allocate(floor + kAlignment - kOverhead);
  heap().allocate(1);
  std::vector<void*> smaller;
  for (int i = 0; i < 40; i++) {
    smaller.push_back(heap().allocate(floor - kOverhead));
    heap().allocate(1);
  }
  heap().release(largest);
  for (void* mem : smaller) heap().release(mem);
  heap().allocate(heap().top_size() - kOverhead);
  const size_t footprint = heap().footprint();
  EXPECT_EQ(heap().largest_free(), floor - kOverhead);
  EXPECT_NE(heap().allocate(heap().largest_free()), nullptr);
  EXPECT_EQ(heap().footprint(), footprint);
}

TEST_F(WalkTestWithHeap, AddressesOutsideTheHeapAreNoSpans) {
  EXPECT_EQ(span_bytes(heap(), FakePages::begin()), 0u);
  EXPECT_EQ(span_bytes(heap(), FakePages::end()), 0u);
  EXPECT_EQ(next_span(heap(), FakePages::begin()), 0u);
  EXPECT_EQ(span_kind(heap(), FakePages::begin()), SpanKind::kOverhead);
}

using WalkDeathTest = WalkTestWithHeap;

// A walk over a heap that was overwritten must end, one way or the other.
TEST_F(WalkDeathTest, AChunkWithoutSizeDoesNotHoldTheWalkForEver) {
  void* a = heap().allocate(100);
  heap().allocate(100);
  const size_t head = Chunk::of(a)->head;
  Chunk::of(a)->head = Chunk::kInUse | Chunk::kBelowInUse;
  EXPECT_DEATH(in_use(heap()), "");
  Chunk::of(a)->head = ~size_t(0);  // a step back
  EXPECT_DEATH(in_use(heap()), "");
  Chunk::of(a)->head = head;
}

}  // namespace
}  // namespace memory_wasm
