// Small blocks in runs: when they come, what they share, that they go again; and that check names what is broken in them.
#include "runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "check_runs.h"
#include "fake_pages.h"
#include "walk.h"

namespace memory_wasm {
namespace {

class RunsTest : public ::testing::Test {
 protected:
  RunsTest() {
    FakePages::reset();
    heap_ = RunHeap<FakePages>::create();
  }
  void TearDown() override {
    EXPECT_EQ(check(*heap_), Invariant::kHolds);
    EXPECT_TRUE(FakePages::foreign_is_intact());
  }

  // Blocks of `bytes`, enough for the class to have runs.
  std::vector<void*> blocks_in_runs(size_t bytes, int count = 1000) {
    std::vector<void*> blocks;
    for (int i = 0; i < count; i++) blocks.push_back(heap_->allocate(bytes));
    return blocks;
  }
  bool is_in_run(void* mem) const { return heap_->run_with(reinterpret_cast<uintptr_t>(mem)) != nullptr; }

  // What check says while the word holds another value.
  template <class Word>
  Invariant broken_by(const Word& word, Word value) {
    const Word saved = word;
    const_cast<Word&>(word) = value;
    const Invariant broken = check(*heap_);
    const_cast<Word&>(word) = saved;
    return broken;
  }

  RunHeap<FakePages>* heap_;
};

TEST_F(RunsTest, AHandfulOfBlocksNeedsNoRun) {
  for (int i = 0; i < 10; i++) EXPECT_FALSE(is_in_run(heap_->allocate(48)));
  EXPECT_EQ(heap_->runs(), 0u);
  EXPECT_EQ(heap_->footprint(), kPageSize);
}

TEST_F(RunsTest, EverySmallSizeGetsRunsAndNoLargerOne) {
  for (size_t bytes = 1; bytes <= kSlotMax; bytes += 13) EXPECT_TRUE(is_in_run(blocks_in_runs(bytes, 40).back())) << bytes;
  EXPECT_FALSE(is_in_run(blocks_in_runs(kSlotMax + 1, 40).back()));
}

TEST_F(RunsTest, SlotsHaveNoHeader) {
  const std::vector<void*> blocks = blocks_in_runs(48);
  std::set<uintptr_t> addresses;
  for (void* mem : blocks)
    if (is_in_run(mem)) addresses.insert(reinterpret_cast<uintptr_t>(mem));
  size_t adjacent = 0;
  for (uintptr_t address : addresses) adjacent += addresses.count(address + 48);
  EXPECT_GT(adjacent, addresses.size() * 9 / 10);
}

TEST_F(RunsTest, AHeapWithoutBlocksIsWholeAgainAfterTrim) {
  for (size_t bytes : {16, 48, 100, 500}) {
    for (void* mem : blocks_in_runs(bytes)) heap_->release(mem);
    EXPECT_EQ(in_use(*heap_), 0u);
  }
  heap_->trim();
  EXPECT_EQ(heap_->runs(), 0u);
  size_t spans = 0;
  for (uintptr_t at = next_span(*heap_, 0); at; at = next_span(*heap_, at)) spans++;
  EXPECT_EQ(spans, 2u) << "the heap's own, and top";
}

TEST_F(RunsTest, WhenAllIsFreedInAnyOrderTheHeapIsWholeAgain) {
  for (int order = 0; order < 3; order++) {
    std::vector<void*> blocks;
    for (int i = 0; i < 3000; i++) blocks.push_back(heap_->allocate(16 + i * 37 % 480));
    if (order == 1) std::reverse(blocks.begin(), blocks.end());
    if (order == 2) std::shuffle(blocks.begin(), blocks.end(), std::mt19937(1));
    for (void* mem : blocks) heap_->release(mem);
    EXPECT_EQ(heap_->runs(), 0u) << "order " << order;
    EXPECT_EQ(check(*heap_), Invariant::kHolds);
  }
}

TEST_F(RunsTest, FreedSlotsAreUsedAgainBeforeTheHeapGrows) {
  std::vector<void*> blocks = blocks_in_runs(64, 4000);
  const size_t footprint = heap_->footprint();
  for (int round = 0; round < 10; round++) {
    for (size_t i = round % 3; i < blocks.size(); i += 3) heap_->release(blocks[i]), blocks[i] = nullptr;
    for (void*& mem : blocks)
      if (!mem) mem = heap_->allocate(64);
    EXPECT_EQ(check(*heap_), Invariant::kHolds);
  }
  EXPECT_EQ(heap_->footprint(), footprint);
}

TEST_F(RunsTest, ForeignPagesBetweenRuns) {
  for (int i = 0; i < 20; i++) {
    blocks_in_runs(128, 600);
    FakePages::foreign_grow(1);
    EXPECT_EQ(check(*heap_), Invariant::kHolds);
  }
}

TEST_F(RunsTest, ResetForgetsTheRuns) {
  blocks_in_runs(32);
  heap_->reset();
  EXPECT_EQ(heap_->runs(), 0u);
  EXPECT_EQ(check(*heap_), Invariant::kHolds);
  EXPECT_TRUE(is_in_run(blocks_in_runs(32).back()));
}

TEST_F(RunsTest, CheckNamesWhatIsBroken) {
  void* mem = blocks_in_runs(48).back();
  const memory_wasm::Run* run = heap_->run_with(reinterpret_cast<uintptr_t>(mem));
  ASSERT_NE(run, nullptr);
  EXPECT_EQ(broken_by(run->slot_class, uint8_t(4)), Invariant::kRunSlots);
  EXPECT_EQ(broken_by(run->inverse, run->inverse + 1), Invariant::kRunSlots);
  EXPECT_EQ(broken_by(run->limit, uint16_t(run->limit - 1)), Invariant::kRunSlots);
  EXPECT_EQ(broken_by(run->limit, uint16_t(65535)), Invariant::kRunSlots) << "longer than the run";
  EXPECT_EQ(broken_by(run->free[3], ~uint64_t(0)), Invariant::kRunSlots) << "there are no such slots";
  EXPECT_NE(broken_by(heap_->open_word(3).base, heap_->open_word(3).base + 16), Invariant::kHolds);
  EXPECT_NE(broken_by(heap_->slot_class(3).cells, heap_->slot_class(3).cells + 1), Invariant::kHolds);
}

TEST_F(RunsTest, AClassWithMuchGetsLongerRuns) {
  void* first = blocks_in_runs(496, 20).back();
  void* last = blocks_in_runs(496, 2000).back();
  ASSERT_TRUE(is_in_run(first) && is_in_run(last));
  EXPECT_LT(heap_->run_with(reinterpret_cast<uintptr_t>(first))->span(), 2 * kCell);
  EXPECT_GT(heap_->run_with(reinterpret_cast<uintptr_t>(last))->span(), 7 * kCell);
}

// The division that release makes: exact for every offset in the longest run of every class.
TEST(RunTest, TheInverseFindsTheSlotsAndNothingElse) {
  for (unsigned number = 1; number < kSlotClasses; number++) {
    const uint32_t inverse = memory_wasm::Run::inverse_of(number);
    const uint32_t size = number * kAlignment;
    for (uint32_t offset = 0; offset <= UINT16_MAX; offset++) {
      const uint64_t divided = uint64_t(offset) * inverse;
      ASSERT_EQ(divided >> 32, offset / size) << size << " " << offset;
      ASSERT_EQ(static_cast<uint32_t>(divided) < inverse, offset % size == 0) << size << " " << offset;
    }
  }
}

using RunsDeathTest = RunsTest;

TEST_F(RunsDeathTest, WhatIsNoSlotInUseTraps) {
  const std::vector<void*> blocks = blocks_in_runs(48);
  auto* mem = static_cast<char*>(blocks[500]);
  ASSERT_TRUE(is_in_run(mem));
  const memory_wasm::Run* run = heap_->run_with(reinterpret_cast<uintptr_t>(mem));
  EXPECT_DEATH(heap_->release(mem + 16), "");
  EXPECT_DEATH(heap_->release(mem + 1), "");
  EXPECT_DEATH(heap_->release(const_cast<memory_wasm::Run*>(run)), "") << "the run itself, which is a chunk in use";
  EXPECT_DEATH(heap_->release(const_cast<void*>(heap_->map())), "") << "the map";
  heap_->release(mem);
  EXPECT_DEATH(heap_->release(mem), "");
  EXPECT_DEATH(heap_->resize(mem, 10), "");
  EXPECT_DEATH(heap_->usable_size(mem), "");
}

}  // namespace
}  // namespace memory_wasm
