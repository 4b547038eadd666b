// What the heap keeps for each class of slots: where malloc takes the next one, and the class's cells.
//
//     active word    word: 64 free bits of the current cell, as their distance from `nothing`
//                    base: the slot of the lowest bit
//
//     class          current: the cell with the active word, in no list
//                    partial: cells with at least relist_threshold() free slots
//                    nearly_full: cells with fewer
//                    all other cells of the class are full, and in no list
//
// All zero is a class without slots: its active word is `nothing`, which is always 0. So malloc needs no other test. It hands
// out a slot only if the bits fit their secret (cell.h), so that no word, base or free bit that was overwritten can make it hand out
// other memory.
#pragma once

#include "cell.h"

namespace memory_wasm {

template <KeySource K>
class ActiveWords {
 public:
  // The lowest slot of the class with slots of `size`, or null.
  [[gnu::always_inline]] void* take(size_t size) {
    const size_t number = size / kAlignment;
    const Place place = places_[number];
    const uintptr_t address = reinterpret_cast<uintptr_t>(&nothing_) + place.word;
    FreeBits& word = *reinterpret_cast<FreeBits*>(address);
    const uint64_t free = word.bits;
    if (__builtin_expect(free == 0, 0)) return nullptr;
    const uint64_t secret = secret_of<K>(address, place.base, size);
    trap_if((free ^ word.hidden) != secret);
    const uint64_t left = free & (free - 1);
    word.bits = left;
    word.hidden = left ^ secret;
    const uintptr_t slot = place.base + __builtin_ctzll(free) * size;
    if (slot == 0) __builtin_unreachable();  // so that nobody tests the result again
    return reinterpret_cast<void*>(slot);
  }

  // Word `i` of the cell becomes the active one.
  void set(unsigned number, Cell* cell, unsigned i) {
    const uintptr_t word = reinterpret_cast<uintptr_t>(&cell->free[i]) - reinterpret_cast<uintptr_t>(&nothing_);
    places_[number] = {cell->base_of_word(i), word};
  }

  void clear(unsigned number) { places_[number] = {0, 0}; }

  uintptr_t base(unsigned number) const { return places_[number].base; }
  uintptr_t word(unsigned number) const { return reinterpret_cast<uintptr_t>(&nothing_) + places_[number].word; }
  bool is_set(unsigned number) const { return places_[number].word != 0; }
  bool is_nothing() const { return nothing_.bits == 0; }

 private:
  struct Place {
    uintptr_t base;
    uintptr_t word;
  };

  FreeBits nothing_;
  Place places_[kSlotClasses];
};

struct SlotClass {
  Cell* current;
  Cell* partial;
  Cell* nearly_full;
  uint32_t requests;  // before the first cell
  uint32_t cells;
};

}  // namespace memory_wasm
