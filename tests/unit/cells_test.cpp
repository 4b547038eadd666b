// Small blocks in cells: when cells come, how slots are found, that cells go again; and that check names what is broken.
#include "cell_heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "check_cells.h"
#include "fake_key.h"
#include "fake_pages.h"
#include "heap.h"
#include "walk.h"

namespace memory_wasm {
namespace {

using TestHeap = CellHeap<FakePages, FakeKey>;
static_assert(Heap<TestHeap>);

class CellsTest : public ::testing::Test {
 protected:
  CellsTest() {
    FakePages::reset();
    heap_ = TestHeap::create();
  }
  void TearDown() override {
    EXPECT_EQ(check(*heap_), Invariant::kHolds);
    EXPECT_TRUE(FakePages::foreign_is_intact());
  }

  // Blocks of `bytes`, enough for the class to have cells.
  std::vector<void*> blocks_in_cells(size_t bytes, int count = 1000) {
    std::vector<void*> blocks;
    for (int i = 0; i < count; i++) blocks.push_back(heap_->allocate(bytes));
    return blocks;
  }
  Cell* cell_of(void* mem) const { return heap_->map().at(reinterpret_cast<uintptr_t>(mem)); }
  bool is_in_cell(void* mem) const { return cell_of(mem) != nullptr; }
  void refuse_growth() { FakePages::fail_from = FakePages::grow_calls + 1; }
  // A full memory: no chunk of 600 bytes is left, and so no place for a cell.
  void fill_with_chunks() {
    refuse_growth();
    while (heap_->allocate(600)) {
    }
  }
  SlotClass& slots(unsigned number) { return const_cast<SlotClass&>(heap_->slot_class(number)); }

  // What check says while the word holds another value.
  template <class Word>
  Invariant broken_by(const Word& word, Word value) {
    const Word saved = word;
    const_cast<Word&>(word) = value;
    const Invariant broken = check(*heap_);
    const_cast<Word&>(word) = saved;
    return broken;
  }

