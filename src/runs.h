// Small blocks: runs of equal slots, each run an ordinary chunk of the heap below. A slot has no header; a bit says
// whether it is free. Knows nothing of how the heap below finds, splits and joins chunks.
//
//     class 3     | open word: distance, base | --.      current --> run      partial --> run <-> run (with free slots)
//     (48 bytes)                                  |
//                                                 v
//     run       -> | links, inverse, limit, class, until | free[0] free[1] free[2] free[3] |  48 bytes (64 with 64-bit words)
//                  | slot 0 | slot 1 | slot 2 | ...                              | tail    |  n times 4 KiB
//
//     free: a bit for each slot, the lowest for slot 0. So a block that was freed before is found by the test that free
//           makes anyway; and an address that is not the start of a slot by the division that it makes anyway.
//     until: how many frees until the run has something to tell: a full run is back in the list of its class after a
//           few, a listed one is empty after the last, the current one is in no list and has nothing to tell.
//
// Which run an address is in is told by a map with an entry for each 4-KiB cell of the address space: the run that
// begins in the cell; if none does, the run that covers its first byte. Every run is longer than a cell, so an address
// is in the run of its own cell; or, if that begins later, in the run of the cell before; or in none.
//
//     cells    |    .    |    .    |    .    |    .    |    .    |
//     runs        [ run a   ][ run b              ]  [ run c ...
//     map      [ a ]     [ b ]     [ b ]     [ c ]     [ c ]
//
// A class gets its first run when it has proved that it is used: a program with a handful of blocks needs no runs.
// The more a class has, the longer are the runs it gets: a long run has less to tell, a short one wastes less.
#pragma once

#include "heap.h"

namespace memory_wasm {

constexpr size_t kSlotMax = 512;
constexpr unsigned kSlotClasses = kSlotMax / kAlignment + 1;  // class c has slots of c * 16 bytes; there is no class 0

constexpr size_t kCell = 4096;
constexpr unsigned kWordBits = 64;
constexpr unsigned kRunWords = 4;

struct Run {
  Run* next;  // while it is listed
  Run* previous;
  uint32_t inverse;  // of the slots' size
  uint16_t limit;    // bytes of all slots
  uint8_t slot_class;
  uint8_t until;
  uint64_t free[kRunWords];

  static constexpr size_t kHeader = sizeof(void*) == 4 ? 48 : 64;

  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
  uintptr_t slots() const { return address() + kHeader; }
  size_t span() const { return Chunk::of(this)->size(); }
  size_t slot_size() const { return slot_class * kAlignment; }
  unsigned slot_count() const { return static_cast<unsigned>(uint64_t(limit) * inverse >> 32); }
  unsigned free_slots() const {
    unsigned count = 0;
    for (uint64_t word : free) count += __builtin_popcountll(word);
    return count;
  }
  unsigned used_slots() const { return slot_count() - free_slots(); }
  bool is_empty() const { return used_slots() == 0; }
  uint32_t cells() const { return static_cast<uint32_t>(align_up(limit, kCell) / kCell); }

  // So many slots of a full run must be free before it is worth another visit.
  unsigned few() const {
    const unsigned eighth = slot_count() / 8;
    return eighth ? eighth : 1;
  }

  // The class is told twice: with another size, blocks would overlap.
  bool knows_its_class() const {
    return slot_class != 0 && slot_class < kSlotClasses && inverse == inverse_of(slot_class) && limit <= span() - kHeader;
  }

  // Multiplied by it, an offset has the slot's number in its upper half, and in its lower half less than it if and only
  // if a slot starts there (Lemire, Kaser and Kurz, 2019).
  static constexpr uint32_t inverse_of(unsigned slot_class) {
    return static_cast<uint32_t>(((uint64_t(1) << 32) - 1) / (slot_class * kAlignment) + 1);
  }
};
static_assert(sizeof(Run) <= Run::kHeader && Run::kHeader % kAlignment == 0);

// Where a class takes its slots from. Empty while all zero.
struct OpenWord {
  uintptr_t distance;  // of a word of the current run from the heap's word without slots
  uintptr_t base;      // the slot of its lowest bit
};

struct SlotClass {
  Run* current;  // in no list
  Run* partial;  // runs with free slots, the latest first
  uint32_t requests;  // before the first run
  uint32_t cells;     // in all its runs
};

template <Pages P>
class [[gnu::visibility("hidden")]] RunHeap : public Heap<P, RunHeap<P>> {
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
    return bytes > kSlotMax ? nullptr : take_slot(align_up(bytes, kAlignment));
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
    if (!has_slots_at(run, mem)) return release_chunk(run, mem);
    set_free(run, mem);
  }

