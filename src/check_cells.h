// The first broken invariant of a heap with cells: those of its chunks, then those of its cells. Only reads.
#pragma once

#include "cell_heap.h"
#include "check.h"

namespace memory_wasm {

// Inlined whole, because memory.wasm has no stack for an object.
template <class H>
class CellChecker {
 public:
  [[gnu::always_inline]] explicit CellChecker(const H& heap) : heap_(heap) {}

  [[gnu::always_inline]] Invariant run() {
    if (Invariant broken = check_map(); broken != Invariant::kHolds) return broken;
    const size_t own = 2 * mapped_ + (heap_.map().count() != 0);
    if (mapped_ != heap_.cells() || count_own_chunks() != own) return Invariant::kCellMap;
    for (unsigned number = 1; number < kSlotClasses; number++)
      if (Invariant broken = check_class(number); broken != Invariant::kHolds) return broken;
    return listed_ == not_full_ && currents_ == heap_.currents() && cells_ == 0 ? Invariant::kHolds : Invariant::kCellLinks;
  }

 private:
  [[gnu::always_inline]] size_t count_own_chunks() const {
    size_t count = 0;
    for (const Region* region = heap_.chunks().newest_region(); region; region = region->next)
      for (const Chunk* chunk = region->first(); chunk < region->fence(); chunk = chunk->above()) count += chunk->is_own();
    return count;
  }

  // The payload of a chunk of the heap's own.
  [[gnu::always_inline]] bool is_own(uintptr_t mem) const {
    if (!is_aligned(mem, kAlignment) || mem < heap_.chunks().low() + kHeadSize || mem >= heap_.chunks().high()) return false;
    const Chunk* chunk = Chunk::at(mem - kHeadSize);
    return chunk->in_use() && chunk->is_own();
  }

  [[gnu::always_inline]] Invariant check_map() {
    const PageMap& map = heap_.map();
    if (map.count() && !is_own(reinterpret_cast<uintptr_t>(map.entries()))) return Invariant::kCellMap;
    for (size_t i = 0; i < map.count(); i++) {
      const Cell* cell = map.entries()[i];
      if (!cell) continue;
      mapped_++;
      const Chunk* slots = H::Places::chunk_at(cell->base);
      if (!is_own(cell->address()) || cell->base != map.begin() + i * kCellSize || !is_own(slots->address() + kHeadSize)) return Invariant::kCellMap;
      if (slots->size() < kCellSize / H::Places::kScale) return Invariant::kCellMap;
      if (Invariant broken = check_cell(cell); broken != Invariant::kHolds) return broken;
    }
    return Invariant::kHolds;
  }

  [[gnu::always_inline]] Invariant check_cell(const Cell* cell) {
    if (cell->slot_class == 0 || cell->slot_class >= kSlotClasses || !H::has_shape(cell) || !H::is_whole(cell)) return Invariant::kCellSlots;
    for (unsigned slot = cell->slots(); slot < cell->words() * kWordBits; slot++)
      if (cell->is_free(slot)) return Invariant::kCellSlots;
    cells_++;
    if (cell == heap_.slot_class(cell->slot_class).current) return Invariant::kHolds;
    const unsigned free = cell->free_slots();
    const unsigned threshold = relist_threshold(cell->slot_class);
    not_full_ += free != 0;
    const unsigned countdown = free == 0 ? 1 : free < threshold ? threshold - free : cell->slots() - free;
    return cell->countdown == countdown ? Invariant::kHolds : Invariant::kCellCount;
  }

  [[gnu::always_inline]] Invariant check_class(unsigned number) {
    const SlotClass& slots = heap_.slot_class(number);
    cells_ -= slots.cells;
    if (Invariant broken = check_current(slots, number); broken != Invariant::kHolds) return broken;
    const unsigned threshold = relist_threshold(number);
    if (!is_list(slots.partial, slots, number, threshold, cell_slots(number))) return Invariant::kCellLinks;
    return is_list(slots.nearly_full, slots, number, 1, threshold - 1) ? Invariant::kHolds : Invariant::kCellLinks;
  }

  static constexpr unsigned cell_slots(unsigned number) { return slots_of(number); }

  [[gnu::always_inline]] bool is_list(const Cell* cell, const SlotClass& slots, unsigned number, unsigned least, unsigned most) {
    for (const Cell* previous = nullptr; cell; previous = cell, cell = cell->next) {
      if (!heap_.is_cell(cell) || cell->slot_class != number || cell == slots.current) return false;
      const unsigned free = cell->free_slots();
      if (cell->previous != previous || free < least || free > most || ++listed_ > mapped_) return false;
    }
    return true;
  }

  // The active word is one of the current cell. Without one there is nothing to take.
  [[gnu::always_inline]] Invariant check_current(const SlotClass& slots, unsigned number) {
    const Cell* cell = slots.current;
    const auto& active = heap_.active();
    if (!cell) return active.is_set(number) || !active.is_nothing() ? Invariant::kActiveWord : Invariant::kHolds;
    if (!heap_.is_cell(cell) || cell->slot_class != number) return Invariant::kCellLinks;
    currents_++;
    const size_t word = (active.word(number) - reinterpret_cast<uintptr_t>(cell->free)) / sizeof(FreeBits);
    if (word >= cell->words()) return Invariant::kActiveWord;
    return active.base(number) == cell->base_of_word(static_cast<unsigned>(word)) ? Invariant::kHolds : Invariant::kActiveWord;
  }

  const H& heap_;
  size_t mapped_ = 0;    // cells that the map has
  size_t not_full_ = 0;  // of these, those with free slots that are not current
  size_t currents_ = 0;
  size_t listed_ = 0;
  size_t cells_ = 0;  // less what the classes say that they have
};

template <Pages P, KeySource K>
inline Invariant check(const CellHeap<P, K>& heap) {
  if (!heap.is_open()) return Invariant::kState;
  const Invariant broken = check(heap.chunks());
  return broken == Invariant::kHolds ? CellChecker<CellHeap<P, K>>(heap).run() : broken;
}

}  // namespace memory_wasm