  TestHeap* heap_;
};

TEST_F(CellsTest, AHandfulOfBlocksNeedsNoCell) {
  for (int i = 0; i < 16; i++) EXPECT_FALSE(is_in_cell(heap_->allocate(48)));
  EXPECT_EQ(heap_->cells(), 0u);
  EXPECT_EQ(heap_->footprint(), kPageSize);
  EXPECT_TRUE(is_in_cell(heap_->allocate(48)));
}

TEST_F(CellsTest, EverySmallSizeGetsCellsAndNoLargerOne) {
  for (size_t bytes = 1; bytes <= kSlotLimit; bytes += 13) EXPECT_TRUE(is_in_cell(blocks_in_cells(bytes, 40).back())) << bytes;
  EXPECT_FALSE(is_in_cell(blocks_in_cells(kSlotLimit + 1, 40).back()));
}

TEST_F(CellsTest, SlotsHaveNoHeader) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  std::set<uintptr_t> addresses;
  for (void* mem : blocks)
    if (is_in_cell(mem)) addresses.insert(reinterpret_cast<uintptr_t>(mem));
  size_t adjacent = 0;
  for (uintptr_t address : addresses) adjacent += addresses.count(address + 48);
  EXPECT_GT(adjacent, addresses.size() * 9 / 10);
}

// Cells of one chunk size tile: the head of one is the tail of the cell below.
TEST_F(CellsTest, CellsAreAlignedAndTile) {
  std::set<uintptr_t> bases;
  for (void* mem : blocks_in_cells(512, 300))
    if (is_in_cell(mem)) bases.insert(cell_of(mem)->base);
  size_t adjacent = 0;
  for (uintptr_t base : bases) {
    EXPECT_TRUE(is_aligned(base, kCellSize));
    adjacent += bases.count(base + kCellSize);
  }
  EXPECT_GT(adjacent, bases.size() / 2);
}

TEST_F(CellsTest, AHeapWithoutBlocksIsWholeAgainAfterTrim) {
  for (size_t bytes : {16, 48, 100, 500}) {
    for (void* mem : blocks_in_cells(bytes)) heap_->release(mem);
    EXPECT_EQ(in_use(*heap_), 0u);
  }
  heap_->trim();
  EXPECT_EQ(heap_->cells(), 0u);
  size_t spans = 0;
  for (uintptr_t at = next_span(*heap_, 0); at; at = next_span(*heap_, at)) spans++;
  EXPECT_EQ(spans, 2u) << "the heap's own, and top";
}

TEST_F(CellsTest, WhenAllIsFreedInAnyOrderTheHeapIsWholeAgain) {
  for (int order = 0; order < 3; order++) {
    std::vector<void*> blocks;
    for (int i = 0; i < 3000; i++) blocks.push_back(heap_->allocate(16 + i * 37 % 480));
    if (order == 1) std::reverse(blocks.begin(), blocks.end());
    if (order == 2) std::shuffle(blocks.begin(), blocks.end(), std::mt19937(1));
    for (void* mem : blocks) {
      heap_->release(mem);
    }
    EXPECT_EQ(heap_->cells(), 0u) << "order " << order;
    EXPECT_EQ(check(*heap_), Invariant::kHolds);
  }
}

TEST_F(CellsTest, AnEmptiedHeapTakesTheSameRequestsToTheSamePlaces) {
  // Blocks of all sizes, three quarters of them freed; then classes in turn, of which one block in 64 stays, so that cells are dissolved.
  const auto run = [&] {
    std::mt19937 random(7);
    std::vector<void*> blocks, places;
    const auto allocate = [&](size_t bytes) { places.push_back(heap_->allocate(bytes)), blocks.push_back(places.back()); };
    allocate(20000), allocate(600);
    heap_->release(blocks[0]), blocks.erase(blocks.begin());  // a hole for the first cells
    for (int i = 0; i < 8000; i++) allocate(random() % 200 ? 1 + random() % 600 : random() % (kPageSize * 2));
    std::shuffle(blocks.begin(), blocks.end(), random);
    for (int i = 0; i < 6000; i++, blocks.pop_back()) heap_->release(blocks.back());
    for (size_t bytes = 496; bytes > 32; bytes -= 32) {
      const size_t kept = blocks.size();
      for (size_t sum = 0; sum < size_t(1) << 19; sum += bytes) allocate(bytes);
      std::vector<void*> left;
      for (size_t i = kept; i < blocks.size(); i++)
        if (i % 64 == 5) left.push_back(blocks[i]);
        else heap_->release(blocks[i]);
      blocks.resize(kept);
      blocks.insert(blocks.end(), left.begin(), left.end());
    }
    for (void* mem : blocks) heap_->release(mem);
    return places;
  };
  const std::vector<void*> first = run();
  const size_t footprint = heap_->footprint();
  for (int round = 0; round < 2; round++) {
    const std::vector<void*> again = run();
    const auto [mine, theirs] = std::mismatch(first.begin(), first.end(), again.begin());
    EXPECT_EQ(mine, first.end()) << "round " << round << ", allocation " << mine - first.begin();
    EXPECT_EQ(heap_->footprint(), footprint);
  }
}

TEST_F(CellsTest, ARestOfTheSmallestSizeIsAFreeChunk) {
  void* freed = heap_->allocate(1000 + kMinChunk);
  heap_->allocate(1000);
  heap_->release(freed);
  heap_->allocate(1000);
  EXPECT_EQ(heap_->chunks().free_in_bins(), size_t(kMinChunk));
}

TEST_F(CellsTest, TheWordWithTheMostFreeSlotsIsTakenFirst) {
  std::vector<void*> blocks = blocks_in_cells(16, 16 + 511);
  Cell* cell = cell_of(blocks.back());
  const auto slot = [&](unsigned number) { return reinterpret_cast<void*>(cell->base + number * 16); };
  heap_->release(slot(3));
  for (unsigned i = 0; i < 10; i++) heap_->release(slot(200 + i));
  for (unsigned i = 0; i < 10; i++) EXPECT_EQ(heap_->allocate(16), slot(200 + i));
  EXPECT_EQ(heap_->allocate(16), slot(3));
}

TEST_F(CellsTest, FreedSlotsAreUsedAgainBeforeTheHeapGrows) {
  std::vector<void*> blocks = blocks_in_cells(64, 4000);
  const size_t footprint = heap_->footprint();
  for (int round = 0; round < 10; round++) {
    for (size_t i = round % 3; i < blocks.size(); i += 3) heap_->release(blocks[i]), blocks[i] = nullptr;
    for (void*& mem : blocks)
      if (!mem) mem = heap_->allocate(64);
    EXPECT_EQ(check(*heap_), Invariant::kHolds);
  }
  EXPECT_EQ(heap_->footprint(), footprint);
}

TEST_F(CellsTest, ASlotThatBecomesMuchTooLongMovesToASmallerOne) {
  void* large = blocks_in_cells(512, 40).back();
  blocks_in_cells(16, 40);
  ASSERT_TRUE(is_in_cell(large));
  EXPECT_EQ(heap_->resize(large, 300), large) << "more than half of it";
  void* small = heap_->resize(large, 16);
  EXPECT_EQ(heap_->usable_size(small), 16u);
}

TEST_F(CellsTest, ASlotThatGrowsByLittleGetsHalfAsMuchAgain) {
  void* mem = blocks_in_cells(112, 40).back();
  blocks_in_cells(168, 40);
  ASSERT_TRUE(is_in_cell(mem));
  void* grown = heap_->resize(mem, 120);
  EXPECT_GE(heap_->usable_size(grown), 112u + 56);
}

// Room for the growing block, but not for half as much again.
TEST_F(CellsTest, ASlotGrowsWithoutSlackWhereNothingElseFits) {
  void* mem = blocks_in_cells(64, 40).back();
  void* const freed = blocks_in_cells(80, 400)[100];
  refuse_growth();
  while (heap_->allocate(8)) {
  }
  heap_->release(freed);
  EXPECT_EQ(heap_->resize(mem, 70), freed);
}

TEST_F(CellsTest, LargestFreeKnowsTheSlotsOfNearlyFullCells) {
  const std::vector<void*> blocks = blocks_in_cells(64);
  refuse_growth();
  while (heap_->allocate(8)) {
  }
  heap_->release(blocks[500]);
  ASSERT_EQ(slots(4).nearly_full, cell_of(blocks[500]));
  EXPECT_EQ(heap_->largest_free(), 64u);
}

// A search that failed is not made again for each slot of a nearly full cell.
TEST_F(CellsTest, AClassThatFoundNoPlaceForACellLooksAgainOnlyLater) {
  const std::vector<void*> blocks = blocks_in_cells(48, 20000);
  void* const large = heap_->allocate(100000);
  fill_with_chunks();
  for (size_t i = 1000; i < 19000; i += slots_of(3)) heap_->release(blocks[i]);
  const Cell* const current = slots(3).current;
  while (slots(3).current == current) heap_->allocate(48);
  heap_->release(large);
  const size_t cells = heap_->cells();
  for (int i = 0; i < 60; i++) heap_->allocate(48);
  EXPECT_EQ(heap_->cells(), cells);
  for (int i = 0; i < 10; i++) heap_->allocate(48);
  EXPECT_EQ(heap_->cells(), cells + 1);
}

TEST_F(CellsTest, AClassWhoseCellsAreGoneStartsOver) {
  blocks_in_cells(64);
  for (void* mem : blocks_in_cells(48)) heap_->release(mem);
  heap_->trim();
  ASSERT_EQ(slots(3).cells, 0u);
  for (int i = 0; i < 16; i++) EXPECT_FALSE(is_in_cell(heap_->allocate(48)));
  EXPECT_TRUE(is_in_cell(heap_->allocate(48)));
}

TEST_F(CellsTest, ForeignPagesBetweenCells) {
  for (int i = 0; i < 20; i++) {
    blocks_in_cells(128, 600);
    FakePages::foreign_grow(1);
    EXPECT_EQ(check(*heap_), Invariant::kHolds);
  }
}

// A region below the state and far from it: the page map grows downwards.
TEST(CellsBelowTest, CellsInARegionBelowTheState) {
  FakePages::reset(64);
  TestHeap* heap = TestHeap::create();
  ASSERT_EQ(heap->add_region(FakePages::begin() + 4096, 4 * kPageSize), 4 * kPageSize);
  FakePages::forget_foreign();
  size_t below = 0, slow = 0;
  for (int i = 0; i < 4000; i++) {
    const auto address = reinterpret_cast<uintptr_t>(heap->allocate(64));
    const bool is_below = address < FakePages::begin() + 5 * kPageSize;
    below += is_below;
    slow += is_below && !heap->map().at(address);
    if (i % 100 == 0) {
      ASSERT_EQ(check(*heap), Invariant::kHolds);
    }
  }
  EXPECT_GT(below, 3000u);
  EXPECT_LT(slow, 40u) << "the first requests, and what is left at the ends";
}

// One region of a page after the other, each below the last. A map that grew by one entry downwards, and by half upwards, would soon
// take the pages itself.
TEST(CellsBelowTest, TheMapGrowsToTheSideWhereCellsCome) {
  FakePages::reset(64);
  TestHeap* heap = TestHeap::create();
  FakePages::fail_from = 1;
  for (size_t page = 60; page > 0; page--) {
    ASSERT_GT(heap->add_region(FakePages::begin() + page * kPageSize, kPageSize), 0u);
    while (heap->allocate(64)) {
    }
  }
  EXPECT_GT(heap->cells(), 60u * (kPageSize / kCellSize - 1)) << "all of each page but its ends";
  EXPECT_LT(heap->map().count(), 2 * 64 * kPageSize / kCellSize);
  EXPECT_EQ(check(*heap), Invariant::kHolds);
}

TEST_F(CellsTest, ResetForgetsTheCells) {
  const std::vector<void*> before = blocks_in_cells(32);
  heap_->reset();
  EXPECT_EQ(heap_->cells(), 0u);
  EXPECT_EQ(check(*heap_), Invariant::kHolds);
  EXPECT_TRUE(is_in_cell(blocks_in_cells(32).back()));
}

// 32 classes in turn, of which one block in 64 stays: the survivors must not pin the cells.
// Blocks of one size after the other, of which few stay.
struct Phases {
  bool falling;
  size_t one_of;
};

class PhasesTest : public CellsTest, public ::testing::WithParamInterface<Phases> {
 protected:
  static constexpr size_t kPhase = size_t(1) << 19;  // bytes

