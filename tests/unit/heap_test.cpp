// Allocate, release and resize: splitting, coalescing, top.
#include "heap_fixture.h"

#include <random>

namespace memory_wasm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t k100 = chunk_size(100);
constexpr size_t k500 = chunk_size(500);

TEST_F(HeapTest, ANewHeapIsOnePageAndAllTop) {
  EXPECT_EQ(heap().footprint(), kPageSize);
  ASSERT_EQ(spans(heap()).size(), 2u);
  EXPECT_EQ(spans(heap())[0].kind, SpanKind::kOverhead);
  EXPECT_EQ(spans(heap())[1].kind, SpanKind::kTop);
}

TEST_F(HeapTest, BlocksAreAlignedAndDoNotOverlap) {
  std::vector<char*> blocks;
  for (size_t bytes = 0; bytes < 600; bytes++) {
    auto* mem = static_cast<char*>(heap().allocate(bytes));
    ASSERT_TRUE(is_aligned(address_of(mem), kAlignment)) << bytes;
    fill(mem, bytes, static_cast<unsigned char>(bytes));
    blocks.push_back(mem);
  }
  for (size_t bytes = 0; bytes < 600; bytes++) EXPECT_TRUE(is_filled(blocks[bytes], bytes, static_cast<unsigned char>(bytes)));
}

TEST_F(HeapTest, UsableSizeHoldsTheRequestAndIsUsable) {
  for (size_t bytes = 0; bytes < 300; bytes++) {
    void* a = heap().allocate(bytes);
    void* b = heap().allocate(bytes);
    ASSERT_GE(heap().usable_size(a), bytes);
    fill(a, heap().usable_size(a), 1);
    fill(b, heap().usable_size(b), 2);
    EXPECT_TRUE(is_filled(a, heap().usable_size(a), 1));
    heap().release(a);
    heap().release(b);
  }
}

TEST_F(HeapTest, BlocksOfNoBytesAreUnique) {
  void* a = heap().allocate(0);
  void* b = heap().allocate(0);
  EXPECT_NE(a, nullptr);
  EXPECT_NE(a, b);
  heap().release(a);
  heap().release(b);
}

TEST_F(HeapTest, FreshBlocksComeFromTopOneAboveTheOther) {
  void* a = heap().allocate(100);
  void* b = heap().allocate(100);
  EXPECT_EQ(address_of(b) - address_of(a), k100);
  EXPECT_THAT(chunks(heap()), ElementsAre(used(k100), used(k100)));
}

TEST_F(HeapTest, FreeingTheLastBlockGivesItBackToTop) {
  void* a = heap().allocate(100);
  void* b = heap().allocate(500);
  heap().release(b);
  EXPECT_THAT(chunks(heap()), ElementsAre(used(k100)));
  heap().release(a);
  EXPECT_THAT(chunks(heap()), IsEmpty());
}

// Every order of freeing three neighbours ends in one free chunk.
class CoalesceTest : public HeapTest, public ::testing::WithParamInterface<std::vector<int>> {};

TEST_P(CoalesceTest, FreeNeighboursJoin) {
  void* blocks[] = {heap().allocate(100), heap().allocate(500), heap().allocate(100)};
  heap().allocate(1);  // keeps them away from top
  for (int which : GetParam()) {
    heap().release(blocks[which]);
    EXPECT_EQ(check(heap()), Invariant::kHolds);
  }
  EXPECT_THAT(chunks(heap()), ElementsAre(unused(2 * k100 + k500), used(kMinChunk)));
}

INSTANTIATE_TEST_SUITE_P(Orders, CoalesceTest,
                         ::testing::Values(std::vector{0, 1, 2}, std::vector{0, 2, 1}, std::vector{1, 0, 2}, std::vector{1, 2, 0},
                                           std::vector{2, 0, 1}, std::vector{2, 1, 0}));

