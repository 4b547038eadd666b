// Chunk size <-> size class, for the bins. No pointers here.
//
// Sizes are counted in units of 16 bytes. Up to 31 units each size has a class of its own; above, each power of two is
// divided into 16 classes of equal width (the two-level segregated fit of Masmano et al., 2004, flattened):
//
//     units   1 .. 31      class = units
//     units  32 .. 63      step 2     class 32 .. 47
//     units  64 .. 127     step 4     class 48 .. 63   ...
#pragma once

#include "tags.h"

namespace memory_wasm {

constexpr unsigned kStepsLog2 = 4;  // classes per power of two: 16
constexpr unsigned kSteps = 1u << kStepsLog2;
constexpr unsigned kAddressBits = sizeof(size_t) == 4 ? 32 : 48;  // a 64-bit memory holds less than 2^48 bytes
constexpr unsigned kClasses = (kAddressBits - 4 - kStepsLog2 + 1) << kStepsLog2;

constexpr unsigned log2_floor(size_t n) { return sizeof(size_t) == 4 ? 31u - __builtin_clz(static_cast<unsigned>(n)) : 63u - __builtin_clzll(n); }

constexpr unsigned size_class(size_t size) {
  const size_t units = size / kAlignment;
  if (units < kSteps) return static_cast<unsigned>(units);
  const unsigned log2 = log2_floor(units);
  return ((log2 - kStepsLog2) << kStepsLog2) + static_cast<unsigned>(units >> (log2 - kStepsLog2));
}

// The smallest chunk size in the class.
constexpr size_t class_floor(unsigned size_class) {
  if (size_class < kSteps) return size_class * kAlignment;
  const unsigned shift = (size_class >> kStepsLog2) - 1;
  return (size_t(kSteps + size_class % kSteps) << shift) * kAlignment;
}

// All chunks of such a class have the same size.
constexpr bool is_exact(unsigned size_class) { return size_class < 2 * kSteps; }

static_assert(size_class(class_floor(kClasses - 1)) == kClasses - 1);
static_assert(size_class(~size_t(0) >> (8 * sizeof(size_t) - kAddressBits)) == kClasses - 1);

}  // namespace memory_wasm
