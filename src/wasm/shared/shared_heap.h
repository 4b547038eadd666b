// A heap for each thread over one memory. Each is a CellHeap that knows nothing of the others: only its own thread calls it, so it
// needs no lock. This layer decides whose a block is.
//
//     malloc   -> this thread's heap, which now and then, and before it refuses a request, takes back what other threads freed
//     free     -> owner of the block's page (commons.h): this thread: its heap
//                                                        another: a pending bit, which its owner will see (pending.h)
//     realloc  of another thread's block: always moves; the old block is freed as above
//
// reset, check, the walk, footprint and regions are this thread's heap alone; a block that another thread freed counts as in use
// until its owner takes it back.
//
// A thread that ends leaves its heap as it is. Once its status is `ended`, the next thread that joins takes it over, if every
// invariant holds: it may have ended between any two instructions.
#pragma once

#include "../../check_cells.h"
#include "pages.h"

namespace memory_wasm {

template <Machine M, KeySource K>
class [[gnu::visibility("hidden")]] SharedHeap : public CellHeap<SharedPages<M>, K> {
  using Own = CellHeap<SharedPages<M>, K>;

 public:
  static constexpr size_t layout() { return layout_number(Own::layout(), sizeof(SharedHeap), sizeof(Commons), kLeafPages); }

  // ---- threads ----

  // The first thread: makes the commons, and behind it, in the same pages, its heap.
  static SharedHeap* create() {
    constexpr size_t kPages = (sizeof(Commons) + kPageSize - 1) / kPageSize;
    const uintptr_t begin = M::grow(kPages);
    if (begin == kNoPages) return nullptr;
    Commons& commons = *reinterpret_cast<Commons*>(begin);
    commons.open(M::origin(), seal_of_commons(begin));
    commons.give(begin, kPages, kCommonsOwn);
    if (!SharedPages<M>::make_leaves(commons, commons.page_of(begin), kPages)) return nullptr;
    commons.change(kFirst, HeapStatus::kFree, HeapStatus::kLive);
    commons.give(begin + (kPages - 1) * kPageSize, 1, kFirst);
    M::enter(begin, kFirst);
    return opened(create_heap_in<SharedHeap>(begin + sizeof(Commons), kPages * kPageSize - sizeof(Commons)));
  }

  static SharedHeap* create_in(uintptr_t address, size_t bytes) {
    SharedHeap* heap = create();
    if (heap) heap->add_region(address, bytes);
    return heap;
  }

  // Joins the commons at `address`; or takes over the state at `address` of an instance that is on the same thread.
  static SharedHeap* at(uintptr_t address) {
    if (Commons* commons = commons_at(address)) return join(*commons);
    SharedHeap* heap = heap_at<SharedHeap>(address);
    if (!heap || !commons_at(heap->commons_)) return nullptr;
    M::enter(heap->commons_, heap->number_);
    return heap;
  }

  // ---- blocks ----

  void* allocate(size_t bytes) {
    void* mem = Own::allocate_at_hand(bytes);
    return __builtin_expect(mem != nullptr, 1) ? mem : allocate_elsewhere(bytes);
  }

  [[gnu::noinline]] void* allocate_elsewhere(size_t bytes) {
    look_after(bytes > kSlotLimit ? bytes : kCellSize);  // a slot is the first of a word's
    return unless_refused([&] { return Own::allocate_elsewhere(bytes); });
  }

  void* allocate_zeroed(size_t bytes) {
    look_after(bytes + kAlignment);
    return unless_refused([&] { return Own::allocate_zeroed(bytes); });
  }

  void* allocate_aligned(size_t alignment, size_t bytes) {
    look_after(bytes + alignment);
    return unless_refused([&] { return Own::allocate_aligned(alignment, bytes); });
  }

  [[gnu::always_inline]] void release(void* mem) {
    if (__builtin_expect(is_own(mem), 1)) return Own::release(mem);
    if (mem) commons().free_remotely(reinterpret_cast<uintptr_t>(mem));
  }

  // Only the owner may read how large a block is: its page map may move meanwhile. So as much is copied as fits into the new block
  // and can belong to the old one; what was behind the old block's end is undefined in the new block anyway.
  void* resize(void* mem, size_t bytes) {
    if (is_own(mem)) return resize_own(mem, bytes);
    void* moved = allocate(bytes);
    if (!moved) return nullptr;
    payload_copy(moved, mem, commons().bytes_of_owner(reinterpret_cast<uintptr_t>(mem), bytes));
    commons().free_remotely(reinterpret_cast<uintptr_t>(mem));
    return moved;
  }

  // 0 for another thread's block.
  size_t usable_size(const void* mem) const { return is_own(mem) ? Own::usable_size(mem) : 0; }

  // Of another thread's block nothing is known.
  bool can_hold(const void* mem, size_t bytes) const { return !is_own(mem) || bytes <= Own::usable_size(mem); }

  // ---- this thread's heap ----

  void trim() {
    take_back();
    Own::trim();
  }

  void reset() {
    commons().take_pending(number_, pages(), [](uintptr_t) {});
    Own::reset();
  }

  // Of the range only whole pages that no heap has.
  size_t add_region(uintptr_t address, size_t bytes) {
    const uintptr_t begin = align_up(address, kPageSize);
    const uintptr_t end = align_down(address + bytes, kPageSize);
    if (begin < address || end <= begin || end > M::end() || begin == M::origin()) return 0;
    const size_t count = (end - begin) / kPageSize;
    if (!SharedPages<M>::make_leaves(commons(), commons().page_of(begin), count)) return 0;
    if (!commons().claim(begin, count, number_)) return 0;
    const size_t added = Own::add_region(begin, end - begin);
    if (!added) commons().give(begin, count, kNobody);
    return added;
  }