// The heads of a block and of the chunk above it are stale once both are inside a larger chunk: they say what they said before.
TEST_F(HeapTest, ABlockThatWasJoinedWithItsNeighboursCannotBeFreedAgain) {
  void* blocks[] = {heap().allocate(100), heap().allocate(500), heap().allocate(100)};
  heap().allocate(1);  // keeps them away from top
  for (int which : {0, 2, 1}) heap().release(blocks[which]);
  EXPECT_DEATH(heap().release(blocks[1]), "");
  EXPECT_DEATH(heap().resize(blocks[1], 50), "");
  EXPECT_DEATH(heap().usable_size(blocks[1]), "");
}

TEST_F(HeapTest, ABlockThatWasJoinedWithTopCannotBeFreedAgain) {
  void* below = heap().allocate(100);
  void* last = heap().allocate(500);
  heap().release(below);
  heap().release(last);
  EXPECT_DEATH(heap().release(last), "");
}

TEST_F(HeapTest, AFreeChunkWithFlagsThatItCannotHaveIsNotJoined) {
  void* block = heap().allocate(100);
  void* freed = heap().allocate(500);
  heap().allocate(1);
  heap().release(freed);
  for (size_t flag : {size_t(Chunk::kOwn), size_t(Chunk::kBelowInUse)}) {
    Chunk::of(freed)->head ^= flag;
    EXPECT_DEATH(heap().release(block), "");
    Chunk::of(freed)->head ^= flag;
  }
}

// ---- one word was overwritten: each check by itself ----

// Three neighbours, and one that keeps them from top.
class OverwrittenTest : public HeapTest {
 protected:
  OverwrittenTest() {
    for (Chunk*& chunk : chunks_) chunk = Chunk::of(heap().allocate(1000));
    heap().allocate(1000);
  }

  void release(const Chunk* chunk) { heap().release(const_cast<Chunk*>(chunk)->mem()); }

  Chunk* chunks_[3];
};

TEST_F(OverwrittenTest, AFreeChunkWhoseFootDiffersIsNotJoined) {
  release(chunks_[1]);
  const auto join_after_damage = [this] {
    chunks_[1]->foot() ^= kAlignment;
    release(chunks_[0]);
  };
  EXPECT_DEATH(join_after_damage(), "");
}

TEST_F(OverwrittenTest, AFreeChunkThatTheChunkAboveTakesForUsedIsNotJoined) {
  release(chunks_[1]);
  const auto join_after_damage = [this] {
    chunks_[2]->head |= Chunk::kBelowInUse;
    release(chunks_[0]);
  };
  EXPECT_DEATH(join_after_damage(), "");
}

TEST_F(OverwrittenTest, ABlockThatTheChunkAboveTakesForFreeIsNotFreed) {
  const auto free_after_damage = [this] {
    chunks_[1]->head &= ~Chunk::kBelowInUse;
    release(chunks_[0]);
  };
  EXPECT_DEATH(free_after_damage(), "");
}

// With the key, everything but the place of the block is as it should be.
TEST_F(OverwrittenTest, AForgedBlockAtAnUnalignedAddressIsNotFreed) {
  const auto free_forged = [this] {
    Chunk* forged = Chunk::at(chunks_[0]->address() + kAlignment / 2);
    forged->head = 64 | Chunk::kInUse | Chunk::kBelowInUse;
    forged->above()->head = 64 | Chunk::kInUse | Chunk::kBelowInUse;
    forged->foot() = heap().seal_of(forged);
    release(forged);
  };
  EXPECT_DEATH(free_forged(), "");
}

// A chunk below the first region, with all that a free chunk has, links from and to two others included.
TEST_F(OverwrittenTest, AForgedFreeChunkOutsideTheRegionsIsNotJoined) {
  const auto join_forged = [this] {
    Chunk* forged = Chunk::of(pointer_to(FakePages::begin() + 64));
    Chunk* after = Chunk::of(pointer_to(FakePages::begin() + 128));
    Chunk* before = Chunk::of(pointer_to(FakePages::begin() + 192));
    const auto link = [](const Chunk* chunk) { return SealedTags<FakeKey>::hide(chunk->address()); };
    const size_t size = chunks_[1]->address() - forged->address();
    forged->head = size | Chunk::kBelowInUse;
    forged->foot() = TestHeap::foot_of(size);
    forged->next_free = link(after);
    forged->previous_free = link(before);
    after->previous_free = before->next_free = link(forged);
    chunks_[1]->head &= ~Chunk::kBelowInUse;
    release(chunks_[1]);
  };
  EXPECT_DEATH(join_forged(), "");
}

