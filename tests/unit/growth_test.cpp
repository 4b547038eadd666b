// Growth: by how much, refused at every point, and by others in between.
#include "heap_fixture.h"

#include <functional>
#include <random>

namespace memory_wasm {
namespace {

using GrowthTest = HeapTest;

TEST_F(GrowthTest, ASmallHeapGrowsByExactlyWhatIsMissing) {
  heap().allocate(3 * kPageSize);
  EXPECT_EQ(FakePages::grow_calls, 2u);
  EXPECT_EQ(heap().footprint(), 4 * kPageSize);
}

TEST_F(GrowthTest, GrowthThatAdjoinsExtendsTop) {
  void* a = heap().allocate(40000);
  void* b = heap().allocate(40000);
  EXPECT_EQ(address_of(b) - address_of(a), chunk_size(40000));
  EXPECT_EQ(heap().newest_region()->next, nullptr);
}

TEST_F(GrowthTest, ATopThatWasOverwrittenDoesNotGrow) {
  heap().allocate(1000);
  heap().top()->head += kAlignment;
  EXPECT_DEATH(heap().allocate(3 * kPageSize), "");
  heap().top()->head -= kAlignment;
}

TEST_F(GrowthTest, ATopThatWasOverwrittenTakesNoChunkBack) {
  void* last = heap().allocate(1000);
  heap().top()->head += kAlignment;
  EXPECT_DEATH(heap().release(last), "");
  heap().top()->head -= kAlignment;
}

TEST_F(GrowthTest, ARegionWhoseEndWasOverwrittenDoesNotGrow) {
  const auto grow_after_damage = [this] {
    const_cast<Region*>(heap().newest_region())->end -= kAlignment;
    heap().allocate(3 * kPageSize);
  };
  EXPECT_DEATH(grow_after_damage(), "");
}

// On wasm32 the smallest chunk is as long as the alignment, and nothing smaller can be left.
TEST_F(GrowthTest, ARestOfTopTooSmallForAChunkGoesWithTheBlock) {
  const size_t least = kMinChunk - kAlignment;
  const size_t top = heap().top_size();
  void* mem = heap().allocate(top - least - kOverhead);
  EXPECT_EQ(heap().usable_size(mem), top - kOverhead);
  EXPECT_EQ(heap().top_size(), 0u);
}

TEST_F(GrowthTest, ALargeHeapGrowsBySteps) {
  ASSERT_NE(heap().allocate(500 * kPageSize), nullptr);
  const size_t footprint = heap().footprint();
  FakePages::grow_calls = 0;
  while (heap().footprint() == footprint) heap().allocate(1000);
  EXPECT_EQ(FakePages::grow_calls, 1u);
  EXPECT_GT(heap().footprint(), footprint + kPageSize);
  EXPECT_LE(heap().footprint(), footprint + footprint / 100) << "less than one percent at once";
}

TEST_F(GrowthTest, AStepThatIsRefusedIsHalved) {
  ASSERT_NE(heap().allocate(500 * kPageSize), nullptr);
  const size_t footprint = heap().footprint();
  FakePages::fail_at = FakePages::grow_calls + 1;
  while (heap().footprint() == footprint) ASSERT_NE(heap().allocate(1000), nullptr);
  EXPECT_EQ(heap().footprint(), footprint + 2 * kPageSize) << "of 3 pages";
}

// ---- what is held back ----

// A heap of 64 pages and more, all of it free again.
class HeldBackTest : public GrowthTest {
 protected:
  HeldBackTest() { heap().release(heap().allocate(64 * kPageSize)); }
  size_t held_back() { return heap().footprint() - heap().in_reach(); }
};

TEST_F(HeldBackTest, TopOfAnEmptiedHeapIsUsedLikeGrowth) {
  EXPECT_GE(held_back(), 64 * kPageSize);
  FakePages::grow_calls = 0;
  void* hole = heap().allocate(30000);
  heap().allocate(1000);
  heap().release(hole);
  heap().allocate(kPageSize);
  EXPECT_GE(held_back(), 60 * kPageSize) << "only what was asked for";
  EXPECT_EQ(heap().allocate(30000), hole);
  heap().allocate(60 * kPageSize);
  EXPECT_EQ(FakePages::grow_calls, 0u);
}

TEST_F(HeldBackTest, ABlockGrowsInPlaceOverIt) {
  FakePages::foreign_grow(1);
  FakePages::grow_calls = 0;
  void* mem = heap().allocate(1000);
  EXPECT_EQ(heap().resize(mem, 50 * kPageSize), mem);
  EXPECT_EQ(FakePages::grow_calls, 0u);
  void* moved = heap().resize(mem, 70 * kPageSize);
  ASSERT_NE(moved, nullptr);
  EXPECT_NE(moved, mem) << "foreign pages are above";
}

TEST_F(HeldBackTest, ItServesARequestWhenGrowthIsRefused) {
  FakePages::fail_from = FakePages::grow_calls + 1;
  EXPECT_NE(heap().allocate(64 * kPageSize), nullptr);
}

TEST(CreateTest, NoHeapWithoutAPage) {
  FakePages::reset(1, 1);
  EXPECT_EQ(TestHeap::create(), nullptr);
  EXPECT_TRUE(FakePages::foreign_is_intact());
}

TEST(CreateTest, TheFirstPageHoldsTheHeapAndBlocks) {
  FakePages::reset(1, 2);
  TestHeap* heap = TestHeap::create();
  ASSERT_NE(heap, nullptr);
  EXPECT_EQ(address_of(heap), FakePages::begin() + kPageSize);
  EXPECT_NE(heap->allocate(kPageSize / 2), nullptr);
  EXPECT_EQ(heap->allocate(kPageSize), nullptr);
}

// ---- others grow the same memory ----

TEST_F(GrowthTest, ForeignPagesInBetweenAreSteppedOver) {
  void* a = heap().allocate(50000);
  const uintptr_t foreign = FakePages::foreign_grow(2);
  void* b = heap().allocate(50000);
  EXPECT_LT(address_of(a), foreign);
  EXPECT_GE(address_of(b), foreign + 2 * kPageSize);
  EXPECT_NE(heap().newest_region()->next, nullptr);
  heap().release(a);
  heap().release(b);
}

TEST_F(GrowthTest, WhatTopHadLeftIsUsedAfterAForeignGrowth) {
  heap().allocate(50000);
  const size_t left = heap().top_size();
  FakePages::foreign_grow(1);
  heap().allocate(50000);
  FakePages::fail_from = FakePages::grow_calls + 1;
  void* mem = heap().allocate(left - kOverhead);
  ASSERT_NE(mem, nullptr);
  EXPECT_NE(region_of(heap(), address_of(mem)), heap().newest_region());
}

TEST_F(GrowthTest, ABlockDoesNotGrowInPlaceOverForeignPages) {
  void* mem = heap().allocate(heap().top_size() - kOverhead);
  fill(mem, 1000, 1);
  FakePages::foreign_grow(1);
  void* moved = heap().resize(mem, 2 * kPageSize);
  EXPECT_NE(moved, mem);
  EXPECT_TRUE(is_filled(moved, 1000, 1));
}

TEST_F(GrowthTest, BehindForeignPagesTheHeapGrowsAtOnceByAllThatIsMissing) {
  heap().allocate(heap().top_size() - kOverhead);
  FakePages::foreign_grow(1);
  FakePages::grow_calls = 0;
  ASSERT_NE(heap().allocate(kPageSize - kOverhead), nullptr) << "a page, but the new region has a record and a fence";
  EXPECT_EQ(FakePages::grow_calls, 1u);
}

TEST(RefusedGrowthTest, ABlockThatForeignPagesHoldAndNothingServesChangesNothing) {
  FakePages::reset(1, 4);
  TestHeap* heap = TestHeap::create();
  void* mem = heap->allocate(heap->top_size() - kOverhead);
  const size_t had = heap->usable_size(mem);
  FakePages::foreign_grow(1);
  EXPECT_EQ(heap->resize(mem, had + 10000), nullptr) << "two pages, where there is one: 10,000 bytes more would fit into it";
  EXPECT_EQ(FakePages::pages(), 3u);
  EXPECT_EQ(heap->footprint(), kPageSize);
}

TEST_F(GrowthTest, FreedBlocksNeverJoinOverForeignPages) {
  std::vector<void*> blocks;
  for (int round = 0; round < 20; round++) {
    blocks.push_back(heap().allocate(heap().top_size() - kOverhead));
    blocks.push_back(heap().allocate(30000));
    FakePages::foreign_grow(1);
  }
  for (void* mem : blocks) heap().release(mem);
  EXPECT_EQ(check(heap()), Invariant::kHolds);
  EXPECT_EQ(in_use(heap()), 0u);
  for (const Span& span : spans(heap())) EXPECT_LE(span.bytes, 2 * kPageSize);
}

// ---- growth refused at step k, for all k ----

// One operation of the history; false if the heap refused it.
using Operation = std::function<bool(TestHeap&, std::vector<std::pair<void*, size_t>>&)>;

// A history that grows often and in every way: allocate, zeroed, aligned, resize in place and by moving, over foreign pages.
std::vector<Operation> growing_history() {
  std::vector<Operation> history;
  std::mt19937 random(1234);
  for (int i = 0; i < 160; i++) {
    const size_t bytes = random() % (i % 4 ? 20000 : 200000);
    const unsigned which = random();
    switch (random() % 6) {
      case 0:
        history.push_back([=](TestHeap& heap, auto& live) {
          void* mem = heap.allocate_zeroed(bytes);
          if (mem && bytes) {
            EXPECT_EQ(memcmp(mem, static_cast<char*>(mem) + 1, bytes - 1), 0);
          }
          if (mem) live.push_back({mem, bytes});
          return mem != nullptr;
        });
        break;
      case 1:
        history.push_back([=](TestHeap& heap, auto& live) {
          void* mem = heap.allocate_aligned(size_t(16) << which % 10, bytes);
          if (mem) live.push_back({mem, bytes});
          return mem != nullptr;
        });
        break;
      case 2:
        history.push_back([=](TestHeap& heap, auto& live) {
          if (live.empty()) return true;
          auto& [mem, had] = live[which % live.size()];
          void* moved = heap.resize(mem, bytes);
          if (moved) mem = moved, had = bytes;
          return moved != nullptr;
        });
        break;
      case 3:
        history.push_back([=](TestHeap& heap, auto& live) {
          if (live.empty()) return true;
          std::swap(live[which % live.size()], live.back());
          heap.release(live.back().first);
          live.pop_back();
          return true;
        });
        break;
      default:
        history.push_back([=](TestHeap& heap, auto& live) {
          void* mem = heap.allocate(bytes);
          if (mem) live.push_back({mem, bytes});
          return mem != nullptr;
        });
    }
  }
  return history;
}

// Runs the history; every operation that fails must change nothing, and succeed once growth is possible again.
// Returns how many failed.
int run_with_refusals(const std::vector<Operation>& history, size_t fail_at, size_t fail_from) {
  FakePages::reset();
  TestHeap* heap = TestHeap::create();
  if (!heap) return 0;
  FakePages::fail_at = fail_at;
  FakePages::fail_from = fail_from;
  std::vector<std::pair<void*, size_t>> live;
  int failures = 0;
  for (const Operation& operation : history) {
    const auto spans_before = spans(*heap);
    const auto live_before = live;
    for (const auto& [mem, bytes] : live) fill(mem, std::min<size_t>(bytes, 64), static_cast<unsigned char>(bytes));
    if (!operation(*heap, live)) {
      failures++;
      EXPECT_EQ(spans(*heap), spans_before);
      EXPECT_EQ(live, live_before);
      for (const auto& [mem, bytes] : live) EXPECT_TRUE(is_filled(mem, std::min<size_t>(bytes, 64), static_cast<unsigned char>(bytes)));
      const size_t calls = FakePages::grow_calls;
      FakePages::fail_from = 0;
      EXPECT_TRUE(operation(*heap, live));
      if (fail_from && failures < 3) FakePages::fail_from = calls + 2;  // and the growth after the next one
    }
    EXPECT_EQ(check(*heap), Invariant::kHolds);
    if (failures % 2) FakePages::foreign_grow(1);
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_TRUE(FakePages::foreign_is_intact());
  return failures;
}

TEST(RefusedGrowthTest, EveryOperationFailsCleanlyWhicheverGrowthIsRefused) {
  const std::vector<Operation> history = growing_history();
  EXPECT_EQ(run_with_refusals(history, 0, 0), 0);
  const size_t growths = FakePages::grow_calls;
  ASSERT_GT(growths, 25u);
  int failures = 0;
  for (size_t k = 1; k <= growths && !::testing::Test::HasFailure(); k++) {
    failures += run_with_refusals(history, k, 0);
    failures += run_with_refusals(history, 0, k);
  }
  EXPECT_GT(failures, 50) << "the refusals must hit";
}

TEST(RefusedGrowthTest, AFullMemoryServesWhatFitsAndRefusesTheRest) {
  for (size_t limit = 2; limit < 24; limit++) {
    FakePages::reset(1, limit);
    TestHeap* heap = TestHeap::create();
    std::vector<void*> blocks;
    while (void* mem = heap->allocate(1000)) blocks.push_back(mem);
    EXPECT_EQ(FakePages::pages(), limit) << "all of the memory was used";
    EXPECT_LT(heap->largest_free(), 1000u);
    EXPECT_EQ(check(*heap), Invariant::kHolds);
    heap->release(blocks[0]);
    EXPECT_NE(heap->allocate(1000), nullptr);
    EXPECT_EQ(heap->allocate(1000), nullptr);
    for (size_t i = 1; i < blocks.size(); i++) heap->release(blocks[i]);
    EXPECT_EQ(check(*heap), Invariant::kHolds);
  }
}

}  // namespace
}  // namespace memory_wasm
