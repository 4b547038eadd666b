// Regions given to the heap: where they may lie, and what is refused.
#include "heap_fixture.h"

namespace memory_wasm {
namespace {

constexpr size_t kLeastRegion = Region::kSize + kMinChunk + kHeadSize;
constexpr size_t kLeastFirstRegion = align_up(sizeof(TestHeap), kAlignment) + kLeastRegion;

class RegionTest : public HeapTest {
 protected:
  // Foreign pages below and above the heap's first page, which the tests give away.
  RegionTest() {
    FakePages::reset(4);
    below_ = FakePages::begin();
    heap_ = TestHeap::create();
    above_ = FakePages::foreign_grow(4);
  }

  // What the heap owns, whatever it refused: its spans and its footprint.
  void expect_refused(uintptr_t address, size_t bytes) {
    const auto before = spans(heap());
    EXPECT_EQ(heap().add_region(address, bytes), 0u) << bytes;
    EXPECT_EQ(spans(heap()), before);
    EXPECT_EQ(check(heap()), Invariant::kHolds);
  }

  uintptr_t below_, above_;
};

TEST_F(RegionTest, ARegionBelowIsUsedAndTopStays) {
  FakePages::forget_foreign();
  const Chunk* top = heap().top();
  EXPECT_EQ(heap().add_region(below_, kPageSize), kPageSize);
  EXPECT_EQ(heap().top(), top);
  EXPECT_EQ(heap().footprint(), 2 * kPageSize);
  void* mem = heap().allocate(60000);
  EXPECT_EQ(align_down(address_of(mem), kPageSize), below_);
  EXPECT_EQ(FakePages::grow_calls, 1u);
}

TEST_F(RegionTest, ARegionAboveBecomesTop) {
  FakePages::forget_foreign();
  const size_t old_top = heap().top_size();
  EXPECT_EQ(heap().add_region(above_ + kPageSize, kPageSize), kPageSize);
  EXPECT_EQ(align_down(heap().top()->address(), kPageSize), above_ + kPageSize);
  EXPECT_NE(heap().allocate(old_top - kOverhead), nullptr) << "the old top is a free chunk";
  EXPECT_EQ(FakePages::grow_calls, 1u);
}

TEST_F(RegionTest, AdjacentRegionsStaySeparateAndWork) {
  FakePages::forget_foreign();
  EXPECT_EQ(heap().add_region(below_ + 3 * kPageSize, kPageSize), kPageSize) << "right below the heap";
  EXPECT_EQ(heap().add_region(above_, kPageSize), kPageSize) << "right above it";
  std::vector<void*> blocks;
  FakePages::fail_from = 1;
  while (void* mem = heap().allocate(500)) blocks.push_back(mem);
  EXPECT_GT(blocks.size(), 3 * (kPageSize / chunk_size(500)) - 20);
  for (void* mem : blocks) heap().release(mem);
  EXPECT_EQ(in_use(heap()), 0u);
}

TEST_F(RegionTest, AGivenRegionAtTheEndOfTheMemoryGrowsOn) {
  FakePages::forget_foreign();
  heap().add_region(above_, 4 * kPageSize);
  void* mem = heap().allocate(6 * kPageSize);
  EXPECT_EQ(align_down(address_of(mem), kPageSize), above_);
  EXPECT_EQ(heap().footprint(), (1 + 4 + 3) * kPageSize) << "what the region's own record takes is one page more";
}

TEST_F(RegionTest, ZeroedBlocksInAGivenRegionAreZero) {
  FakePages::forget_foreign();
  heap().add_region(above_, 4 * kPageSize);
  const auto* mem = static_cast<unsigned char*>(heap().allocate_zeroed(5 * kPageSize));  // and one grown page
  EXPECT_EQ(std::count(mem, mem + 5 * kPageSize, 0), static_cast<ptrdiff_t>(5 * kPageSize));
  heap().add_region(below_, kPageSize);
  mem = static_cast<unsigned char*>(heap().allocate_zeroed(60000));
  EXPECT_EQ(std::count(mem, mem + 60000, 0), 60000);
}

TEST(AnyRegionTest, AnyAlignmentWillDo) {
  for (size_t skip = 0; skip < 20; skip++)
    for (size_t bytes = 1000; bytes < 1020; bytes++) {
      FakePages::reset(2);
      TestHeap* heap = TestHeap::create();
      const uintptr_t begin = FakePages::begin() + 256 + skip;
      const size_t taken = heap->add_region(begin, bytes);
      ASSERT_EQ(taken, align_down(begin + bytes, kAlignment) - align_up(begin, kAlignment));
      ASSERT_EQ(heap->footprint(), kPageSize + taken);
      ASSERT_EQ(check(*heap), Invariant::kHolds);
      const auto* byte = reinterpret_cast<unsigned char*>(FakePages::begin());
      while (void* mem = heap->allocate(40)) {
        memset(mem, 0, heap->usable_size(mem));
        if (address_of(mem) > FakePages::begin() + kPageSize) break;
      }
      for (uintptr_t outside = FakePages::begin(); outside < begin; outside++) ASSERT_EQ(byte[outside - FakePages::begin()], FakePages::kForeign);
      for (size_t i = 0; i < 64; i++) ASSERT_EQ(reinterpret_cast<unsigned char*>(begin + bytes)[i], FakePages::kForeign);
    }
}

TEST_F(RegionTest, TheSmallestRegionHoldsOneBlock) {
  FakePages::forget_foreign();
  expect_refused(below_, kLeastRegion - 1);
  ASSERT_EQ(heap().add_region(below_, kLeastRegion), kLeastRegion);
  EXPECT_EQ(align_down(address_of(heap().allocate(1)), kPageSize), below_);
}

TEST_F(RegionTest, WhatIsTooSmallIsRefused) {
  for (size_t bytes = 0; bytes < kLeastRegion; bytes++)
    for (size_t skip = 0; skip < 16; skip++) expect_refused(below_ + skip, bytes);
}

TEST_F(RegionTest, WhatTheHeapHasAlreadyIsRefused) {
  const uintptr_t begin = heap().newest_region()->begin;
  const uintptr_t end = heap().newest_region()->end;
  expect_refused(begin, kPageSize);
  expect_refused(begin + 4096, 4096);
  expect_refused(begin - kPageSize, 3 * kPageSize);
  expect_refused(begin - kPageSize, kPageSize + 16);
  expect_refused(end - 16, kPageSize);
  FakePages::forget_foreign();
  ASSERT_NE(heap().add_region(below_, kPageSize), 0u);
  expect_refused(below_, kPageSize);
  expect_refused(below_ + kPageSize - 16, kPageSize);
}

TEST_F(RegionTest, WhatIsNotInTheMemoryIsRefused) {
  const uintptr_t end = FakePages::end();
  expect_refused(0, kPageSize);
  expect_refused(end, kPageSize);
  expect_refused(end + kPageSize, kPageSize);
  expect_refused(end - kPageSize, kPageSize + 1);
  expect_refused(end - kPageSize, ~size_t(0));
  expect_refused(~uintptr_t(0) - 15, 4096);
}

// [address, 0) in 32 bits ends at 4 GiB, which is beyond any smaller memory.
TEST_F(RegionTest, WhatEndsWhereAddressesWrapIsRefused) {
  expect_refused(below_, 0 - below_);
  expect_refused(below_, 1 - below_);
  expect_refused(above_, ~above_);
}

TEST(CreateInTest, WhatEndsWhereAddressesWrapIsRefused) {
  FakePages::reset(4);
  EXPECT_EQ(TestHeap::create_in(FakePages::begin(), 0 - FakePages::begin()), nullptr);
}

// ---- a heap that begins in a given region ----

TEST(CreateInTest, TheStateLiesAtTheBeginOfTheRegion) {
  FakePages::reset(1, 1);
  const uintptr_t begin = FakePages::begin() + 1000;
  TestHeap* heap = TestHeap::create_in(begin, 10000);
  ASSERT_NE(heap, nullptr);
  EXPECT_EQ(address_of(heap), align_up(begin, kAlignment));
  EXPECT_EQ(heap->footprint(), align_down(begin + 10000, kAlignment) - align_up(begin, kAlignment));
  EXPECT_EQ(check(*heap), Invariant::kHolds);
  const auto* mem = static_cast<unsigned char*>(heap->allocate_zeroed(1000));
  EXPECT_EQ(std::count(mem, mem + 1000, 0), 1000);
  while (void* more = heap->allocate(100)) memset(more, 0, heap->usable_size(more));
  const auto* byte = reinterpret_cast<unsigned char*>(FakePages::begin());
  for (size_t i = 0; i < 1000; i++) ASSERT_EQ(byte[i], FakePages::kForeign);
  for (size_t i = 11000; i < kPageSize; i++) ASSERT_EQ(byte[i], FakePages::kForeign);
}

TEST(CreateInTest, WhatCannotHoldTheStateIsLeftAlone) {
  FakePages::reset(1, 1);
  for (size_t bytes = 0; bytes < kLeastFirstRegion; bytes += 7) ASSERT_EQ(TestHeap::create_in(FakePages::begin() + 16, bytes), nullptr) << bytes;
  EXPECT_EQ(TestHeap::create_in(FakePages::begin(), kPageSize + 1), nullptr);
  EXPECT_EQ(TestHeap::create_in(0, kPageSize), nullptr);
  EXPECT_TRUE(FakePages::foreign_is_intact());
}

TEST(CreateInTest, TheSmallestHeapHoldsOneBlock) {
  FakePages::reset(1, 1);
  TestHeap* heap = TestHeap::create_in(FakePages::begin() + 16, kLeastFirstRegion);
  ASSERT_NE(heap, nullptr);
  EXPECT_EQ(check(*heap), Invariant::kHolds);
  void* mem = heap->allocate(kMinChunk - kOverhead);
  EXPECT_NE(mem, nullptr);
  EXPECT_EQ(heap->allocate(0), nullptr);
  EXPECT_EQ(check(*heap), Invariant::kHolds);
}

TEST(CreateInTest, AHeapInARegionGoesOnInGrownPages) {
  FakePages::reset(2);
  TestHeap* heap = TestHeap::create_in(FakePages::begin() + 16, kPageSize);
  for (int i = 0; i < 100; i++) ASSERT_NE(heap->allocate(5000), nullptr);
  EXPECT_EQ(check(*heap), Invariant::kHolds);
}

}  // namespace
}  // namespace memory_wasm
