// Breaks one field at a time and expects check to name what is broken, without being led astray by it.
#include "check.h"

#include "heap_fixture.h"

namespace memory_wasm {
namespace {

// Regions: one below, and the newest with, from below: in use, free, in use, free, in use, top.
class CheckTest : public HeapTest {
 protected:
  CheckTest() {
    FakePages::foreign_grow(1);
    heap().allocate(60000);
    heap().allocate(60000);
    FakePages::forget_foreign();
    for (Chunk*& chunk : chunks_) chunk = Chunk::of(heap().allocate(1000));
    heap().release(chunks_[1]->mem());
    heap().release(chunks_[3]->mem());
  }

  // What check says while `word` holds `value`.
  Invariant broken_by(void* word, size_t value) {
    size_t saved;
    memcpy(&saved, word, sizeof saved);
    memcpy(word, &value, sizeof value);
    const Invariant broken = check(heap());
    memcpy(word, &saved, sizeof saved);
    return broken;
  }
  Invariant broken_by(uintptr_t& link, uintptr_t address) { return broken_by(&link, SealedTags<FakeKey>::hide(address)); }

  Region* newest() { return const_cast<Region*>(heap().newest_region()); }

  Chunk* chunks_[5];
};

TEST_F(CheckTest, TheHeapIsSoundBeforeItIsBroken) {
  EXPECT_EQ(check(heap()), Invariant::kHolds);
  ASSERT_NE(newest()->next, nullptr);
}

TEST_F(CheckTest, ChunkSize) {
  Chunk* chunk = chunks_[2];
  EXPECT_EQ(broken_by(&chunk->head, Chunk::kInUse), Invariant::kChunkSize);
  EXPECT_EQ(broken_by(&chunk->head, ~size_t(0)), Invariant::kChunkSize);
  EXPECT_EQ(broken_by(&chunk->head, kPageSize * 100 | Chunk::kInUse), Invariant::kChunkSize);
}

TEST_F(CheckTest, FlagsThatAFreeChunkHasNot) {
  EXPECT_EQ(broken_by(&chunks_[1]->head, chunks_[1]->head | Chunk::kOwn), Invariant::kChunkSize);
  EXPECT_EQ(broken_by(&chunks_[1]->head, chunks_[1]->head | Chunk::kQuick), Invariant::kChunkSize);
}

TEST_F(CheckTest, FlagAboutTheChunkBelow) {
  EXPECT_EQ(broken_by(&chunks_[2]->head, chunks_[2]->head ^ Chunk::kBelowInUse), Invariant::kFlagBelow);
  EXPECT_EQ(broken_by(&chunks_[1]->head, chunks_[1]->head ^ Chunk::kBelowInUse), Invariant::kFlagBelow);
}

TEST_F(CheckTest, NotCoalesced) { EXPECT_EQ(broken_by(&chunks_[2]->head, chunks_[2]->head ^ Chunk::kInUse), Invariant::kNotCoalesced); }

TEST_F(CheckTest, Foot) {
  EXPECT_EQ(broken_by(&chunks_[1]->foot(), 0), Invariant::kFoot);
  EXPECT_EQ(broken_by(&chunks_[1]->foot(), chunks_[1]->size() + kAlignment), Invariant::kFoot);
}

TEST_F(CheckTest, Fence) {
  EXPECT_EQ(broken_by(&newest()->fence()->head, 0), Invariant::kFence);
  EXPECT_EQ(broken_by(&newest()->next->fence()->head, Chunk::kBelowInUse), Invariant::kFence);
}

TEST_F(CheckTest, Top) {
  EXPECT_EQ(broken_by(&heap().top()->head, heap().top()->head + kAlignment), Invariant::kTop);
  EXPECT_EQ(broken_by(&heap().top()->head, heap().top()->head | Chunk::kInUse), Invariant::kTop);
}

TEST_F(CheckTest, RegionBounds) {
  Region* newest_region = newest();
  Region* older = newest_region->next;
  for (Region* region : {newest_region, older}) {
    EXPECT_EQ(broken_by(&region->begin, region->begin + 8), Invariant::kRegionBounds);
    EXPECT_EQ(broken_by(&region->begin, region->end), Invariant::kRegionBounds);
    EXPECT_EQ(broken_by(&region->end, region->end + 1), Invariant::kRegionBounds);
    EXPECT_EQ(broken_by(&region->end, 0), Invariant::kRegionBounds);
    EXPECT_EQ(broken_by(&region->end, FakePages::end() + kPageSize), Invariant::kRegionBounds);
  }
}

TEST_F(CheckTest, ALinkToANonRegionIsNotFollowed) {
  Region* region = newest();
  for (uintptr_t wild : {uintptr_t(16), uintptr_t(0) - 16, FakePages::end(), FakePages::end() - 16, region->begin + 1})
    EXPECT_EQ(broken_by(&region->next, wild), Invariant::kRegionBounds) << wild;
  EXPECT_EQ(broken_by(&region->next, address_of(region)), Invariant::kFootprint) << "a cycle";
  EXPECT_EQ(broken_by(&region->next, 0), Invariant::kFootprint) << "a region lost";
}

TEST_F(CheckTest, BinLinks) {
  Chunk* first = heap().bins().first(size_class(chunks_[1]->size()));
  Chunk* second = heap().bins().next(first);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(broken_by(second->previous_free, 0), Invariant::kBinLinks);
  EXPECT_EQ(broken_by(first->previous_free, second->address()), Invariant::kBinLinks);
  EXPECT_EQ(broken_by(second->next_free, first->address()), Invariant::kBinLinks) << "a cycle";
  EXPECT_EQ(broken_by(second->next_free, second->address()), Invariant::kBinLinks) << "a cycle";
}

TEST_F(CheckTest, ALinkThatLeadsAstrayIsNotFollowed) {
  Chunk* first = heap().bins().first(size_class(chunks_[1]->size()));
  for (uintptr_t wild : {uintptr_t(8), uintptr_t(0) - 16, FakePages::end(), FakePages::end() - kHeadSize, first->address() + 1})
    EXPECT_EQ(broken_by(first->next_free, wild), Invariant::kBinLinks) << wild;
}

TEST_F(CheckTest, LostChunk) {
  Chunk* first = heap().bins().first(size_class(chunks_[1]->size()));
  EXPECT_EQ(broken_by(first->next_free, 0), Invariant::kLostChunk);
}

TEST_F(CheckTest, BinClass) {
  // Both tags changed alike: a smaller chunk, and behind it one in use.
  Chunk* chunk = chunks_[1];
  const size_t size = chunk->size() / 2 & ~Chunk::kFlags;
  Chunk* rest = Chunk::at(chunk->address() + size);
  rest->head = (chunk->size() - size) | Chunk::kInUse;
  rest->foot() = heap().seal_of(rest);
  chunks_[2]->head |= Chunk::kBelowInUse;
  const size_t head = chunk->head;
  chunk->head = size | Chunk::kBelowInUse;
  chunk->foot() = heap().foot_of(size);
  EXPECT_EQ(check(heap()), Invariant::kBinClass);
  chunk->head = head;
  chunk->foot() = heap().foot_of(chunk->size());
  chunks_[2]->head &= ~Chunk::kBelowInUse;
}

TEST_F(CheckTest, EveryWordOfTheBitmap) {
  char* bins = const_cast<char*>(reinterpret_cast<const char*>(&heap().bins()));
  char* lists = bins + sizeof(heap().bins()) - kClasses * sizeof(Chunk*);
  for (char* word = bins; word + sizeof(size_t) <= lists; word += 4) {
    size_t value;
    memcpy(&value, word, sizeof value);
    for (unsigned bit = 0; bit < 32; bit++) {
      ASSERT_EQ(broken_by(word, value ^ size_t(1) << bit), Invariant::kBinMap) << word - bins << " bit " << bit;
    }
  }
}

TEST_F(CheckTest, EveryHeadOfAList) {
  for (unsigned bin = 0; bin < kClasses; bin++) {
    Chunk** first =
        reinterpret_cast<Chunk**>(const_cast<char*>(reinterpret_cast<const char*>(&heap().bins())) + sizeof(heap().bins())) - kClasses + bin;
    if (*first != heap().bins().first(bin)) continue;  // the array may be followed by padding
    EXPECT_EQ(broken_by(first, *first ? 0 : address_of(chunks_[1])), Invariant::kBinMap) << bin;
    if (*first) {
      EXPECT_EQ(broken_by(first, 16), Invariant::kBinLinks) << bin;
    }
  }
}

// Every word of the chunks' state.
TEST_F(CheckTest, EveryWordOfTheState) {
  auto* words = reinterpret_cast<size_t*>(&heap());
  const size_t count = (reinterpret_cast<const char*>(&heap().bins()) - reinterpret_cast<const char*>(words)) / sizeof(size_t);
  for (size_t i = 0; i < count; i++)
    for (size_t change : {size_t(16), ~size_t(0) - 15, ~size_t(0)})
      EXPECT_NE(broken_by(&words[i], words[i] + change), Invariant::kHolds) << "word " << i << " + " << ptrdiff_t(change);
}

TEST(InvariantTest, EachHasATextOfItsOwn) {
  std::vector<std::string> texts;
  for (int i = 0; i <= static_cast<int>(Invariant::kQuickList); i++) texts.push_back(text(static_cast<Invariant>(i)));
  for (size_t i = 0; i < texts.size(); i++) {
    EXPECT_NE(texts[i], "unknown invariant");
    for (size_t j = 0; j < i; j++) EXPECT_NE(texts[i], texts[j]);
  }
}

}  // namespace
}  // namespace memory_wasm
