// Small blocks: runs of equal slots, each run an ordinary chunk of the heap below. A slot has no header; a bit says
// whether it is in use. Knows nothing of how the heap below finds, splits and joins chunks.
//
//     class 3     | open word, base |     current ----.      partial ---> run <-> run (runs with free slots)
//     (48 bytes)  | starts of slots |                 |
//                                                     v
//     run       -> | next, previous, until, class | used[0] used[1] used[2] used[3] |   48 bytes (64 with 64-bit words)
//                  | slot | slot | slot | slot | ...                        | tail  |   4 KiB
//
//     used: a bit for each 16 bytes, set where a slot in use starts. So an address that is not the start of a slot,
//           or was freed before, is found by the one test that free makes anyway.
//     until: how many frees until the run has something to tell: a full run is back in the list of its class after the
//           first, a listed one is empty after the last, the current one is in no list and has nothing to tell.
//
// Which run an address is in is told by a map with an entry for each 4-KiB cell of the address space: the run that
// covers the first byte of the cell. Every run is longer than a cell, so an address is in the run of its own cell, or in
// that of the next one, or in none.
//
//     cells    |    .    |    .    |    .    |    .    |
//     runs        [ run a   ][ run b   ]         [ run c ...
//     map      [ - ]     [ a ]     [ b ]     [ - ]     [ c ]
//
// A class gets its first run when it has proved that it is used: a program with a handful of blocks needs no runs.
#pragma once

#include "heap.h"

namespace memory_wasm {

constexpr size_t kSlotMax = 512;
constexpr unsigned kSlotClasses = kSlotMax / kAlignment + 1;  // class c has slots of c * 16 bytes; there is no class 0

constexpr size_t kCell = 4096;
constexpr unsigned kRunUnits = kCell / kAlignment;
constexpr unsigned kWordBits = 64;
constexpr unsigned kRunWords = kRunUnits / kWordBits;

struct Run {
  Run* next;  // while it is listed (or spare)
  Run* previous;
  uint32_t until;
  uint16_t slot_class;
  uint16_t slot_class_inverted;  // tells when the class was overwritten: with another size, blocks would overlap
  uint64_t used[kRunWords];

  static constexpr size_t kHeader = sizeof(void*) == 4 ? 48 : 64;
  static constexpr size_t kBytes = kHeader + kRunUnits * kAlignment;
  static constexpr size_t kSpan = chunk_size(kBytes);

  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
  uintptr_t slots() const { return address() + kHeader; }
  void set_class(unsigned number) {
    slot_class = static_cast<uint16_t>(number);
    slot_class_inverted = static_cast<uint16_t>(~number);
  }
  unsigned checked_class() const {
    trap_if((slot_class ^ slot_class_inverted) != 0xffff);
    return slot_class;
  }
  bool is_empty() const { return (used[0] | used[1] | used[2] | used[3]) == 0; }
};
static_assert(sizeof(Run) <= Run::kHeader && Run::kHeader % kAlignment == 0);
static_assert(kRunWords == 4, "is_empty knows the words by name");
static_assert(Run::kBytes >= kCell, "a run covers the start of a cell");

// Empty while all zero.
struct SlotClass {
  uint64_t open;              // the slots of the open word, free or not; 0 if no word is open
  uintptr_t word;             // the open word of the current run: its distance from the heap's state
  uintptr_t base;             // the address that its lowest bit stands for
  Run* current;               // in no list
  Run* partial;               // runs with free slots, the latest first
  uint32_t slots;             // of each run
  uint32_t requests;          // before the first run
  uint64_t starts[kRunWords];

  // So many slots of a full run must be free before it is worth another visit.
  unsigned few() const { return slots / 8 ? slots / 8 : 1; }
};

template <Pages P>
class RunHeap : public Heap<P, RunHeap<P>> {
  using Base = Heap<P, RunHeap>;

 public:
  static RunHeap* create() { return Base::template create_as<RunHeap>(); }
  static RunHeap* create_in(uintptr_t address, size_t bytes) {
    return Base::template create_in_as<RunHeap>(address, bytes);
  }
  static RunHeap* at(uintptr_t address) { return Base::template at_as<RunHeap>(address); }

  // A block of at least `bytes` at an address that is a multiple of 16, or null and nothing changed.
  void* allocate(size_t bytes) {
    void* mem = allocate_at_hand(bytes);
    return __builtin_expect(mem != nullptr, 1) ? mem : allocate_elsewhere(bytes);
  }

  // The same in two steps. First: a slot of the open word, or null. Also before the heap has anything: it is all zero.
  [[gnu::always_inline]] void* allocate_at_hand(size_t bytes) {
    return bytes > kSlotMax ? nullptr : take_slot(classes_[(bytes + kAlignment - 1) / kAlignment]);
  }