  // Takes blocks of `bytes`, and frees all but a few, which it fills.
  void run(size_t bytes) {
    std::vector<void*> blocks;
    for (size_t sum = 0; sum < kPhase; sum += bytes) blocks.push_back(heap_->allocate(bytes));
    for (size_t i = 0; i < blocks.size(); i++) {
      if (i % GetParam().one_of) heap_->release(blocks[i]);
      else memset(blocks[i], static_cast<int>(bytes / kAlignment), bytes), kept_.push_back({blocks[i], bytes});
    }
  }

  std::vector<std::pair<void*, size_t>> kept_;
};

TEST_P(PhasesTest, WhatFewBlocksPinServesOtherSizes) {
  for (size_t i = 1; i <= kSlotLimit / kAlignment; i++) {
    run(GetParam().falling ? kSlotLimit + kAlignment - i * kAlignment : i * kAlignment);
    ASSERT_EQ(check(*heap_), Invariant::kHolds) << i;
  }
  size_t stays = 0;
  for (const auto& [mem, bytes] : kept_) stays += bytes;
  EXPECT_LT(heap_->footprint(), 2 * (kPhase + stays)) << "what a phase and the blocks that stayed need, and their heads, of 16 bytes each here";
  for (const auto& [mem, bytes] : kept_) {
    const auto* byte = static_cast<unsigned char*>(mem);
    EXPECT_EQ(std::count(byte, byte + bytes, static_cast<unsigned char>(bytes / kAlignment)), static_cast<ptrdiff_t>(bytes));
    EXPECT_GE(heap_->usable_size(mem), bytes);
    heap_->release(mem);
  }
  EXPECT_EQ(in_use(*heap_), 0u);
}
INSTANTIATE_TEST_SUITE_P(RisingAndFalling, PhasesTest,
                         ::testing::Values(Phases{false, 20}, Phases{false, 64}, Phases{false, 256}, Phases{true, 20}, Phases{true, 64},
                                           Phases{true, 256}),
                         [](const auto& info) { return (info.param.falling ? "Falling" : "Rising") + std::to_string(info.param.one_of); });

// The slots of a cell that stay in use.
struct Kept {
  const char* name;
  bool (*stays)(unsigned slot);
};

class NoDissolvingTest : public CellsTest, public ::testing::WithParamInterface<Kept> {};

// Each block left would need the end of the free slot below it, and many of them make no chunk worth having.
TEST_P(NoDissolvingTest, TheCellsStayAndSoDoTheirBlocks) {
  std::vector<void*> kept;
  for (void* mem : blocks_in_cells(48, 4000)) {
    const Cell* cell = cell_of(mem);
    const bool stays = !cell || GetParam().stays(static_cast<unsigned>((reinterpret_cast<uintptr_t>(mem) - cell->base) / 48));
    if (!stays) heap_->release(mem);
    else if (cell) kept.push_back(memset(mem, 0x5a, 48));
  }
  refuse_growth();
  while (heap_->allocate(112)) {
  }
  for (void* mem : kept) {
    const auto* byte = static_cast<unsigned char*>(mem);
    EXPECT_TRUE(is_in_cell(mem));
    EXPECT_EQ(std::count(byte, byte + 48, 0x5a), 48);
  }
}
INSTANTIATE_TEST_SUITE_P(Cells, NoDissolvingTest,
                         ::testing::Values(Kept{"WithNeighbours", [](unsigned slot) { return slot == 20 || slot == 21; }},
                                           Kept{"WithNeighboursInTwoWords", [](unsigned slot) { return slot == 63 || slot == 64; }},
                                           Kept{"WithManyBlocks", [](unsigned slot) { return slot % 8 == 1; }}),
                         [](const auto& info) { return info.param.name; });

TEST_F(CellsTest, AFullMemoryServesSmallBlocksFromLargerSlots) {
  const std::vector<void*> large = blocks_in_cells(512, 200);
  refuse_growth();
  while (heap_->allocate(8)) {
  }
  ASSERT_EQ(heap_->largest_free(), 0u);
  for (void* mem : {large[100], large[150], large[199]}) {
    heap_->release(mem);
    EXPECT_EQ(heap_->largest_free(), 512u);
    EXPECT_EQ(heap_->allocate(16), mem);
    EXPECT_EQ(heap_->allocate(16), nullptr);
  }
}

TEST_F(CellsTest, LargestFreeIsServedWithoutGrowthAndNothingLarger) {
  std::mt19937 random(5);
  std::vector<void*> live;
  FakePages::reset(1, 40);
  heap_ = TestHeap::create();
  for (int step = 0; step < 6000; step++) {
    if (random() % 5 < 3) {
      if (void* mem = heap_->allocate(random() % (random() % 8 ? 600 : 9000))) live.push_back(mem);
    } else if (!live.empty()) {
      std::swap(live[random() % live.size()], live.back());
      heap_->release(live.back());
      live.pop_back();
    }
    if (step % 16) continue;
    const size_t footprint = heap_->footprint();
    if (const size_t largest = heap_->largest_free()) {
      void* mem = heap_->allocate(largest);
      ASSERT_NE(mem, nullptr) << step;
      heap_->release(mem);
    }
    ASSERT_EQ(heap_->footprint(), footprint) << step;
  }
}

TEST_F(CellsTest, CheckNamesWhatIsBroken) {
  void* mem = blocks_in_cells(48).back();
  Cell* cell = cell_of(mem);
  ASSERT_NE(cell, nullptr);
  EXPECT_EQ(broken_by(cell->slot_class, uint16_t(4)), Invariant::kCellSlots);
  EXPECT_EQ(broken_by(cell->closed_shape, cell->closed_shape ^ 1), Invariant::kCellSlots);
  EXPECT_EQ(broken_by(cell->closed_shape, cell->closed_shape ^ uint64_t(1) << 63), Invariant::kCellSlots);
  EXPECT_EQ(broken_by(cell->closed_shape, closed<FakeKey>(number_of(cell->base), Shape::of(2).bits)), Invariant::kCellSlots);
  EXPECT_EQ(broken_by(cell->free[2].bits, ~uint64_t(0)), Invariant::kCellSlots) << "there are no such slots";
  EXPECT_EQ(broken_by(cell->base, cell->base + kCellSize), Invariant::kCellMap);
  EXPECT_EQ(broken_by(heap_->slot_class(3).cells, heap_->slot_class(3).cells + 1), Invariant::kCellLinks);
  EXPECT_NE(broken_by(heap_->slot_class(3).current, static_cast<Cell*>(nullptr)), Invariant::kHolds);
}

TEST_F(CellsTest, CheckNamesABrokenList) {
  std::vector<void*> blocks = blocks_in_cells(48);
  for (size_t i = 100; i < 900; i += 2) heap_->release(blocks[i]);
  Cell* first = heap_->slot_class(3).partial;
  ASSERT_TRUE(first && first->next);
  EXPECT_EQ(broken_by(first->next, static_cast<Cell*>(nullptr)), Invariant::kCellLinks);
  EXPECT_EQ(broken_by(first->next, first), Invariant::kCellLinks);
  EXPECT_EQ(broken_by(first->next->previous, first->next), Invariant::kCellLinks);
  EXPECT_EQ(broken_by(first->countdown, uint16_t(first->countdown - 1)), Invariant::kCellCount);
}

// The division that release makes: exact for every unit of a cell and every class.
TEST(ShapeTest, TheReciprocalFindsTheSlotsAndNothingElse) {
  for (unsigned number = 1; number < kSlotClasses; number++) {
    const Shape shape = Shape::of(number);
    EXPECT_EQ(shape.units(), slots_of(number) * number);
    EXPECT_EQ(shape.words(), words_of(number));
    for (unsigned other = 0; other < 256; other++) EXPECT_EQ(shape.is_of(other), other == number) << number << " " << other;
    for (uint32_t unit = 0; unit <= kCellUnits; unit++) {
      const uint32_t divided = unit * shape.reciprocal();
      ASSERT_EQ(divided >> 16, unit / number) << number << " " << unit;
      ASSERT_EQ((divided & 0xffff) < shape.reciprocal(), unit % number == 0) << number << " " << unit;
    }
  }
}

class CellsDeathTest : public CellsTest {
 protected:
  // A cell of blocks of 48 bytes, in a list from which requests would take it.
  void expect_not_opened_when_damaged(Cell* cell) {
    const auto open = [&] {
      while (slots(3).current != cell) heap_->allocate(48);
    };
    cell->closed_shape ^= 1;
    EXPECT_DEATH(open(), "");
    cell->closed_shape ^= 1;
    cell->countdown++;
    EXPECT_DEATH(open(), "") << "it has another number of free slots";
    cell->countdown--;
  }
};

TEST_F(CellsDeathTest, WhatIsNoSlotInUseTraps) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  auto* mem = static_cast<char*>(blocks[500]);
  ASSERT_TRUE(is_in_cell(mem));
  Cell* cell = cell_of(mem);
  EXPECT_DEATH(heap_->release(mem + 16), "");
  EXPECT_DEATH(heap_->release(mem + 1), "");
  EXPECT_DEATH(heap_->release(reinterpret_cast<void*>(cell->base + 510 * 16)), "") << "the tail, where another slot would begin";
  EXPECT_DEATH(heap_->release(reinterpret_cast<void*>(cell->base + 511 * 16)), "") << "the tail";
  EXPECT_DEATH(heap_->release(cell), "") << "the descriptor, which is a chunk in use";
  EXPECT_DEATH(heap_->release(heap_->map().entries()), "") << "the map";
  heap_->release(mem);
  EXPECT_DEATH(heap_->release(mem), "");
  EXPECT_DEATH(heap_->resize(mem, 10), "");
  EXPECT_DEATH(heap_->resize(mem, 40), "") << "a size for which the slot would do";
  EXPECT_DEATH(heap_->usable_size(mem), "");
}

