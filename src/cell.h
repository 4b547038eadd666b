// A cell is 8 KiB of equal slots for small blocks, and nothing else: its descriptor is elsewhere. This file knows how both
// are laid out and which slot an address is; it knows nothing of lists, maps or of where cells come from.
//
//     cell        | slot 0 | slot 1 | slot 2 | ...                                   | tail |   at a multiple of 8 KiB
//     descriptor  | next, previous, base | countdown, class | closed shape | free[0] free[1] ... |   40 to 152 bytes
//
// A cell is the payload of a chunk of exactly 8 KiB, so neighbouring cells tile: the last word of a cell is the head of the
// next one, which leaves 511 units of 16 bytes for slots. The descriptor is a small chunk of the heap's own. So a block that
// overflows reaches other blocks, but no bit that says which slots are free.
//
// free has one bit for each slot: set if the slot is free. A slot has no header; a second free finds its bit set. The bits are
// there twice, plain and hidden by a secret: free changes both by its bit, and malloc takes a slot only if they agree, so that it hands
// out nothing by bits that were overwritten.
//
//     free[i]     | bits of the slots 64 i to 64 i + 63 | bits ^ secret |
//
// shape says how to divide: an offset in the cell, in units of 16 bytes, times the reciprocal of the slots' units has the
// slot's number in its upper half; its lower half is less than the reciprocal only if a slot begins there (Lemire, Kaser
// and Kurz, 2019). It is closed together with the cell's base: with another shape, or at another base, blocks would overlap.
#pragma once

#include "tags.h"

namespace memory_wasm {

constexpr size_t kSlotLimit = 512;
constexpr unsigned kSlotClasses = kSlotLimit / kAlignment + 1;  // class c has slots of c * 16 bytes; there is no class 0

constexpr size_t kCellSize = 8192;
constexpr unsigned kCellUnits = kCellSize / kAlignment - 1;
constexpr unsigned kWordBits = 64;

constexpr unsigned slots_of(unsigned slot_class) { return kCellUnits / slot_class; }
constexpr unsigned words_of(unsigned slot_class) { return (slots_of(slot_class) + kWordBits - 1) / kWordBits; }

// Cells are numbered by their place among the addresses.
constexpr uint32_t number_of(uintptr_t address) { return static_cast<uint32_t>(address / kCellSize); }

// A full cell is offered again once this many of its slots are free, so that opening it pays for several allocations.
constexpr unsigned relist_threshold(unsigned slot_class) { return slots_of(slot_class) < 16 ? 1 : slots_of(slot_class) / 8; }

// How an offset in a cell is divided by the size of its slots, in units of 16 bytes.
//
//     | units of all slots: 9 bits | words of free, less one: 3 | reciprocal: 20 |
struct Shape {
  uint32_t bits;

  // Inlined always: the object would go through a stack.
  [[gnu::always_inline]] static constexpr Shape of(unsigned slot_class) {
    return {slots_of(slot_class) * slot_class << kUnitsShift | (words_of(slot_class) - 1) << kWordsShift | (65535 / slot_class + 1)};
  }

  constexpr uint32_t units() const { return bits >> kUnitsShift; }
  constexpr unsigned words() const { return (bits >> kWordsShift & 7) + 1; }
  constexpr uint32_t reciprocal() const { return bits & ((1u << kWordsShift) - 1); }

  // Without a division: the reciprocal is the least number whose product with the class is 2^16 or more.
  constexpr bool is_of(unsigned slot_class) const { return slot_class * reciprocal() - 65536 < slot_class; }

 private:
  static constexpr unsigned kWordsShift = 20;
  static constexpr unsigned kUnitsShift = 23;
  static_assert(kCellUnits < 1u << (32 - kUnitsShift) && words_of(1) <= 8);
};

// Which of 64 slots are free.
struct FreeBits {
  uint64_t bits;
  uint64_t hidden;  // bits ^ secret_of(...)

