// Which cell an address is in: one pointer to a descriptor, or null, for each 8 KiB of a range of addresses.
//
//     addresses  |   .   | cell  | cell  |   .   |   .   | cell  |
//     entries    [ null ][  *   ][  *   ][ null ][ null ][  *   ]
//                 ^first
//
// The entries are in memory that the owner of the map provides. It may provide all that it will ever need at the start: then
// the entries never move, and other threads can read them.
#pragma once

#include "cell.h"

namespace memory_wasm {

class PageMap {
 public:
  // The descriptor of the cell with the address, or null.
  [[gnu::always_inline]] Cell* at(uintptr_t address) const {
    const uintptr_t index = address / kCellSize - first_;
    return __builtin_expect(index < count_, 1) ? entries_[index] : nullptr;
  }

  bool covers(uintptr_t address) const { return address / kCellSize - first_ < count_; }

  // The address must be covered.
  void set(uintptr_t address, Cell* cell) { entries_[address / kCellSize - first_] = cell; }

  // Goes on in other memory: `count` entries from that of `address` on, which cover at least what was covered.
  void move_to(Cell** entries, uintptr_t address, size_t count) {
    for (size_t i = 0; i < count; i++) entries[i] = at((address / kCellSize + i) * kCellSize);
    entries_ = entries;
    first_ = address / kCellSize;
    count_ = count;
  }

  Cell** entries() const { return entries_; }
  uintptr_t begin() const { return first_ * kCellSize; }
  size_t count() const { return count_; }

 private:
  Cell** entries_;
  uintptr_t first_;
  size_t count_;
};

}  // namespace memory_wasm
