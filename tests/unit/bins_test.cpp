#include "bins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "fake_key.h"

namespace memory_wasm {
namespace {

using ::testing::ElementsAre;
using Tags = SealedTags<FakeKey>;

// Free chunks anywhere, with aligned payloads: bins never look at a neighbour.
class BinsTest : public ::testing::Test {
 protected:
  Chunk* chunk(size_t size) {
    chunks_.push_back(std::make_unique<Place>());
    Chunk* made = Chunk::of(chunks_.back()->bytes + kAlignment);
    made->head = size | Chunk::kBelowInUse;
    return made;
  }

  Chunk* inserted(size_t size) {
    Chunk* made = chunk(size);
    bins_.insert(made, made->size());
    return made;
  }

  std::vector<Chunk*> listed(unsigned bin) const {
    std::vector<Chunk*> found;
    for (Chunk* chunk = bins_.first(bin); chunk; chunk = bins_.next(chunk)) found.push_back(chunk);
    return found;
  }

  Chunk* find(size_t size) const { return bins_.find(size, kClasses); }

  static uintptr_t link_to(const Chunk* chunk) { return Tags::hide(reinterpret_cast<uintptr_t>(chunk)); }

  struct alignas(kAlignment) Place {
    char bytes[kAlignment + sizeof(Chunk)];
  };