  void* resize(void* mem, size_t bytes) {
    Run* run = run_near(mem);
    if (!has_slots_at(run, mem)) return resize_chunk(run, mem, bytes);
    check_used(run, mem);
    const size_t room = checked_slot_size(run);
    if (bytes <= room && bytes > room / 2) return mem;
    void* moved = allocate_for_resize(bytes, room);
    if (!moved) return bytes <= room ? mem : nullptr;
    if (bytes > room) copy_small(moved, mem, room);
    else __builtin_memcpy(moved, mem, bytes);
    set_free(run, mem);
    return moved;
  }

  [[clang::minsize, gnu::noinline]] size_t usable_size(const void* mem) const {
    const Run* run = run_near(mem);
    if (!has_slots_at(run, mem)) {
      check_outside(run, mem);
      return Base::usable_size(mem);
    }
    check_used(run, mem);
    return checked_slot_size(run);
  }

  [[clang::minsize, gnu::noinline]] void reset() {
    for (OpenWord& open : open_) open = {};
    for (SlotClass& slots : classes_) slots = {};
    map_ = nullptr;
    cells_ = 0;
    runs_ = currents_ = 0;
    Base::reset();
  }

  // Gives back the current runs that are empty, and the map with the last run. False if there was none. Those that are
  // not empty will be given back as soon as they are, if nothing is taken from them before.
  [[clang::minsize, gnu::noinline]] bool trim() {
    const size_t before = runs_;
    for (unsigned number = 1; number < kSlotClasses; number++) {
      Run* run = classes_[number].current;
      if (!run) continue;
      const unsigned used = run->used_slots();
      if (used == 0) give_back_current(number);
      else run->until = static_cast<uint8_t>(used < kNever ? used : kNever);
    }
    return runs_ != before;
  }

  // ---- for those who only look ----

  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
  const SlotClass& slot_class(unsigned number) const { return classes_[number]; }
  const OpenWord& open_word(unsigned number) const { return open_[number]; }
  uintptr_t address_of_open_word(unsigned number) const {
    return reinterpret_cast<uintptr_t>(&no_slots_) + open_[number].distance;
  }
  const void* map() const { return map_; }
  size_t cells() const { return cells_; }
  size_t runs() const { return runs_; }
  size_t currents() const { return currents_; }
  const Run* run_of_cell(size_t cell) const { return map_[cell + 1] == none() ? nullptr : map_[cell + 1]; }
  uintptr_t address_of_cell(size_t cell) const { return origin() + cell * kCell; }

  // The run that `address` is in, its header and tail included, or null.
  const Run* run_with(uintptr_t address) const {
    const Run* run = run_near(reinterpret_cast<const void*>(address));
    return run != none() && address - run->address() < run->span() ? run : nullptr;
  }

 private:
  // ---- which run ----

  // A run without slots, below all others.
  [[gnu::always_inline]] Run* none() const { return const_cast<Run*>(&none_); }

  [[gnu::always_inline]] uintptr_t origin() const { return align_down(reinterpret_cast<uintptr_t>(this), kCell); }

  [[gnu::always_inline]] size_t cell_of(uintptr_t address) const { return (address - origin()) / kCell; }

  // The only run that can have `mem`, or none().
  [[gnu::always_inline]] Run* run_near(const void* mem) const {
    const size_t cell = cell_of(reinterpret_cast<uintptr_t>(mem));
    if (__builtin_expect(cell >= cells_, 0)) return none();
    Run* before = map_[cell];
    Run* own = map_[cell + 1];
    return own->address() <= reinterpret_cast<uintptr_t>(mem) ? own : before;
  }

  [[gnu::always_inline]] static bool has_slots_at(const Run* run, const void* mem) {
    return reinterpret_cast<uintptr_t>(mem) - run->slots() < run->limit;
  }

  // The number of the slot in the upper half; the remainder in the lower.
  [[gnu::always_inline]] static uint64_t divide(const Run* run, const void* mem) {
    return uint64_t(static_cast<uint32_t>(reinterpret_cast<uintptr_t>(mem) - run->slots())) * run->inverse;
  }

  [[gnu::always_inline]] static uint64_t bit_of(uint64_t divided) { return uint64_t(1) << (divided >> 32) % kWordBits; }

  [[gnu::always_inline]] static uint64_t& word_of(Run* run, uint64_t divided) {
    return run->free[(divided >> 32) / kWordBits % kRunWords];
  }

  [[gnu::always_inline]] static uint64_t check_used(const Run* run, const void* mem) {
    const uint64_t divided = divide(run, mem);
    trap_if(static_cast<uint32_t>(divided) >= run->inverse || (word_of(const_cast<Run*>(run), divided) & bit_of(divided)));
    return divided;
  }