  // Second, where the first gave nothing.
  [[gnu::noinline]] void* allocate_elsewhere(size_t bytes) {
    return bytes > kSlotMax ? Base::allocate(bytes) : refill(bytes);
  }

  void* allocate_zeroed(size_t bytes) {
    if (bytes > kSlotMax) return Base::allocate_zeroed(bytes);
    void* mem = allocate(bytes);
    if (mem) clear_small(mem, bytes);
    return mem;
  }

  void* allocate_aligned(size_t alignment, size_t bytes) {
    return alignment <= kAlignment ? allocate(bytes) : Base::allocate_aligned(alignment, bytes);
  }

  // Takes back a block; null is none. Traps if `mem` is not the address of a block in use.
  [[gnu::always_inline]] void release(void* mem) {
    Run* run = run_near(mem);
    const size_t unit = unit_of(run, mem);
    if (unit >= kRunUnits) return release_chunk(run, mem);
    clear_used(run, unit);
    if (__builtin_expect(--run->until == 0, 0)) tell(run);
  }

  void* resize(void* mem, size_t bytes) {
    Run* run = run_near(mem);
    const size_t unit = unit_of(run, mem);
    if (unit >= kRunUnits) return resize_chunk(run, mem, bytes);
    check_used(run, unit);
    const size_t room = run->checked_class() * kAlignment;
    if (bytes <= room && bytes > room / 2) return mem;
    void* moved = allocate(bytes);
    if (!moved) return bytes <= room ? mem : nullptr;
    copy_small(moved, mem, bytes < room ? bytes : room);
    clear_used(run, unit);
    if (--run->until == 0) tell(run);
    return moved;
  }

  size_t usable_size(const void* mem) const {
    const Run* run = run_near(mem);
    const size_t unit = unit_of(run, mem);
    if (unit >= kRunUnits) {
      check_outside(run, mem);
      return Base::usable_size(mem);
    }
    check_used(run, unit);
    return run->checked_class() * kAlignment;
  }

  void reset() {
    for (SlotClass& slots : classes_) slots = {};
    map_ = nullptr;
    cells_ = 0;
    runs_ = 0;
    spare_ = nullptr;
    spares_ = 0;
    Base::reset();
  }

  // Gives back the runs that are empty, and the map with the last one. False if there was none.
  [[gnu::noinline]] bool trim() {
    bool any = spare_;
    while (Run* run = spare_) {
      spare_ = run->next;
      spares_--;
      give_back(run);
    }
    for (SlotClass& slots : classes_) {
      Run* run = slots.current;
      if (!run || !run->is_empty()) continue;
      slots.current = nullptr;
      slots.open = 0;
      give_back(run);
      any = true;
    }
    if (runs_ || !map_) return any;
    // Without runs the map would only stand between free chunks.
    Base::release(map_);
    map_ = nullptr;
    cells_ = 0;
    return true;
  }

  // ---- for those who only look ----

  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
  const SlotClass& slot_class(unsigned number) const { return classes_[number]; }
  const Run* spare() const { return spare_; }
  size_t spares() const { return spares_; }
  const void* map() const { return map_; }
  size_t cells() const { return cells_; }
  size_t runs() const { return runs_; }
  const Run* run_of_cell(size_t cell) const { return map_[cell] == no_run() ? nullptr : map_[cell]; }
  uintptr_t address_of_cell(size_t cell) const { return origin() + cell * kCell; }

  // The run that `address` is in, its header and tail included, or null.
  const Run* run_with(uintptr_t address) const {
    const Run* run = run_near(reinterpret_cast<const void*>(address));
    return run != no_run() && address - run->address() < Chunk::of(run)->size() ? run : nullptr;
  }

 private:
  // ---- which run ----

  [[gnu::always_inline]] static Run* no_run() { return reinterpret_cast<Run*>(~uintptr_t(0)); }

  // Also of no_run().
  [[gnu::always_inline]] static uintptr_t address_of(const Run* run) { return reinterpret_cast<uintptr_t>(run); }

  [[gnu::always_inline]] uintptr_t origin() const { return align_down(reinterpret_cast<uintptr_t>(this), kCell); }

  // The only run that can have `mem`, or one that is not near it, or no_run().
  [[gnu::always_inline]] Run* run_near(const void* mem) const {
    const uintptr_t address = reinterpret_cast<uintptr_t>(mem);
    const size_t cell = (address - origin()) / kCell;
    if (__builtin_expect(cell >= cells_, 0)) return no_run();
    Run* own = map_[cell];
    Run* next = map_[cell + 1];
    return address_of(next) <= address ? next : own;
  }