  Bins<Tags> bins_{};
  std::vector<std::unique_ptr<Place>> chunks_;
};

TEST_F(BinsTest, TheLargestIsThatOfTheLastClass) {
  EXPECT_EQ(bins_.largest(), 0u);
  for (size_t size : {1024, 8192, 256}) inserted(size);
  EXPECT_EQ(bins_.largest(), 8192u);
}

TEST_F(BinsTest, TheLargestIsThatOfAllInItsClass) {
  const size_t floor = class_floor(3 * kSteps);
  inserted(floor + 2 * kAlignment);
  inserted(floor);
  EXPECT_EQ(bins_.largest(), floor + 2 * kAlignment);
}

TEST_F(BinsTest, FindLeavesAloneTheClassesFromTheEndOn) {
  Chunk* large = inserted(8192);
  EXPECT_EQ(bins_.find(64, size_class(8192)), nullptr);
  EXPECT_EQ(bins_.find(64, size_class(8192) + 1), large);
}

TEST_F(BinsTest, AllZeroIsEmpty) {
  EXPECT_EQ(find(kMinChunk), nullptr);
  EXPECT_EQ(bins_.next_bin(0), kClasses);
  for (unsigned bin = 0; bin < kClasses; bin++) EXPECT_FALSE(bins_.is_marked(bin));
}

TEST_F(BinsTest, TheNewestChunkIsFirst) {
  Chunk* a = inserted(64);
  Chunk* b = inserted(64);
  Chunk* c = inserted(64);
  EXPECT_THAT(listed(size_class(64)), ElementsAre(c, b, a));
}

TEST_F(BinsTest, RemovesFromEveryPlaceInAList) {
  Chunk* a = inserted(64);
  Chunk* b = inserted(64);
  Chunk* c = inserted(64);
  Chunk* d = inserted(64);
  bins_.remove(c, c->size());
  EXPECT_THAT(listed(size_class(64)), ElementsAre(d, b, a));
  bins_.remove(a, a->size());
  EXPECT_THAT(listed(size_class(64)), ElementsAre(d, b));
  bins_.remove(d, d->size());
  EXPECT_THAT(listed(size_class(64)), ElementsAre(b));
  bins_.remove(b, b->size());
  EXPECT_THAT(listed(size_class(64)), ElementsAre());
}

TEST_F(BinsTest, ABinIsMarkedExactlyWhileItHasChunks) {
  for (unsigned bin = kMinChunk / kAlignment; bin < kClasses; bin++) {
    Chunk* a = inserted(class_floor(bin));
    Chunk* b = inserted(class_floor(bin));
    EXPECT_TRUE(bins_.is_marked(bin));
    EXPECT_EQ(bins_.next_bin(0), bin);
    EXPECT_EQ(bins_.next_bin(bin), bin);
    EXPECT_EQ(bins_.next_bin(bin + 1), kClasses);
    bins_.remove(a, a->size());
    EXPECT_TRUE(bins_.is_marked(bin));
    bins_.remove(b, b->size());
    EXPECT_FALSE(bins_.is_marked(bin));
    EXPECT_EQ(bins_.next_bin(0), kClasses);
  }
}

TEST_F(BinsTest, NextBinSeesEveryPairOfBins) {
  for (unsigned low = 2; low < kClasses; low += 3)
    for (unsigned high = low + 1; high < kClasses; high += 7) {
      Chunk* a = inserted(class_floor(low));
      Chunk* b = inserted(class_floor(high));
      ASSERT_EQ(bins_.next_bin(2), low);
      ASSERT_EQ(bins_.next_bin(low + 1), high);
      ASSERT_EQ(bins_.next_bin(high + 1), kClasses);
      bins_.remove(a, a->size());
      bins_.remove(b, b->size());
      chunks_.clear();
    }
}

TEST_F(BinsTest, SearchPrefersTheBestOfTheSameClass) {
  const size_t floor = class_floor(3 * kSteps);
  inserted(floor + 3 * kAlignment);
  Chunk* best = inserted(floor + kAlignment);
  inserted(floor + 2 * kAlignment);
  inserted(floor);
  EXPECT_EQ(bins_.search(floor + kAlignment, kAlignment, kClasses), best);
}

TEST_F(BinsTest, FindNeverReturnsAChunkThatIsTooSmall) {
  const size_t floor = class_floor(3 * kSteps);
  inserted(floor);
  EXPECT_EQ(find(floor + kAlignment), nullptr);
  Chunk* large = inserted(class_floor(3 * kSteps + 5));
  EXPECT_EQ(find(floor + kAlignment), large);
}

TEST_F(BinsTest, FindTakesTheNextClassThatHasAny) {
  Chunk* larger = inserted(256);
  inserted(4096);
  EXPECT_EQ(find(kMinChunk), larger);
  EXPECT_EQ(find(256), larger);
}

TEST_F(BinsTest, AgreesWithAPlainSearchOnRandomChunks) {
  std::mt19937 random(20260);
  std::vector<Chunk*> model;
  for (int step = 0; step < 20000; step++) {
    if (model.size() < 200 && random() % 2) {
      model.push_back(inserted(align_up(kMinChunk + random() % (1u << (5 + random() % 20)), kAlignment)));
    } else if (!model.empty()) {
      std::swap(model[random() % model.size()], model.back());
      bins_.remove(model.back(), model.back()->size());
      model.pop_back();
    }
    const size_t size = align_up(kMinChunk + random() % (1u << (5 + random() % 20)), kAlignment);
    const Chunk* found = find(size);
    const bool larger_class = std::any_of(model.begin(), model.end(), [&](Chunk* chunk) { return size_class(chunk->size()) > size_class(size); });
    if (found) {
      ASSERT_GE(found->size(), size);
      ASSERT_NE(std::find(model.begin(), model.end(), found), model.end());
    } else {
      ASSERT_FALSE(larger_class) << "a chunk of a larger class fits any request";
    }
  }
}

using BinsDeathTest = BinsTest;

TEST_F(BinsDeathTest, TrapsWhenANeighbourInTheListDisagrees) {
  Chunk* a = inserted(64);
  Chunk* b = inserted(64);
  Chunk* c = inserted(64);
  a->previous_free = link_to(c);
  EXPECT_DEATH(bins_.remove(b, b->size()), "");
  a->previous_free = link_to(b);
  c->next_free = link_to(a);
  EXPECT_DEATH(bins_.remove(b, b->size()), "");
  EXPECT_DEATH(bins_.remove(chunk(64), 64), "") << "a chunk that is in no bin";
}

TEST_F(BinsDeathTest, TrapsWhenAChunkClaimsToBeTheFirst) {
  Chunk* a = inserted(64);
  inserted(64);
  a->previous_free = link_to(nullptr);
  EXPECT_DEATH(bins_.remove(a, a->size()), "");
}

TEST_F(BinsDeathTest, TrapsWhenTheFirstChunkIsNoneAnyMore) {
  Chunk* a = inserted(64);
  a->head |= Chunk::kInUse;
  EXPECT_DEATH(inserted(64), "") << "a block took its place";
  a->head &= ~Chunk::kInUse;
  a->previous_free = link_to(chunk(64));
  EXPECT_DEATH(inserted(64), "") << "it isn't the first";
}

}  // namespace
}  // namespace memory_wasm