TEST_F(CellsDeathTest, AStateThatWasOverwrittenIsNotUsed) {
  void* slot_of_full_cell = blocks_in_cells(48)[500];
  void* mem = heap_->allocate(2000);
  uintptr_t& guard = *reinterpret_cast<uintptr_t*>(heap_);
  guard += kAlignment;
  EXPECT_DEATH(heap_->allocate_aligned(64, 100), "");
  EXPECT_DEATH(heap_->release(mem), "");
  EXPECT_DEATH(heap_->resize(mem, 1000), "");
  EXPECT_DEATH(heap_->release(slot_of_full_cell), "") << "the cell moves to a list";
  guard -= kAlignment;
}

TEST_F(CellsTest, AStateOfAnotherLayoutIsNotAttached) {
  const auto address = reinterpret_cast<uintptr_t>(heap_);
  size_t& layout = reinterpret_cast<size_t*>(heap_)[1];
  ASSERT_EQ(layout, TestHeap::layout());
  layout++;
  EXPECT_EQ(TestHeap::at(address), nullptr);
  layout--;
  EXPECT_EQ(TestHeap::at(address), heap_);
}

TEST_F(CellsTest, AStateAtAnUnalignedAddressIsNotAttached) {
  const auto block = reinterpret_cast<uintptr_t>(heap_->allocate(2000));
  const auto is_attached = [&](uintptr_t address) {
    const uintptr_t guard[] = {SealedTags<FakeKey>::hide(address), TestHeap::layout()};
    memcpy(reinterpret_cast<void*>(address), guard, sizeof(guard));
    return TestHeap::at(address) != nullptr;
  };
  EXPECT_TRUE(is_attached(block));
  EXPECT_FALSE(is_attached(block + sizeof(uintptr_t)));
  EXPECT_FALSE(is_attached(block + 1));
}