  // ---- for those who only look ----

  static Commons& commons() { return *reinterpret_cast<Commons*>(M::commons()); }
  static bool is_own(const void* mem) { return commons().owner(reinterpret_cast<uintptr_t>(mem)) == M::number(); }
  HeapNumber number() const { return number_; }
  uintptr_t& kept() { return commons().place(number_).kept; }

  // Null if none is at the address, or one of another layout or key.
  static Commons* commons_at(uintptr_t address) {
    if (!is_aligned(address, kAlignment) || address == 0 || address > M::end() - sizeof(Commons)) return nullptr;
    Commons* commons = reinterpret_cast<Commons*>(address);
    return commons->is_open(seal_of_commons(address)) ? commons : nullptr;
  }

  bool owns_its_regions() const {
    for (const Region* region = Own::chunks().newest_region(); region; region = region->next)
      for (uintptr_t page = region->begin; page < region->end; page += kPageSize)
        if (commons().owner(page) != number_) return false;
    return true;
  }

 private:
  static constexpr HeapNumber kFirst = 1;

  static size_t seal_of_commons(uintptr_t address) { return seal_of<K>(address, layout()); }

  // Null if all numbers are taken, or the memory can't grow.
  static SharedHeap* join(Commons& commons) {
    if (M::commons() == reinterpret_cast<uintptr_t>(&commons)) return reinterpret_cast<SharedHeap*>(commons.place(M::number()).state);
    for (HeapNumber number = kFirst; number < kCommonsOwn; number++)
      if (SharedHeap* heap = take_over(commons, number)) return heap;
    for (HeapNumber number = kFirst; number < kCommonsOwn; number++)
      if (commons.change(number, HeapStatus::kFree, HeapStatus::kLive)) return make(commons, number);
    return nullptr;
  }

  static SharedHeap* make(Commons& commons, HeapNumber number) {
    M::enter(reinterpret_cast<uintptr_t>(&commons), number);
    SharedHeap* heap = opened(create_heap<SharedHeap>());
    if (heap) return heap;
    commons.change(number, HeapStatus::kLive, HeapStatus::kFree);
    M::enter(0, kNobody);
    return nullptr;
  }

  // The heap of a thread that has ended, or null if there is none under this number, or it is damaged.
  static SharedHeap* take_over(Commons& commons, HeapNumber number) {
    if (!commons.change(number, HeapStatus::kEnded, HeapStatus::kLive)) return nullptr;
    const uintptr_t state = Atomics::load(commons.place(number).state);
    if (!state) return make(commons, number);  // the thread ended before it had a heap
    SharedHeap* heap = heap_at<SharedHeap>(state);
    M::enter(reinterpret_cast<uintptr_t>(&commons), number);
    if (heap && heap->number_ == number && check(*heap) == Invariant::kHolds) return heap;
    M::enter(0, kNobody);
    commons.change(number, HeapStatus::kLive, HeapStatus::kBroken);
    return nullptr;
  }

  static SharedHeap* opened(SharedHeap* heap) {
    if (!heap) return nullptr;
    heap->commons_ = M::commons();
    heap->number_ = M::number();
    Atomics::store(commons().place(M::number()).state, reinterpret_cast<uintptr_t>(heap));
    return heap;
  }

  size_t pages() const { return (M::end() - M::origin() + kPageSize - 1) / kPageSize; }

  void* resize_own(void* mem, size_t bytes) {
    void* moved = Own::resize(mem, bytes);
    if (!moved) return take_back() ? Own::resize(mem, bytes) : nullptr;
    if (moved != mem) look_after(bytes);
    return moved;
  }

  // What the request gives; if that is nothing, what it gives after another look.
  template <class Request>
  [[gnu::always_inline]] void* unless_refused(Request request) {
    void* mem = request();
    return mem || !take_back() ? mem : request();
  }

  // To look costs a cache line from another core for each cell in which blocks wait. So the heap looks only once it has handed out an
  // eighth of its footprint since the last time: it grows by that much at most because of blocks that it hasn't seen yet.
  void look_after(size_t handed_out) {
    handed_out_ += handed_out;
    if (handed_out_ < Own::footprint() / kLookAfter) return;
    handed_out_ = 0;
    take_back();
  }

  // Frees what other threads have freed of this heap's blocks. False if nothing waited.
  bool take_back() {
    if (__builtin_expect(!commons().has_pending(number_), 1)) return false;
    take_pending();
    return true;
  }

  [[gnu::noinline]] void take_pending() {
    commons().take_pending(number_, pages(),
                           [this](uintptr_t address) __attribute__((always_inline)) { Own::release(reinterpret_cast<void*>(address)); });
  }

  static constexpr size_t kLookAfter = 8;  // the part of the footprint

  uintptr_t commons_;
  HeapNumber number_;
  size_t handed_out_;  // bytes, since this heap last looked for what other threads freed
};

// Of this thread's heap; no other thread's may be checked while its thread runs. Not inlined: joining and heap_check need it.
template <Machine M, KeySource K>
[[gnu::noinline, gnu::visibility("hidden")]] Invariant check(const SharedHeap<M, K>& heap) {
  const CellHeap<SharedPages<M>, K>& own = heap;
  const Invariant broken = check(own);
  return broken == Invariant::kHolds && !heap.owns_its_regions() ? Invariant::kOwner : broken;
}

}  // namespace memory_wasm
