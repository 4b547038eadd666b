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
    for (const Run* run = heap_.spare(); run; run = run->next)
      if (run->slot_class != 0 || heap_.run_with(run->address()) != run || ++known_ > mapped_) return Invariant::kRunLinks;
    return known_ + unlisted_ == mapped_ ? Invariant::kHolds : Invariant::kRunLinks;
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

  // Each entry leads to a run that covers the start of its cell; a run is counted at the first cell it covers.
  [[gnu::always_inline]] Invariant check_map() {
    const Run* last = nullptr;
    for (size_t cell = 0; cell <= heap_.cells() && heap_.map(); cell++) {
      const Run* run = heap_.run_of_cell(cell);
      if (!run) continue;
      if (!is_aligned(run->address(), kAlignment) || heap_.address_of_cell(cell) - run->address() >= Run::kSpan - kHeadSize)
        return Invariant::kRunMap;
      if (run == last) continue;
      if (Chunk::of(run)->payload() < Run::kBytes) return Invariant::kRunMap;
      last = run;
      mapped_++;
      if (Invariant broken = check_run(run); broken != Invariant::kHolds) return broken;
    }
    return Invariant::kHolds;
  }

  [[gnu::always_inline]] Invariant check_run(const Run* run) {
    if (run->slot_class >= kSlotClasses || (run->slot_class ^ run->slot_class_inverted) != 0xffff) return Invariant::kRunSlots;
    const SlotClass& slots = heap_.slot_class(run->slot_class);
    for (unsigned i = 0; i < kRunWords; i++)
      if (run->used[i] & ~slots.starts[i]) return Invariant::kRunSlots;
    if (run->slot_class == 0 || run == slots.current) return Invariant::kHolds;
    const unsigned used = used_slots(run);
    const unsigned listed_from = slots.slots - slots.few();
    const bool is_listed = used <= listed_from;
    unlisted_ += !is_listed;
    return run->until == (is_listed ? used : used - listed_from) ? Invariant::kHolds : Invariant::kRunCount;
  }

  static unsigned used_slots(const Run* run) {
    unsigned used = 0;
    for (unsigned i = 0; i < kRunWords; i++) used += __builtin_popcountll(run->used[i]);
    return used;
  }

  [[gnu::always_inline]] Invariant check_class(unsigned number) {
    const SlotClass& slots = heap_.slot_class(number);
    if (!starts_are_right(slots, number)) return Invariant::kRunSlots;
    if (!open_word_is_right(slots)) return Invariant::kOpenWord;
    if (slots.current) {
      if (heap_.run_with(slots.current->address()) != slots.current || slots.current->slot_class != number)
        return Invariant::kRunLinks;
      known_++;
    }
    const Run* previous = nullptr;
    for (const Run* run = slots.partial; run; previous = run, run = run->next) {
      if (heap_.run_with(run->address()) != run || run->slot_class != number || run == slots.current)
        return Invariant::kRunLinks;
      if (run->previous != previous || used_slots(run) > slots.slots - slots.few() || ++known_ > mapped_) return Invariant::kRunLinks;
    }
    return Invariant::kHolds;
  }

  static bool starts_are_right(const SlotClass& slots, unsigned number) {
    if (slots.slots == 0) return slots.current == nullptr && slots.partial == nullptr;
    unsigned count = 0;
    for (unsigned unit = 0; unit < kRunUnits; unit++) {
      const bool is_start = unit % number == 0 && unit + number <= kRunUnits;
      if ((slots.starts[unit / kWordBits] >> unit % kWordBits & 1) != is_start) return false;
      count += is_start;
    }
    return count == slots.slots;
  }

  [[gnu::always_inline]] bool open_word_is_right(const SlotClass& slots) const {
    if (slots.open == 0) return true;
    if (!slots.current) return false;
    const size_t word = (heap_.address() + slots.word - reinterpret_cast<uintptr_t>(slots.current->used)) / sizeof(uint64_t);
    return word < kRunWords && slots.open == slots.starts[word] &&
           slots.base == slots.current->slots() + word * kWordBits * kAlignment;
  }

  const RunHeap<P>& heap_;
  size_t mapped_ = 0;  // runs that the map has
  size_t unlisted_ = 0;    // of these: nearly full, in no list
  size_t known_ = 0;   // current, listed or spare
};

template <Pages P>
inline Invariant check(const RunHeap<P>& heap) {
  const Invariant broken = check(static_cast<const Heap<P, RunHeap<P>>&>(heap));
  return broken == Invariant::kHolds ? RunChecker<P>(heap).run() : broken;
}

}  // namespace memory_wasm