TEST_F(CellsDeathTest, ADescriptorThatWasOverwrittenTraps) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  Cell* cell = cell_of(blocks[500]);
  const uint64_t closed_shape = cell->closed_shape;
  for (unsigned bit = 0; bit < 64; bit += 9) {
    cell->closed_shape = closed_shape ^ uint64_t(1) << bit;
    EXPECT_DEATH(heap_->release(blocks[500]), "") << bit;
  }
  cell->closed_shape = closed<FakeKey>(number_of(cell->base) + 1, Shape::of(cell->slot_class).bits);
  EXPECT_DEATH(heap_->release(blocks[500]), "") << "the shape of another cell";
  cell->closed_shape = closed_shape;
  cell->slot_class = 4;
  EXPECT_DEATH(heap_->release(reinterpret_cast<void*>(cell->base)), "") << "into the list of another class";
  cell->slot_class = 3;
}

TEST_F(CellsDeathTest, ASlotOfAnotherCellThanItsDescriptorsTraps) {
  Cell* cell = cell_of(blocks_in_cells(48).back());
  ASSERT_EQ(cell, slots(3).current) << "so that its next free counts as any other";
  const uint64_t closed_shape = cell->closed_shape;
  cell->closed_shape = closed<FakeKey>(number_of(cell->base) + 1, Shape::of(3).bits);
  EXPECT_DEATH(heap_->release(reinterpret_cast<void*>(cell->base)), "");
  cell->closed_shape = closed_shape;
}

