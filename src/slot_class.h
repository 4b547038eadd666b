// What the heap keeps for each class of slots: where malloc takes the next one, and the class's cells.
//
//     active word    word: of the current cell's free bits, as its distance from `nothing`
//                    base: the slot of the word's lowest bit
//                    seal: of both and the class
//
//     class          current: the cell with the active word, in no list
//                    partial: cells with at least relist_threshold() free slots
//                    nearly_full: cells with fewer
//                    all other cells of the class are full, and in no list
//
// All zero is a class without slots: its active word is `nothing`, which is always 0. So malloc needs no other test. It hands
// out a slot only if the seal fits, so that an overwritten word or base can't make it hand out other memory.
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
    uint64_t& word = *reinterpret_cast<uint64_t*>(reinterpret_cast<uintptr_t>(&nothing_) + place.word);
    const uint64_t free = word;
    if (__builtin_expect(free == 0, 0)) return nullptr;
    trap_if(seal_of<K>(place.word, place.base) + size != seals_[number]);
    word = free & (free - 1);
    const uintptr_t slot = place.base + __builtin_ctzll(free) * size;
    if (slot == 0) __builtin_unreachable();  // so that nobody tests the result again
    return reinterpret_cast<void*>(slot);
  }

  // Word `i` of the cell becomes the active one.
  void set(unsigned number, Cell* cell, unsigned i) {
    const uintptr_t word = reinterpret_cast<uintptr_t>(&cell->free[i]) - reinterpret_cast<uintptr_t>(&nothing_);
    const uintptr_t base = cell->base + i * kWordBits * number * kAlignment;
    places_[number] = {base, word};
    seals_[number] = seal_of<K>(word, base) + number * kAlignment;
  }

  void clear(unsigned number) {
    places_[number] = {0, 0};
    seals_[number] = 0;
  }

  uintptr_t base(unsigned number) const { return places_[number].base; }
  uintptr_t word(unsigned number) const { return reinterpret_cast<uintptr_t>(&nothing_) + places_[number].word; }
  bool is_set(unsigned number) const { return seals_[number] != 0; }
  bool is_nothing() const { return nothing_ == 0; }
  bool is_sealed(unsigned number) const {
    return seal_of<K>(places_[number].word, places_[number].base) + number * kAlignment == seals_[number];
  }

 private:
  struct Place {
    uintptr_t base;
    uintptr_t word;
  };

  uint64_t nothing_;
  Place places_[kSlotClasses];
  uintptr_t seals_[kSlotClasses];
};

struct SlotClass {
  Cell* current;
  Cell* partial;
  Cell* nearly_full;
  uint32_t requests;  // before the first cell
  uint32_t cells;
};

}  // namespace memory_wasm