  [[gnu::always_inline]] void set_free(Run* run, const void* mem) {
    const uint64_t divided = check_used(run, mem);
    word_of(run, divided) |= bit_of(divided);
    if (__builtin_expect(--run->until == 0, 0)) tell(run);
  }

  static size_t checked_slot_size(const Run* run) {
    trap_if(!run->knows_its_class());
    return run->slot_size();
  }

  // Traps if `mem`, which is no slot, is inside the run all the same, or is the map.
  void check_outside(const Run* run, const void* mem) const {
    trap_if(run != none() && reinterpret_cast<uintptr_t>(mem) - run->address() < run->span());
    trap_if(mem == map_);
  }

  [[gnu::always_inline]] uint64_t& word_at(uintptr_t distance) {
    return *reinterpret_cast<uint64_t*>(reinterpret_cast<uintptr_t>(&no_slots_) + distance);
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

  // Who makes a block longer will do so again.
  void* allocate_for_resize(size_t bytes, size_t room) {
    const size_t more = room + room / 2;
    if (bytes <= room || bytes >= more || more > kSlotMax) return allocate(bytes);
    void* mem = allocate(more);
    return mem ? mem : allocate(bytes);
  }

  // ---- a class's slots ----

  // The lowest free slot of the open word of the class with slots of `size`, or null.
  [[gnu::always_inline]] void* take_slot(size_t size) {
    const OpenWord& open = open_[size / kAlignment];
    uint64_t& word = word_at(open.distance);
    const uint64_t free = word;
    if (__builtin_expect(free == 0, 0)) return nullptr;
    word = free & (free - 1);
    const uintptr_t slot = open.base + __builtin_ctzll(free) * size;
    if (slot == 0) __builtin_unreachable();
    return reinterpret_cast<void*>(slot);
  }

  void* refill(size_t bytes) {
    const size_t size = align_up(bytes ? bytes : 1, kAlignment);
    const unsigned number = size / kAlignment;
    SlotClass& slots = classes_[number];
    if (slots.requests < kWorthARun) {
      slots.requests++;
      return Base::allocate(bytes);
    }
    if (!slots.current || !open_word_of(slots.current, number)) {
      if (!next_run(slots, number)) return Base::allocate(bytes);
      open_word_of(slots.current, number);
    }
    return take_slot(size);
  }

  // Opens the first word of the class's current run that has a free slot. False if none has.
  bool open_word_of(Run* run, unsigned number) {
    for (unsigned i = 0; i < kRunWords; i++) {
      if (run->free[i] == 0) continue;
      open_[number] = {reinterpret_cast<uintptr_t>(&run->free[i]) - reinterpret_cast<uintptr_t>(&no_slots_),
                       run->slots() + i * kWordBits * number * kAlignment};
      return true;
    }
    return false;
  }

  // Gives the class another current run, with free slots. The one it had is full.
  [[gnu::noinline]] bool next_run(SlotClass& slots, unsigned number) {
    Run* run = slots.partial;
    if (run) {
      // A listed run has as many free slots as were freed since it was full.
      trap_if(!run->knows_its_class() || run->used_slots() != run->until);
      unlist(run, slots);
    } else {
      run = make_run(slots, number);
    }
    if (slots.current) slots.current->until = slots.current->few();
    currents_ += (run != nullptr) - (slots.current != nullptr);
    slots.current = run;
    open_[number] = {};
    if (run) run->until = kNever;
    return run;
  }

  // A full run has free slots again, or a listed one has nothing else.
  [[gnu::noinline]] void tell(Run* run) {
    trap_if(!run->knows_its_class());
    SlotClass& slots = classes_[run->slot_class];
    if (run == slots.current) {
      if (run->is_empty()) give_back_current(run->slot_class);
      else run->until = kNever;
    } else if (run->is_empty()) {
      unlist(run, slots);
      give_back(run);
      // Much is gone: what little is left must not break up the free space for what comes.
      if (runs_ == currents_) trim();
    } else {
      run->until = run->slot_count() - run->few();
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

  [[clang::minsize, gnu::noinline]] Run* make_run(SlotClass& slots, unsigned number) {
    // At most as many cells as there are slots for.
    const uint32_t most = number < kMostCells ? number : kMostCells;
    uint32_t cells = slots.cells / kGrowthDivisor;
    cells = cells < 1 ? 1 : cells > most ? most : cells;
    Run* run = take_run(cells);
    if (!run) return nullptr;
    const size_t size = number * kAlignment;
    const unsigned count = cells * kCell / size;
    run->inverse = Run::inverse_of(number);
    run->limit = static_cast<uint16_t>(count * size);
    run->slot_class = static_cast<uint8_t>(number);
    for (unsigned i = 0; i < kRunWords; i++) {
      const unsigned first = i * kWordBits;
      run->free[i] = count >= first + kWordBits ? ~uint64_t(0) : count > first ? (uint64_t(1) << (count - first)) - 1 : 0;
    }
    slots.cells += cells;
    return run;
  }

  // A run without class, in the map.
  [[gnu::always_inline]] Run* take_run(uint32_t& cells) {
    void* mem = Base::allocate(Run::kHeader + cells * kCell);
    if (!mem) mem = Base::allocate(Run::kHeader + (cells = 1) * kCell);
    if (!mem) return nullptr;
    const size_t bytes = Run::kHeader + cells * kCell;
    Run* run = static_cast<Run*>(mem);
    if (!cover(run->address() + bytes)) {
      Base::release(run);
      return nullptr;
    }
    enter(run);
    runs_++;
    return run;
  }

  [[clang::minsize, gnu::noinline]] void give_back_current(unsigned number) {
    Run* run = classes_[number].current;
    classes_[number].current = nullptr;
    open_[number] = {};
    currents_--;
    give_back(run);
  }

  [[clang::minsize, gnu::noinline]] void give_back(Run* run) {
    SlotClass& slots = classes_[run->slot_class];
    slots.cells -= run->cells();
    if (slots.cells == 0) slots.requests = 0;
    leave(run);
    Base::release(run);
    if (--runs_) return;
    // Without runs the map would only stand between free chunks.
    Base::release(map_);
    map_ = nullptr;
    cells_ = 0;
  }

  // ---- the map ----

  // The last cell that the run has a byte in; what it owns behind its payload does not count.
  size_t last_cell(const Run* run) const { return cell_of(run->address() + run->span() - kHeadSize - 1); }

  bool begins_in(const Run* run, size_t cell) const { return cell_of(run->address()) == cell; }

  [[clang::minsize, gnu::noinline]] void enter(Run* run) {
    const size_t first = cell_of(run->address());
    const size_t last = last_cell(run);
    for (size_t cell = first; cell <= last; cell++)
      if (cell == first || !begins_in(map_[cell + 1], cell)) map_[cell + 1] = run;
  }

  [[clang::minsize, gnu::noinline]] void leave(Run* run) {
    const size_t first = cell_of(run->address());
    const size_t last = last_cell(run);
    for (size_t cell = first; cell <= last; cell++)
      if (map_[cell + 1] == run) map_[cell + 1] = none();
    // The run of the cell before may reach into this one.
    Run* before = map_[first];
    if (before != none() && last_cell(before) >= first) map_[first + 1] = before;
  }

  // Makes the map long enough for a run that ends at `end`. False if that can't be.
  [[clang::minsize, gnu::noinline]] bool cover(uintptr_t end) {
    if (end < address()) return false;  // in a region that was given later
    const size_t needed = cell_of(end) + 1;
    if (needed <= cells_) return true;
    const size_t cells = needed + needed / 2;
    // One entry more in front: none begins before the first cell.
    Run** map = static_cast<Run**>(Base::allocate((cells + 1) * sizeof(Run*)));
    if (!map) return false;
    size_t known = 0;
    if (map_) {
      known = cells_ + 1;
      __builtin_memcpy(map, map_, known * sizeof(Run*));
      Base::release(map_);
    }
    while (known <= cells) map[known++] = none();
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

  // Whole units of 16 bytes: quicker than a call of the engine's copy while they are few.
  static void copy_small(void* mem, const void* source, size_t bytes) {
    auto* to = static_cast<uint64_t*>(mem);
    auto* from = static_cast<const uint64_t*>(source);
    for (auto* end = to + bytes / sizeof(*to); to < end; to += 2, from += 2) {
      to[0] = from[0];
      to[1] = from[1];
    }
  }

  static constexpr uint8_t kNever = 255;
  static constexpr uint32_t kWorthARun = 16;
  static constexpr uint32_t kGrowthDivisor = 4;  // a run is no longer than this part of what its class has
  static constexpr uint32_t kMostCells = 8;
  static_assert(kMostCells * kCell <= UINT16_MAX, "a run knows the bytes of its slots");

  uint64_t no_slots_;  // always 0: the open word of a class without one
  Run none_;           // all zero: its limit is 0
  Run** map_;
  size_t cells_;
  size_t runs_;
  size_t currents_;  // of these, the current ones
  OpenWord open_[kSlotClasses];
  SlotClass classes_[kSlotClasses];
};

}  // namespace memory_wasm
