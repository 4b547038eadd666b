// The first broken invariant of a heap with runs: those of its chunks, then those of its runs. Only reads.
#pragma once

#include "check.h"
#include "runs.h"

namespace memory_wasm {

// Inlined whole, because memory.wasm has no stack for an object to lie on.
template <Pages P>
class RunChecker {
 public:
  [[gnu::always_inline]] explicit RunChecker(const RunHeap<P>& heap) : heap_(heap) {}

  [[gnu::always_inline]] Invariant run() {
    const size_t runs = count_run_chunks();
    if (Invariant broken = check_map(); broken != Invariant::kHolds) return broken;
    if (mapped_ != runs || mapped_ != heap_.runs()) return Invariant::kRunMap;
    for (unsigned number = 1; number < kSlotClasses; number++)
      if (Invariant broken = check_class(number); broken != Invariant::kHolds) return broken;
    return known_ + unlisted_ == mapped_ && currents_ == heap_.currents() && cells_ == 0 ? Invariant::kHolds : Invariant::kRunLinks;
  }

 private:
  // The chunks in use that the map calls runs.
  [[gnu::always_inline]] size_t count_run_chunks() const {
    size_t count = 0;
    for (const Region* region = heap_.newest_region(); region; region = region->next)
      for (const Chunk* chunk = region->first(); chunk < region->fence(); chunk = chunk->above())
        if (chunk->in_use()) count += is_run(chunk->address() + kHeadSize);
    return count;
  }

  [[gnu::always_inline]] bool is_run(uintptr_t mem) const {
    const Run* run = heap_.run_with(mem);
    return run && run->address() == mem;
  }

  // Each entry leads to a run that begins in its cell, or covers its first byte; a run is counted where it begins.
  [[gnu::always_inline]] Invariant check_map() {
    for (size_t cell = 0; cell < heap_.cells(); cell++) {
      const Run* run = heap_.run_of_cell(cell);
      if (!run) continue;
      if (!is_aligned(run->address(), kAlignment)) return Invariant::kRunMap;
      if (run->address() - heap_.address_of_cell(cell) < kCell) {
        mapped_++;
        if (Invariant broken = check_run(run); broken != Invariant::kHolds) return broken;
      } else if (heap_.address_of_cell(cell) - run->address() >= run->span() - kHeadSize) {
        return Invariant::kRunMap;
      }
    }
    return Invariant::kHolds;
  }

  [[gnu::always_inline]] Invariant check_run(const Run* run) {
    if (!run->knows_its_class() || !has_only_its_slots(run)) return Invariant::kRunSlots;
    cells_ += run->cells();
    if (run == heap_.slot_class(run->slot_class).current) return Invariant::kHolds;
    const unsigned used = run->used_slots();
    const unsigned listed_from = run->slot_count() - run->few();
    const bool is_listed = used <= listed_from;
    unlisted_ += !is_listed;
    return run->until == (is_listed ? used : used - listed_from) ? Invariant::kHolds : Invariant::kRunCount;
  }

  static bool has_only_its_slots(const Run* run) {
    if (run->limit != run->slot_count() * run->slot_size()) return false;
    for (unsigned slot = run->slot_count(); slot < kRunWords * kWordBits; slot++)
      if (run->free[slot / kWordBits] >> slot % kWordBits & 1) return false;
    return true;
  }

  [[gnu::always_inline]] Invariant check_class(unsigned number) {
    const SlotClass& slots = heap_.slot_class(number);
    if (!open_word_is_right(number)) return Invariant::kOpenWord;
    cells_ -= slots.cells;
    if (slots.current) {
      if (heap_.run_with(slots.current->address()) != slots.current || slots.current->slot_class != number)
        return Invariant::kRunLinks;
      currents_++;
      known_++;
    }
    const Run* previous = nullptr;
    for (const Run* run = slots.partial; run; previous = run, run = run->next) {
      if (heap_.run_with(run->address()) != run || run->slot_class != number || run == slots.current)
        return Invariant::kRunLinks;
      if (run->previous != previous || run->free_slots() < run->few() || ++known_ > mapped_) return Invariant::kRunLinks;
    }
    return Invariant::kHolds;
  }

  // Without an open word nothing is there to take.
  [[gnu::always_inline]] bool open_word_is_right(unsigned number) const {
    const uintptr_t address = heap_.address_of_open_word(number);
    const Run* run = heap_.slot_class(number).current;
    if (heap_.open_word(number).distance == 0) return *reinterpret_cast<const uint64_t*>(address) == 0;
    if (!run) return false;
    const size_t word = (address - reinterpret_cast<uintptr_t>(run->free)) / sizeof(uint64_t);
    return word < kRunWords && heap_.open_word(number).base == run->slots() + word * kWordBits * run->slot_size();
  }

  const RunHeap<P>& heap_;
  size_t mapped_ = 0;    // runs that the map has
  size_t unlisted_ = 0;  // of these: nearly full, in no list
  size_t currents_ = 0;
  size_t known_ = 0;     // current or listed
  uint32_t cells_ = 0;   // of the runs, less what the classes say that they have
};

template <Pages P>
inline Invariant check(const RunHeap<P>& heap) {
  const Invariant broken = check(static_cast<const Heap<P, RunHeap<P>>&>(heap));
  return broken == Invariant::kHolds ? RunChecker<P>(heap).run() : broken;
}

}  // namespace memory_wasm
