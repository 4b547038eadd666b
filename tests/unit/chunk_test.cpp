#include "chunk_heap.h"

#include "fake_key.h"
#include "fake_pages.h"

#include <gtest/gtest.h>

namespace memory_wasm {
namespace {

constexpr size_t kWord = sizeof(size_t);

// A stretch of memory that chunks can lie in: their heads are one word under a multiple of 16.
struct Arena {
  alignas(kAlignment) unsigned char bytes[1024] = {};

  Chunk* chunk(size_t offset) { return Chunk::of(bytes + kAlignment + offset); }
};

TEST(ChunkTest, PayloadAndChunkAreOneWordApart) {
  Arena arena;
  Chunk* chunk = arena.chunk(0);
  EXPECT_EQ(chunk->mem(), arena.bytes + kAlignment);
  EXPECT_EQ(Chunk::of(chunk->mem()), chunk);
  EXPECT_EQ(chunk->address(), reinterpret_cast<uintptr_t>(arena.bytes) + kAlignment - kWord);
}

TEST(ChunkTest, TheHeadHoldsSizeAndBothFlagsApart) {
  Arena arena;
  Chunk* chunk = arena.chunk(0);
  for (size_t flags = 0; flags < 4; flags++) {
    chunk->head = 96 | flags;
    EXPECT_EQ(chunk->size(), 96u);
    EXPECT_EQ(chunk->in_use(), (flags & Chunk::kInUse) != 0);
    EXPECT_EQ(chunk->below_in_use(), (flags & Chunk::kBelowInUse) != 0);
  }
}

TEST(ChunkTest, NeighboursFindEachOther) {
  Arena arena;
  Chunk* low = arena.chunk(0);
  low->head = 64;
  low->foot() = 64;
  Chunk* high = low->above();
  EXPECT_EQ(high, arena.chunk(64));
  EXPECT_EQ(&low->foot(), reinterpret_cast<size_t*>(high) - 1);
  EXPECT_EQ(high->foot_below(), 64u);
}

template <class Tags>
class ChunkSizeTest : public ::testing::Test {};
using BothTags = ::testing::Types<SealedTags<FakeKey>, PlainTags>;
TYPED_TEST_SUITE(ChunkSizeTest, BothTags);

TYPED_TEST(ChunkSizeTest, ChunkSizeIsTheSmallestThatHoldsTheRequest) {
  using Chunks = ChunkHeap<FakePages, TypeParam>;
  for (size_t bytes = 0; bytes < 70000; bytes++) {
    const size_t size = Chunks::chunk_size(bytes);
    ASSERT_EQ(size % kAlignment, 0u) << bytes;
    ASSERT_GE(size, kMinChunk) << bytes;
    ASSERT_GE(size - TypeParam::kOverhead, bytes) << bytes;
    if (size > kMinChunk) {
      ASSERT_LT(size - TypeParam::kOverhead - kAlignment, bytes) << bytes;
    }
  }
}

TYPED_TEST(ChunkSizeTest, TheLargestRequestDoesNotOverflow) {
  using Chunks = ChunkHeap<FakePages, TypeParam>;
  EXPECT_GT(Chunks::chunk_size(kMaxRequest), kMaxRequest);
  EXPECT_LE(Chunks::chunk_size(kMaxRequest), size_t(PTRDIFF_MAX));
  EXPECT_LE(kMaxRequest, size_t(PTRDIFF_MAX));
}

TEST(ChunkTest, AlignmentArithmetic) {
  for (uintptr_t address = 0; address < 300; address++)
    for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
      ASSERT_EQ(is_aligned(address, alignment), address % alignment == 0);
      ASSERT_EQ(align_down(address, alignment), address - address % alignment);
      ASSERT_EQ(align_up(address, alignment), (address + alignment - 1) / alignment * alignment);
    }
}

TEST(ChunkDeathTest, TrapIfStopsTheProgram) {
  trap_if(false);
  EXPECT_DEATH(trap_if(true), "");
}

}  // namespace
}  // namespace memory_wasm
