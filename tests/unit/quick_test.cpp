// The smallest heap: chunks that wait in quick lists, and when they coalesce.
#include "quick_heap.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "check_quick.h"
#include "fake_pages.h"
#include "heap.h"
#include "walk.h"

namespace memory_wasm {
namespace {

using TestHeap = QuickHeap<FakePages>;
static_assert(Heap<TestHeap>);

class QuickTest : public ::testing::Test {
 protected:
  QuickTest() {
    FakePages::reset();
    heap_ = TestHeap::create();
  }
  void TearDown() override { EXPECT_EQ(check(*heap_), Invariant::kHolds); }

  size_t spans() const {
    size_t count = 0;
    for (uintptr_t at = next_span(*heap_, 0); at; at = next_span(*heap_, at)) count++;
    return count;
  }

  TestHeap* heap_;
};

TEST_F(QuickTest, AFreedBlockIsTheNextOfItsSize) {
  void* a = heap_->allocate(100);
  heap_->allocate(100);
  heap_->release(a);
  EXPECT_EQ(heap_->allocate(1), static_cast<char*>(a) + 2 * TestHeap::Chunks::chunk_size(100)) << "no other size takes it";
  EXPECT_EQ(heap_->allocate(100), a);
}

TEST_F(QuickTest, WhatWaitsIsFreeInTheWalk) {
  void* a = heap_->allocate(100);
  void* b = heap_->allocate(300);
  heap_->release(a);
  EXPECT_EQ(span_kind(*heap_, reinterpret_cast<uintptr_t>(a)), SpanKind::kFree);
  EXPECT_EQ(in_use(*heap_), TestHeap::Chunks::chunk_size(300));
  EXPECT_GE(heap_->usable_size(b), 300u);
}

TEST_F(QuickTest, AtMostA32ndOfTheFootprintWaits) {
  std::vector<void*> blocks;
  for (int i = 0; i < 4000; i++) blocks.push_back(heap_->allocate(16 + i % 20 * 16));
  for (void* mem : blocks) {
    heap_->release(mem);
    ASSERT_LE(heap_->kept(), heap_->footprint() / 32);
    ASSERT_EQ(check(*heap_), Invariant::kHolds);
  }
  heap_->trim();
  EXPECT_EQ(heap_->kept(), 0u);
  EXPECT_EQ(spans(), 2u) << "the heap's own, and top";
}

TEST_F(QuickTest, WhatWaitsCoalescesBeforeTheHeapGrows) {
  std::vector<void*> blocks;
  for (int i = 0; i < 20; i++) blocks.push_back(heap_->allocate(100));
  heap_->allocate(heap_->chunks().top_size() - kHeadSize);
  for (void* mem : blocks) heap_->release(mem);
  FakePages::fail_from = FakePages::grow_calls + 1;
  EXPECT_NE(heap_->allocate(20 * TestHeap::Chunks::chunk_size(100) - kHeadSize), nullptr);
}

TEST_F(QuickTest, ResetForgetsTheLists) {
  heap_->release(heap_->allocate(100));
  heap_->reset();
  EXPECT_EQ(heap_->kept(), 0u);
  EXPECT_EQ(spans(), 2u);
}

TEST_F(QuickTest, CheckNamesWhatIsBroken) {
  Chunk* chunk = Chunk::of(heap_->allocate(100));
  heap_->allocate(1);
  heap_->release(chunk->mem());
  const size_t head = chunk->head;
  chunk->head ^= Chunk::kQuick;
  EXPECT_EQ(check(*heap_), Invariant::kQuickList);
  chunk->head = head;
  const uintptr_t next = chunk->next_free;
  chunk->next_free = chunk->address();
  EXPECT_EQ(check(*heap_), Invariant::kQuickList) << "a cycle";
  chunk->next_free = next;
}

using QuickDeathTest = QuickTest;

TEST_F(QuickDeathTest, WhatIsNoBlockInUseTraps) {
  for (size_t bytes : {100, 1000}) {
    auto* mem = static_cast<char*>(heap_->allocate(bytes));
    heap_->allocate(bytes);
    EXPECT_DEATH(heap_->release(mem + 16), "");
    EXPECT_DEATH(heap_->release(mem + 1), "");
    heap_->release(mem);
    EXPECT_DEATH(heap_->release(mem), "");
    EXPECT_DEATH(heap_->resize(mem, 10), "");
    EXPECT_DEATH(heap_->usable_size(mem), "");
  }
}

TEST_F(QuickDeathTest, ASizeThatWasOverwrittenWhileItWaitedTraps) {
  Chunk* chunk = Chunk::of(heap_->allocate(100));
  heap_->allocate(1);
  heap_->release(chunk->mem());
  chunk->head += kAlignment;
  EXPECT_DEATH(heap_->allocate(100), "");
  chunk->head -= kAlignment;
}

constexpr size_t kBothInUse = Chunk::kInUse | Chunk::kBelowInUse;

// A chunk in use that is right in every way but its place, which is all that a heap without seals can see.
void forge(uintptr_t chunk, size_t size) {
  Chunk::at(chunk)->head = size | kBothInUse;
  Chunk::at(chunk + size)->head = 64 | kBothInUse;
}

TEST_F(QuickDeathTest, AForgedBlockOutsideTheHeapTraps) {
  const uintptr_t mem = FakePages::begin() + 0x1010;
  forge(mem - kHeadSize, 64);
  EXPECT_DEATH(heap_->release(reinterpret_cast<void*>(mem)), "");
}

TEST_F(QuickDeathTest, ABlockThatEndsOutsideTheHeapTraps) {
  void* mem = heap_->allocate(1000);
  Chunk* chunk = Chunk::of(mem);
  const size_t head = chunk->head;
  forge(chunk->address(), FakePages::foreign_grow(1) + 0x110 - kHeadSize - chunk->address());
  EXPECT_DEATH(heap_->release(mem), "");
  chunk->head = head;
}

TEST_F(QuickDeathTest, ABlockWhoseNeighbourEndsOutsideTheHeapTraps) {
  void* mem = heap_->allocate(1000);
  Chunk* above = Chunk::of(heap_->allocate(1000));
  const size_t head = above->head;
  above->head = kPageSize * 16 | kBothInUse;
  EXPECT_DEATH(heap_->release(mem), "");
  above->head = head;
}

TEST_F(QuickDeathTest, ATopWhoseSizeWasOverwrittenTraps) {
  Chunk* top = heap_->chunks().top();
  const size_t head = top->head;
  top->head = kPageSize * 16 | Chunk::kBelowInUse;
  EXPECT_DEATH(heap_->allocate(5000), "");
  top->head = head;
}

}  // namespace
}  // namespace memory_wasm