TEST_F(CellsDeathTest, AFullCellWithAFreeSlotTraps) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  Cell* cell = cell_of(blocks[500]);
  ASSERT_EQ(cell->free_slots(), 0u);
  cell->free[2].flip(1);
  EXPECT_DEATH(heap_->release(reinterpret_cast<void*>(cell->base)), "");
  cell->free[2].flip(1);
}

// A copy of a descriptor has its shape, and a map that was overwritten has the copy.
TEST_F(CellsDeathTest, ADescriptorOutsideTheHeapIsNotUsed) {
  blocks_in_cells(48);
  Cell* const cell = slots(3).current;
  alignas(Cell) char elsewhere[sizeof(Cell)];
  memcpy(elsewhere, cell, Cell::bytes_of(3));
  Cell*& entry = heap_->map().entries()[(cell->base - heap_->map().begin()) / kCellSize];
  ASSERT_EQ(entry, cell);
  entry = slots(3).current = reinterpret_cast<Cell*>(elsewhere);
  EXPECT_DEATH(heap_->trim(), "");
  entry = slots(3).current = cell;
}

TEST_F(CellsDeathTest, AListedDescriptorThatWasOverwrittenIsNotUsed) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  for (size_t i = 100; i < 900; i += 2) heap_->release(blocks[i]);
  Cell* cell = heap_->slot_class(3).partial;
  ASSERT_TRUE(cell);
  expect_not_opened_when_damaged(cell);
}