  // Which 16 bytes of the run's slots `mem` is, at least kRunUnits if none: also where it is not aligned.
  [[gnu::always_inline]] static size_t unit_of(const Run* run, const void* mem) {
    const size_t offset = reinterpret_cast<uintptr_t>(mem) - (address_of(run) + Run::kHeader);
    return offset / kAlignment | offset << (8 * sizeof(size_t) - 4);
  }

  [[gnu::always_inline]] static void check_used(const Run* run, size_t unit) { trap_if(!(run->used[unit / kWordBits] >> unit % kWordBits & 1)); }

  [[gnu::always_inline]] static void clear_used(Run* run, size_t unit) {
    uint64_t& word = run->used[unit / kWordBits];
    const uint64_t bit = uint64_t(1) << unit % kWordBits;
    trap_if(!(word & bit));
    word ^= bit;
  }

  // Traps if `mem`, which is no slot, is inside the run all the same, or is the map.
  void check_outside(const Run* run, const void* mem) const {
    trap_if(run != no_run() && reinterpret_cast<uintptr_t>(mem) - run->address() < Run::kSpan);
    trap_if(mem == map_);
  }

  [[gnu::always_inline]] uint64_t& word_at(uintptr_t distance) {
    return *reinterpret_cast<uint64_t*>(reinterpret_cast<uintptr_t>(this) + distance);
  }

  // ---- chunks ----

  [[gnu::noinline]] void release_chunk(const Run* run, void* mem) {
    if (!mem) return;
    check_outside(run, mem);
    Base::release(mem);
  }

  void* resize_chunk(const Run* run, void* mem, size_t bytes) {
    check_outside(run, mem);
    return Base::resize(mem, bytes);
  }

  // ---- a class's slots ----

  // The lowest free slot of the open word, or null.
  [[gnu::always_inline]] void* take_slot(SlotClass& slots) {
    uint64_t& word = word_at(slots.word);
    const uint64_t free = slots.open & ~word;
    if (__builtin_expect(free == 0, 0)) return nullptr;
    word |= free & -free;
    return reinterpret_cast<void*>(slots.base + __builtin_ctzll(free) * kAlignment);
  }

  void* refill(size_t bytes) {
    if (bytes == 0) bytes = 1;
    const unsigned slot_class = (bytes + kAlignment - 1) / kAlignment;
    SlotClass& slots = classes_[slot_class];
    if (slots.requests < kWorthARun) {
      slots.requests++;
      return Base::allocate(bytes);
    }
    if (!slots.current || !open_word(slots)) {
      if (!next_run(slots, slot_class)) return Base::allocate(bytes);
      open_word(slots);
    }
    return take_slot(slots);
  }

  // Opens the first word of the current run that has a free slot. False if none has.
  bool open_word(SlotClass& slots) {
    Run* run = slots.current;
    for (unsigned i = 0; i < kRunWords; i++) {
      if ((slots.starts[i] & ~run->used[i]) == 0) continue;
      slots.open = slots.starts[i];
      slots.word = reinterpret_cast<uintptr_t>(&run->used[i]) - reinterpret_cast<uintptr_t>(this);
      slots.base = run->slots() + i * kWordBits * kAlignment;
      return true;
    }
    return false;
  }

  // Gives the class another current run, with free slots. The one it had is full.
  [[gnu::noinline]] bool next_run(SlotClass& slots, unsigned slot_class) {
    Run* run = slots.partial;
    if (run) {
      check_run(run, slots);
      unlist(run, slots);
    } else {
      run = make_run(slots, slot_class);
    }
    if (slots.current) slots.current->until = slots.few();
    slots.current = run;
    slots.open = 0;
    if (run) run->until = kNever;
    return run;
  }

  // A listed run has as many free slots as were freed since it was full.
  void check_run(const Run* run, const SlotClass& slots) const {
    unsigned used = 0;
    for (unsigned i = 0; i < kRunWords; i++) {
      trap_if(run->used[i] & ~slots.starts[i]);
      used += __builtin_popcountll(run->used[i]);
    }
    trap_if(used != run->until);
  }

  // A full run has free slots again, or a listed one has nothing else.
  [[gnu::noinline]] void tell(Run* run) {
    SlotClass& slots = classes_[run->checked_class()];
    if (run == slots.current) {
      run->until = kNever;
    } else if (run->is_empty()) {
      unlist(run, slots);
      retire(run);
    } else {
      run->until = slots.slots - slots.few();
      list(run, slots);
    }
  }

  void list(Run* run, SlotClass& slots) {
    run->next = slots.partial;
    run->previous = nullptr;
    if (run->next) run->next->previous = run;
    slots.partial = run;
  }

