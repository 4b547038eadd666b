#include "size_class.h"

#include <gtest/gtest.h>

namespace memory_wasm {
namespace {

// The first chunk size that is too large for the class.
size_t class_end(unsigned bin) { return bin + 1 == kClasses ? ~size_t(0) : class_floor(bin + 1); }

// What must hold of every chunk size.
void validate(size_t size) {
  const unsigned bin = size_class(size);
  ASSERT_LT(bin, kClasses) << size;
  ASSERT_GE(size, class_floor(bin)) << size;
  ASSERT_LT(size, class_end(bin)) << size;
}

TEST(SizeClassTest, EachSizeUpTo64MiBLiesWithinItsClass) {
  for (size_t size = kAlignment; size <= size_t(64) << 20; size += kAlignment) ASSERT_NO_FATAL_FAILURE(validate(size));
}

TEST(SizeClassTest, SizesAroundEachClassBoundLieWithinTheirClass) {
  for (unsigned bin = 2; bin < kClasses; bin++) {
    const size_t floor = class_floor(bin);
    EXPECT_EQ(size_class(floor), bin);
    EXPECT_EQ(size_class(floor - kAlignment), bin - 1);
    ASSERT_NO_FATAL_FAILURE(validate(floor + kAlignment));
  }
}

TEST(SizeClassTest, TheFloorOfEachClassIsAChunkSizeAndAboveTheOneBefore) {
  for (unsigned bin = 1; bin < kClasses; bin++) {
    EXPECT_EQ(class_floor(bin) % kAlignment, 0u);
    EXPECT_GT(class_floor(bin), class_floor(bin - 1));
  }
}

TEST(SizeClassTest, ExactClassesHoldOneSizeAndTheOthersMore) {
  for (unsigned bin = 1; bin + 1 < kClasses; bin++) EXPECT_EQ(is_exact(bin), class_end(bin) - class_floor(bin) == kAlignment) << bin;
}

TEST(SizeClassTest, NoClassIsWiderThanASixteenthOfItsFloor) {
  for (unsigned bin = 2 * kSteps; bin + 1 < kClasses; bin++) EXPECT_LE(class_end(bin) - class_floor(bin), class_floor(bin) / kSteps) << bin;
}

TEST(SizeClassTest, TheLastClassHoldsTheLargestChunkOfAnAddressSpace) {
  const size_t largest = align_down(~size_t(0) >> (8 * sizeof(size_t) - kAddressBits), kAlignment);
  EXPECT_EQ(size_class(largest), kClasses - 1);
}

TEST(SizeClassTest, Log2Floor) {
  for (unsigned log2 = 0; log2 < 8 * sizeof(size_t); log2++) {
    EXPECT_EQ(log2_floor(size_t(1) << log2), log2);
    EXPECT_EQ(log2_floor((size_t(2) << log2) - 1), log2);
  }
}

}  // namespace
}  // namespace memory_wasm