TEST_F(HeapTest, AFreeChunkIsSplitAndTheRestStaysFree) {
  void* a = heap().allocate(500);
  heap().allocate(1);
  heap().release(a);
  EXPECT_EQ(heap().allocate(100), a);
  EXPECT_THAT(chunks(heap()), ElementsAre(used(k100), unused(k500 - k100), used(kMinChunk)));
}

TEST_F(HeapTest, ARestOfTheSmallestSizeIsAFreeChunk) {
  void* freed = heap().allocate(100 + kMinChunk);
  heap().allocate(1);
  heap().release(freed);
  heap().allocate(100);
  EXPECT_THAT(chunks(heap()), ElementsAre(used(k100), unused(kMinChunk), used(kMinChunk)));
}

TEST_F(HeapTest, ARestTooSmallForAChunkStaysWithTheBlock) {
  void* a = heap().allocate(100);
  heap().allocate(1);
  heap().release(a);
  const size_t nearly = k100 - kMinChunk + kAlignment - kOverhead;
  EXPECT_EQ(heap().allocate(nearly), a);
  const size_t size = kMinChunk == kAlignment ? chunk_size(nearly) : k100;
  EXPECT_EQ(chunks(heap())[0], used(size));
}

TEST_F(HeapTest, AnExactFitIsPreferredToALargerChunk) {
  void* large = heap().allocate(500);
  heap().allocate(1);
  void* exact = heap().allocate(100);
  heap().allocate(1);
  heap().release(exact);
  heap().release(large);
  EXPECT_EQ(heap().allocate(100), exact);
}

TEST_F(HeapTest, AFreeChunkIsPreferredToTop) {
  void* a = heap().allocate(500);
  heap().allocate(1);
  heap().release(a);
  EXPECT_EQ(heap().allocate(20), a);
}

TEST_F(HeapTest, ZeroedBlocksAreZeroAfterAnyHistory) {
  std::mt19937 random(4711);
  std::vector<std::pair<void*, size_t>> live;
  for (int step = 0; step < 4000; step++) {
    const size_t bytes = random() % (step % 50 == 0 ? 90000 : 600);
    if (live.size() > 60 || (random() % 2 && !live.empty())) {
      std::swap(live[random() % live.size()], live.back());
      heap().release(live.back().first);
      live.pop_back();
      continue;
    }
    auto* mem = static_cast<unsigned char*>(random() % 2 ? heap().allocate_zeroed(bytes) : nullptr);
    if (mem) {
      for (size_t i = 0; i < bytes; i++) ASSERT_EQ(mem[i], 0) << "byte " << i << " of " << bytes << ", step " << step;
    } else {
      mem = static_cast<unsigned char*>(heap().allocate(bytes));
    }
    memset(mem, 0xee, heap().usable_size(mem));
    live.push_back({mem, bytes});
    if (random() % 20 == 0) FakePages::foreign_grow(1);
  }
}

// ---- aligned ----

TEST_F(HeapTest, AlignedBlocksAreAlignedAndUsable) {
  for (size_t alignment = 1; alignment <= 65536; alignment *= 2)
    for (size_t bytes : {0, 1, 15, 16, 17, 100, 1000, 70000}) {
      void* mem = heap().allocate_aligned(alignment, bytes);
      ASSERT_TRUE(mem && is_aligned(address_of(mem), alignment < kAlignment ? kAlignment : alignment)) << alignment;
      fill(mem, bytes, 3);
      ASSERT_EQ(check(heap()), Invariant::kHolds);
      if (bytes % 2) heap().release(mem);
    }
}