  void unlist(Run* run, SlotClass& slots) {
    Run* next = run->next;
    Run* previous = run->previous;
    if (next) {
      trap_if(next->previous != run);
      next->previous = previous;
    }
    if (previous) {
      trap_if(previous->next != run);
      previous->next = next;
    } else {
      trap_if(slots.partial != run);
      slots.partial = next;
    }
  }

  // ---- runs ----

  Run* make_run(SlotClass& slots, unsigned slot_class) {
    if (!spare_ && !make_spares()) return nullptr;
    Run* run = spare_;
    spare_ = run->next;
    spares_--;
    run->set_class(slot_class);
    if (!slots.slots) define(slots, slot_class);
    return run;
  }

  // Takes a chunk for several runs at once, so that runs lie together and do not break up the free space.
  [[gnu::noinline]] bool make_spares() {
    size_t count = this->footprint() / kFootprintPerRun;
    count = count < 1 ? 1 : count > kMostRuns ? kMostRuns : count;
    void* mem = Base::allocate(count * Run::kSpan - kHeadSize);
    if (!mem) mem = Base::allocate((count = 1) * Run::kSpan - kHeadSize);
    if (!mem) return false;
    if (!cover(reinterpret_cast<uintptr_t>(mem), count * Run::kSpan)) {
      Base::release(mem);
      return false;
    }
    while (count--) {
      Run* run = reinterpret_cast<Run*>(Base::split(mem, count * Run::kSpan));
      for (uint64_t& word : run->used) word = 0;
      enter(run, run);
      runs_++;
      keep(run);
    }
    return true;
  }

  static void define(SlotClass& slots, unsigned slot_class) {
    for (unsigned unit = 0; unit + slot_class <= kRunUnits; unit += slot_class) {
      slots.starts[unit / kWordBits] |= uint64_t(1) << unit % kWordBits;
      slots.slots++;
    }
  }

  // Keeps the empty run for the next class that needs one, or gives it back.
  void retire(Run* run) {
    if (spares_ >= kMaxSpares) return give_back(run);
    keep(run);
  }

  void keep(Run* run) {
    run->set_class(0);
    run->next = spare_;
    spare_ = run;
    spares_++;
  }

  [[gnu::noinline]] void give_back(Run* run) {
    enter(run, no_run());
    runs_--;
    Base::release(run);
  }

  // ---- the map ----

  void enter(const Run* run, Run* entry) {
    const uintptr_t first = (run->address() + kCell - 1 - origin()) / kCell;
    const uintptr_t last = (run->address() + Run::kSpan - kHeadSize - 1 - origin()) / kCell;
    for (uintptr_t cell = first; cell <= last; cell++) map_[cell] = entry;
  }

  // Makes the map long enough for the run. False if that can't be.
  [[gnu::noinline]] bool cover(uintptr_t address, size_t bytes) {
    if (address < origin()) return false;  // in a region that was given later
    const size_t needed = (address + bytes - origin()) / kCell + 1;
    if (needed <= cells_) return true;
    const size_t cells = needed + needed / 2;
    Run** map = static_cast<Run**>(Base::allocate((cells + 1) * sizeof(Run*)));
    if (!map) return false;
    __builtin_memset(map, 0xff, (cells + 1) * sizeof(Run*));
    if (map_) {
      __builtin_memcpy(map, map_, cells_ * sizeof(Run*));
      Base::release(map_);
    }
    map_ = map;
    cells_ = cells;
    return true;
  }

  // ---- contents ----

  // In steps of 8 bytes and at most one of 4: a block may end 4 bytes after a multiple of 8.
  static void clear_small(void* mem, size_t bytes) {
    char* to = static_cast<char*>(mem);
    char* const end = to + bytes;
    for (; to + 4 < end; to += 8) *reinterpret_cast<uint64_t*>(to) = 0;
    if (to < end) *reinterpret_cast<uint32_t*>(to) = 0;
  }

  static void copy_small(void* mem, const void* source, size_t bytes) {
    char* to = static_cast<char*>(mem);
    const char* from = static_cast<const char*>(source);
    char* const end = to + bytes;
    for (; to + 4 < end; to += 8, from += 8) *reinterpret_cast<uint64_t*>(to) = *reinterpret_cast<const uint64_t*>(from);
    if (to < end) *reinterpret_cast<uint32_t*>(to) = *reinterpret_cast<const uint32_t*>(from);
  }

  static constexpr uint32_t kNever = 1u << 30;
  static constexpr uint32_t kWorthARun = 16;
  static constexpr size_t kMaxSpares = 8;
  static constexpr size_t kFootprintPerRun = 1 << 18;
  static constexpr size_t kMostRuns = 4;

  Run** map_;
  size_t cells_;
  size_t runs_;  // spare ones too
  Run* spare_;
  size_t spares_;
  SlotClass classes_[kSlotClasses];
};

}  // namespace memory_wasm