TEST_F(CellsDeathTest, ANearlyFullDescriptorThatWasOverwrittenIsNotUsed) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  fill_with_chunks();
  heap_->release(blocks[500]);
  Cell* cell = slots(3).nearly_full;
  ASSERT_EQ(cell, cell_of(blocks[500]));
  expect_not_opened_when_damaged(cell);
}

TEST_F(CellsDeathTest, AListThatBeginsInABlockIsNotUsed) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  slots(3).nearly_full = static_cast<Cell*>(heap_->allocate_zeroed(1000));
  EXPECT_DEATH(heap_->release(blocks[500]), "");
  slots(3).nearly_full = nullptr;
}

TEST_F(CellsDeathTest, AMapThatIsLongerThanItsChunkIsNotWrittenTo) {
  blocks_in_cells(48);
  size_t& count = reinterpret_cast<size_t*>(const_cast<PageMap*>(&heap_->map()))[2];
  ASSERT_EQ(count, heap_->map().count());
  count *= 4;
  EXPECT_DEATH(blocks_in_cells(48), "");
  count /= 4;
}

TEST_F(CellsDeathTest, ACellThatClaimsToBeTheFirstOfItsListIsNotTakenOut) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  for (size_t i = 100; i < 900; i += 2) heap_->release(blocks[i]);
  Cell* cell = heap_->slot_class(3).partial->next;
  ASSERT_TRUE(cell);
  Cell* const previous = cell->previous;
  cell->previous = nullptr;
  EXPECT_DEATH(
      {
        for (size_t i = 101; i < 900; i += 2)
          if (cell_of(blocks[i]) == cell) heap_->release(blocks[i]);
      },
      "");
  cell->previous = previous;
}