  void flip(uint64_t bit) {
    bits ^= bit;
    hidden ^= bit;
  }
  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
};

// The secret of free bits at an address: it fits only this address, first slot and size of slots. One product, since each malloc waits
// for it.
template <KeySource K>
[[gnu::always_inline]] inline uint64_t secret_of(uintptr_t address, uintptr_t base, size_t slot_size) {
  if constexpr (sizeof(uintptr_t) == 8) return seal_of<K>(address + slot_size, base);
  return (uint64_t(address + slot_size) << 32 | base) * K::wide_key();
}

struct Cell {
  Cell* next;  // while it is listed
  Cell* previous;
  uintptr_t base;
  uint16_t countdown;  // frees left until the cell changes its list
  uint16_t slot_class;
  uint64_t closed_shape;
  FreeBits free[words_of(1)];  // as many as its class needs: the chunk ends there

  static constexpr size_t bytes_of(unsigned slot_class) { return offsetof(Cell, free) + words_of(slot_class) * sizeof(FreeBits); }

  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
  unsigned slots() const { return slots_of(slot_class); }
  unsigned words() const { return words_of(slot_class); }
  size_t slot_size() const { return slot_class * kAlignment; }
  uintptr_t end_of_slots() const { return base + slots() * slot_size(); }
  bool is_free(unsigned slot) const { return free[slot / kWordBits].bits >> slot % kWordBits & 1; }
  unsigned free_slots() const {
    unsigned count = 0;
    for (unsigned i = 0; i < words(); i++) count += __builtin_popcountll(free[i].bits);
    return count;
  }
  unsigned used_slots() const { return slots() - free_slots(); }

  // The slot of the word's lowest bit.
  uintptr_t base_of_word(unsigned i) const { return base + i * kWordBits * slot_size(); }

  // All slots free.
  template <KeySource K>
  [[clang::minsize]] void init(uintptr_t at, unsigned number) {
    next = previous = nullptr;
    base = at;
    countdown = 0;
    slot_class = static_cast<uint16_t>(number);
    closed_shape = closed<K>(number_of(base), Shape::of(number).bits);
    for (unsigned i = 0, left = slots(); i < words(); i++, left -= kWordBits) {
      const uint64_t bits = left >= kWordBits ? ~uint64_t(0) : (uint64_t(1) << left) - 1;
      free[i] = {bits, bits ^ secret_of_word<K>(i)};
    }
  }

  // Whether the closed shape is that of its class and base.
  template <KeySource K>
  bool has_shape() const {
    const uint64_t shape = opened<K>(closed_shape);
    return shape >> 32 == number_of(base) && Shape{static_cast<uint32_t>(shape)}.is_of(slot_class);
  }

  // Whether no bit of free was overwritten.
  template <KeySource K>
  bool is_whole() const {
    for (unsigned i = 0; i < words(); i++)
      if ((free[i].bits ^ free[i].hidden) != secret_of_word<K>(i)) return false;
    return true;
  }

 private:
  template <KeySource K>
  uint64_t secret_of_word(unsigned i) const {
    return secret_of<K>(free[i].address(), base_of_word(i), slot_size());
  }
};

// The slot at an address, as a bit of its cell's descriptor.
struct Slot {
  FreeBits* word;
  uint64_t bit;
};

// The slot in use at `address`. Traps if none begins there, if it is free, or if the descriptor is not that of its cell.
template <KeySource K>
[[gnu::always_inline]] inline Slot slot_in_use(Cell* cell, uintptr_t address) {
  const uint64_t opened_shape = opened<K>(cell->closed_shape);
  trap_if(opened_shape >> 32 != number_of(address));
  const Shape shape = {static_cast<uint32_t>(opened_shape)};
  const uint32_t offset = static_cast<uint32_t>(address % kCellSize);
  const uint32_t unit = offset >> 4 | offset << 28;  // an unaligned address becomes a huge one
  trap_if(unit >= shape.units());
  const uint32_t divided = unit * shape.reciprocal();
  trap_if((divided & 0xffff) >= shape.reciprocal());
  const Slot slot = {&cell->free[divided >> 22], uint64_t(1) << (divided >> 16) % kWordBits};
  trap_if(slot.word->bits & slot.bit);
  return slot;
}

}  // namespace memory_wasm