TEST_F(HeapTest, WhatAnAlignedBlockSkipsIsFreeAgain) {
  void* first = heap().allocate(1);
  void* mem = heap().allocate_aligned(4096, 100);
  size_t in_use_bytes = 0;
  for (const Span& span : chunks(heap()))
    if (span.kind == SpanKind::kUsed) in_use_bytes += span.bytes;
  EXPECT_EQ(in_use_bytes, kMinChunk + k100);
  heap().release(mem);
  heap().release(first);
  EXPECT_THAT(chunks(heap()), IsEmpty());
}

TEST_F(HeapTest, ImpossibleAlignedRequestsFailAtOnce) {
  const size_t half = ~(~size_t(0) >> 1);
  EXPECT_EQ(heap().allocate_aligned(half, 1), nullptr);
  EXPECT_EQ(heap().allocate_aligned(64, kMaxRequest), nullptr);
  EXPECT_EQ(heap().allocate_aligned(64, ~size_t(0)), nullptr);
  EXPECT_EQ(FakePages::grow_calls, 1u);
}

// ---- resize ----

TEST_F(HeapTest, ResizeKeepsTheContentUpToTheSmallerSize) {
  std::mt19937 random(99);
  void* mem = heap().allocate(1);
  size_t bytes = 1;
  fill(mem, bytes, 5);
  for (int step = 0; step < 3000; step++) {
    const size_t wanted = random() % (step % 10 == 0 ? 100000 : 800);
    if (random() % 3 == 0) heap().allocate(random() % 100);
    mem = heap().resize(mem, wanted);
    ASSERT_TRUE(is_filled(mem, std::min(bytes, wanted), 5)) << step;
    bytes = wanted;
    fill(mem, bytes, 5);
  }
}

TEST_F(HeapTest, ResizeGrowsInPlaceIntoTop) {
  void* mem = heap().allocate(100);
  EXPECT_EQ(heap().resize(mem, 500), mem);
  EXPECT_THAT(chunks(heap()), ElementsAre(used(k500)));
}

TEST_F(HeapTest, ResizeGrowsInPlaceIntoTopThatGrows) {
  void* mem = heap().allocate(100);
  EXPECT_EQ(heap().resize(mem, 10 * kPageSize), mem);
  EXPECT_THAT(chunks(heap()), ElementsAre(used(chunk_size(10 * kPageSize))));
}

TEST_F(HeapTest, ResizeGrowsInPlaceIntoTheFreeChunkAbove) {
  void* mem = heap().allocate(100);
  void* above = heap().allocate(1000);
  heap().allocate(1);
  heap().release(above);
  EXPECT_EQ(heap().resize(mem, 500), mem);
  EXPECT_THAT(chunks(heap()), ElementsAre(used(k500), unused(k100 + chunk_size(1000) - k500), used(kMinChunk)));
}

TEST_F(HeapTest, ResizeMovesWhenTheChunkAboveIsTooSmall) {
  void* mem = heap().allocate(100);
  fill(mem, 100, 9);
  void* above = heap().allocate(100);
  heap().allocate(1);
  heap().release(above);
  void* moved = heap().resize(mem, 1000);
  EXPECT_NE(moved, mem);
  EXPECT_TRUE(is_filled(moved, 100, 9));
  EXPECT_THAT(chunks(heap()), ElementsAre(unused(2 * k100), used(kMinChunk), used(chunk_size(1000))));
}

TEST_F(HeapTest, ResizeShrinksInPlaceAndFreesTheRest) {
  void* mem = heap().allocate(500);
  heap().allocate(1);
  EXPECT_EQ(heap().resize(mem, 100), mem);
  EXPECT_THAT(chunks(heap()), ElementsAre(used(k100), unused(k500 - k100), used(kMinChunk)));
  EXPECT_EQ(heap().resize(mem, 0), mem);
  EXPECT_EQ(chunks(heap())[0], used(kMinChunk));
}