// In a block: its links fit, but no cell has it for a descriptor.
TEST_F(CellsDeathTest, AForgedDescriptorInAListIsNotWrittenTo) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  for (size_t i = 100; i < 900; i += 2) heap_->release(blocks[i]);
  Cell* cell = heap_->slot_class(3).partial;
  ASSERT_TRUE(cell);
  Cell* forged = static_cast<Cell*>(heap_->allocate(1000));
  const auto free_after_damage = [&](Cell*& link, Cell*& back) {
    *forged = *cell;
    back = cell;
    link = forged;
    for (size_t i = 101; i < 900; i += 2)
      if (cell_of(blocks[i]) == cell) heap_->release(blocks[i]);
  };
  EXPECT_DEATH(free_after_damage(cell->next, forged->previous), "");
  EXPECT_DEATH(free_after_damage(cell->previous, forged->next), "");
}

TEST_F(CellsDeathTest, ACurrentCellThatWasOverwrittenIsNotWatched) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  Cell* cell = heap_->slot_class(3).current;
  ASSERT_TRUE(cell);
  cell->closed_shape ^= 1;
  EXPECT_DEATH(heap_->trim(), "");
  cell->closed_shape ^= 1;
}

TEST_F(CellsDeathTest, FreeBitsThatWereOverwrittenGiveNoSlot) {
  blocks_in_cells(48);
  auto& word = *reinterpret_cast<FreeBits*>(heap_->active().word(3));
  const FreeBits saved = word;
  const uint64_t one = 1, all = ~uint64_t(0), text = 0x4141414141414141;
  for (const FreeBits value :
       {FreeBits{all, saved.hidden}, {saved.bits ^ one, saved.hidden}, {saved.bits, saved.hidden ^ one << 63}, {all, all}, {text, text}}) {
    word = value;
    EXPECT_DEATH(heap_->allocate(48), "") << value.bits;
    EXPECT_EQ(check(*heap_), Invariant::kCellSlots) << value.bits;
  }
  word = saved;
}

TEST_F(CellsDeathTest, ACellWhoseBitsWereOverwrittenIsNotGivenBack) {
  const std::vector<void*> blocks = blocks_in_cells(48);
  Cell* cell = cell_of(blocks[500]);
  cell->free[1].hidden ^= uint64_t(1) << 40;
  EXPECT_DEATH(
      {
        for (void* mem : blocks)
          if (cell_of(mem) == cell) heap_->release(mem);
      },
      "");
  cell->free[1].hidden ^= uint64_t(1) << 40;
}

TEST_F(CellsDeathTest, ACellWhoseBitsWereOverwrittenIsNotDissolved) {
  const std::vector<void*> blocks = blocks_in_cells(48, 4000);
  for (size_t i = 16; i < blocks.size(); i++)
    if (i % 64) heap_->release(blocks[i]);
  std::vector<Cell*> cells;
  for (Cell* cell = heap_->slot_class(3).partial; cell; cell = cell->next) cells.push_back(cell);
  ASSERT_GT(cells.size(), 10u);
  const auto change = [&] {
    for (Cell* cell : cells) cell->free[1].hidden ^= uint64_t(1) << 40;
  };
  change();
  refuse_growth();
  EXPECT_DEATH(while (heap_->allocate(112)){}, "");
  change();
}

TEST(SecretTest, FitsOneAddressOneSlotAndOneSize) {
  const uint64_t secret = secret_of<FakeKey>(0x20040, 0x30000, 48);
  EXPECT_NE(secret, secret_of<FakeKey>(0x20048, 0x30000, 48));
  EXPECT_NE(secret, secret_of<FakeKey>(0x20040, 0x30010, 48));
  EXPECT_NE(secret, secret_of<FakeKey>(0x20040, 0x30000, 64));
}

TEST_F(CellsDeathTest, BlocksOfBeforeAResetTrap) {
  std::vector<void*> before = blocks_in_cells(48, 40);
  before.push_back(heap_->allocate(1000));
  before.push_back(heap_->allocate(100000));
  heap_->reset();
  for (void* mem : before) EXPECT_DEATH(heap_->release(mem), "");
}

}  // namespace
}  // namespace memory_wasm
