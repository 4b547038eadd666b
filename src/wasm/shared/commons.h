// What all threads over one memory share: whose each page is, which blocks wait for their owner (pending.h), and the heaps by
// number. It is made once, in pages of its own, and nothing in it ever moves, because other threads read it at any time.
//
//     owner    a byte for each page of 64 KiB: the number of its heap; 0: no heap's; 255: the commons' own
//     leaves   for each 8 MiB of the memory the pending bits of its pages: a page, made when a heap gets memory there
//     heaps    number -> state, status, flag
//
//     status   free -> live -> held -> ended -> live ...
//                                        '----> broken: its check failed, so nobody takes it over
//
// live: a thread has the heap. held: and a lock of the host shows whether the thread is still there. ended: the thread is gone.
// Whoever changes a status does so by compare and exchange, so a heap has one thread at most.
#pragma once

#include "../../cell_heap.h"
#include "pending.h"

namespace memory_wasm {

constexpr size_t kMaxPages = 65536;
constexpr size_t kLeafPages = 128;
constexpr size_t kUnitsOfPage = kPageSize / kAlignment;
static_assert(kUnitsOfPage == kPendingBits * kPendingWords);
static_assert(kLeafPages * kPendingWords * sizeof(uint64_t) == kPageSize, "a leaf is a page");

using HeapNumber = uint32_t;  // not more than 255
constexpr HeapNumber kNobody = 0;
constexpr HeapNumber kCommonsOwn = 255;

enum class HeapStatus : uint32_t { kFree = 0, kLive = 1, kHeld = 2, kEnded = 3, kBroken = 4 };

// What a machine is: its memory, which may grow from any thread, and what each thread keeps for itself.
template <class M>
concept Machine = requires(size_t count, uintptr_t address) {
  { M::origin() } noexcept -> Same<uintptr_t>;  // the address of page 0
  { M::end() } noexcept -> Same<uintptr_t>;
  { M::grow(count) } noexcept -> Same<uintptr_t>;
  { M::commons() } noexcept -> Same<uintptr_t>;  // 0: this thread has no heap yet
  { M::number() } noexcept -> Same<HeapNumber>;
  M::enter(address, HeapNumber());  // this thread's commons and heap from now on
};

class Commons {
 public:
  struct alignas(64) Place {
    uintptr_t state;
    uintptr_t kept;  // a block that the host keeps for the thread
    uint32_t status;
    uint32_t flag;
  };

  void open(uintptr_t origin, size_t seal) {
    origin_ = origin;
    Atomics::store(seal_, seal);
  }
  bool is_open(size_t seal) const { return Atomics::load(seal_) == seal; }

  size_t page_of(uintptr_t address) const { return (address - origin_) / kPageSize; }

  // ---- pages ----

  [[gnu::always_inline]] HeapNumber owner(uintptr_t address) const {
    return __atomic_load_n(&owners_[(address - origin_) / kPageSize % kMaxPages], __ATOMIC_RELAXED);
  }

  void give(uintptr_t begin, size_t pages, HeapNumber number) {
    for (size_t i = 0; i < pages; i++) __atomic_store_n(&owners_[page_of(begin) + i], static_cast<uint8_t>(number), __ATOMIC_RELAXED);
  }

  // How many of the bytes from the address on are in pages of the heap that owns its page: no block reaches beyond them.
  size_t bytes_of_owner(uintptr_t address, size_t bytes) const {
    const HeapNumber number = owner(address);
    size_t there = kPageSize - (address - origin_) % kPageSize;
    while (there < bytes && owner(address + there) == number) there += kPageSize;
    return there < bytes ? there : bytes;
  }

  // Gives pages that nobody has. False, and nothing changed, if somebody has one of them.
  bool claim(uintptr_t begin, size_t pages, HeapNumber number) {
    for (size_t i = 0; i < pages; i++) {
      if (Atomics::replace(owners_[page_of(begin) + i], static_cast<uint8_t>(kNobody), static_cast<uint8_t>(number))) continue;
      give(begin, i, kNobody);
      return false;
    }
    return true;
  }

  // ---- leaves ----

  uint64_t* leaf(size_t page) const { return Atomics::load(leaves_[page / kLeafPages]); }

  // False if another thread was earlier.
  bool set_leaf(size_t page, uint64_t* leaf) { return Atomics::replace(leaves_[page / kLeafPages], static_cast<uint64_t*>(nullptr), leaf); }

  // ---- blocks that other threads free ----

  // Traps if the owner hasn't even seen the last free of this address.
  void free_remotely(uintptr_t address) {
    const HeapNumber number = owner(address);
    trap_if(number == kNobody || number == kCommonsOwn || !is_aligned(address, kAlignment));
    const size_t page = page_of(address);
    const size_t unit = (address - origin_) % kPageSize / kAlignment;
    uint64_t& word = words_of(page)[unit / kPendingBits];
    trap_if(!Pending<Atomics>::add(word, uint64_t(1) << unit % kPendingBits, touched_[page / 64], uint64_t(1) << page % 64, places_[number].flag));
  }

  bool has_pending(HeapNumber number) const { return Atomics::load(places_[number].flag); }

  // Calls take(address) for each block of the heap that other threads freed. `pages`: of the memory. Inlined whole: what the lambdas
  // capture would go through a stack.
  template <class Take>
  [[gnu::always_inline]] void take_pending(HeapNumber number, size_t pages, Take take) {
    const auto words = [&](size_t page)
                           __attribute__((always_inline)) { return owner(origin_ + page * kPageSize) == number ? words_of(page) : nullptr; };
    Pending<Atomics>::drain(places_[number].flag, touched_, (pages + 63) / 64, words,
                            [&](size_t page, unsigned unit) __attribute__((always_inline)) { take(origin_ + page * kPageSize + unit * kAlignment); });
  }

  // ---- heaps ----

  Place& place(HeapNumber number) { return places_[number]; }
  HeapStatus status(HeapNumber number) const { return static_cast<HeapStatus>(Atomics::load(places_[number].status)); }

  // False if the status was another one.
  bool change(HeapNumber number, HeapStatus from, HeapStatus to) {
    return Atomics::replace(places_[number].status, static_cast<uint32_t>(from), static_cast<uint32_t>(to));
  }

 private:
  uint64_t* words_of(size_t page) const { return leaf(page) + page % kLeafPages * kPendingWords; }

  size_t seal_;
  uintptr_t origin_;
  uint64_t* leaves_[kMaxPages / kLeafPages];
  uint64_t touched_[kMaxPages / 64];
  Place places_[256];
  uint8_t owners_[kMaxPages];
};

}  // namespace memory_wasm