TEST_F(HeapTest, ResizeToTheSameSizeChangesNothing) {
  void* mem = heap().allocate(100);
  EXPECT_EQ(heap().resize(mem, heap().usable_size(mem)), mem);
  EXPECT_THAT(chunks(heap()), ElementsAre(used(k100)));
}

TEST_F(HeapTest, AnImpossibleResizeLeavesTheBlock) {
  void* mem = heap().allocate(100);
  fill(mem, 100, 1);
  EXPECT_EQ(heap().resize(mem, kMaxRequest + 1), nullptr);
  EXPECT_EQ(heap().resize(mem, ~size_t(0)), nullptr);
  EXPECT_TRUE(is_filled(mem, 100, 1));
  EXPECT_THAT(chunks(heap()), ElementsAre(used(k100)));
}

TEST_F(HeapTest, ABlockThatGrowsByLittleGetsHalfAsMuchAgain) {
  void* mem = heap().allocate(1000);
  heap().allocate(1);
  void* moved = heap().resize(mem, 1100);
  ASSERT_NE(moved, mem);
  EXPECT_GE(heap().usable_size(moved), size_t(1650));
}

TEST_F(HeapTest, ABlockGrowsWithoutSlackWhereThatHasNoRoom) {
  void* mem = heap().allocate(1000);
  FakePages::fail_from = FakePages::grow_calls + 1;
  while (heap().top_size() > 1500) heap().allocate(1);
  fill(mem, 1000, 5);
  void* moved = heap().resize(mem, 1100);
  ASSERT_NE(moved, nullptr);
  EXPECT_NE(moved, mem);
  EXPECT_TRUE(is_filled(moved, 1000, 5));
}

TEST_F(HeapTest, AZeroedBlockIsZeroWhereTheLastOneWas) {
  void* mem = heap().allocate(16);
  fill(mem, 16, 0xff);
  heap().release(mem);
  const auto* again = static_cast<unsigned char*>(heap().allocate_zeroed(16));
  ASSERT_EQ(again, mem);
  EXPECT_EQ(std::count(again, again + 16, 0), 16);
}

// ---- reset, at ----

TEST_F(HeapTest, ResetFreesEverythingAndKeepsTheFootprint) {
  for (int i = 0; i < 100; i++) heap().allocate(3000);
  FakePages::foreign_grow(1);
  for (int i = 0; i < 100; i++) heap().allocate(3000);
  const size_t footprint = heap().footprint();
  heap().reset();
  EXPECT_EQ(check(heap()), Invariant::kHolds);
  EXPECT_EQ(heap().footprint(), footprint);
  for (const Span& span : spans(heap())) EXPECT_NE(span.kind, SpanKind::kUsed);
  for (int i = 0; i < 200; i++) EXPECT_NE(heap().allocate(3000), nullptr);
  EXPECT_EQ(heap().footprint(), footprint) << "the same blocks fit again";
}

TEST_F(HeapTest, ZeroedBlocksAreZeroAfterAReset) {
  memset(heap().allocate(30000), 0xee, 30000);
  heap().reset();
  const auto* mem = static_cast<unsigned char*>(heap().allocate_zeroed(30000));
  EXPECT_EQ(std::count(mem, mem + 30000, 0), 30000);
}

TEST_F(HeapTest, AHeapIsFoundAgainAtItsAddress) {
  EXPECT_EQ(TestHeap::at(address_of(&heap())), &heap());
  EXPECT_EQ(TestHeap::at(0), nullptr);
  EXPECT_EQ(TestHeap::at(address_of(&heap()) + 1), nullptr);
  EXPECT_EQ(TestHeap::at(address_of(&heap()) + 16), nullptr);
  EXPECT_EQ(TestHeap::at(FakePages::end()), nullptr);
  EXPECT_EQ(TestHeap::at(FakePages::end() - 16), nullptr);
  EXPECT_EQ(TestHeap::at(FakePages::begin()), nullptr) << "a foreign page";
}

}  // namespace
}  // namespace memory_wasm
