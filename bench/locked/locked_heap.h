// Any heap behind one lock, the simplest way to make malloc safe for threads: what a heap for each thread is measured against
// (tests/shared/measure.js). All threads share one heap and its state; each call takes the lock, and waits for it.
//
//     state of the lock   0: free   1: held   2: held, and a thread may be asleep
//
// A thread that finds it held spins a little, since most calls are short, and then sleeps until the holder wakes it.
#pragma once

#include "../../src/heap.h"

namespace memory_wasm {

class Lock {
 public:
  void take() {
    for (int spins = 0; spins < kSpins; spins++)
      if (replace(kFree, kHeld)) return;
    while (__atomic_exchange_n(&state_, kSlept, __ATOMIC_ACQUIRE) != kFree) __builtin_wasm_memory_atomic_wait32(&state_, kSlept, -1);
  }

  void give() {
    if (__atomic_exchange_n(&state_, kFree, __ATOMIC_RELEASE) == kSlept) __builtin_wasm_memory_atomic_notify(&state_, 1);
  }

 private:
  static constexpr int kSpins = 100;
  static constexpr int kFree = 0, kHeld = 1, kSlept = 2;

  bool replace(int from, int to) { return __atomic_compare_exchange_n(&state_, &from, to, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED); }

  int state_ = kFree;
};

template <class H>
class LockedHeap {
 public:
  void* allocate_at_hand(size_t bytes) {
    return locked([&] { return heap_.allocate_at_hand(bytes); });
  }
  void* allocate_elsewhere(size_t bytes) {
    return locked([&] { return heap_.allocate_elsewhere(bytes); });
  }
  void* allocate_zeroed(size_t bytes) {
    return locked([&] { return heap_.allocate_zeroed(bytes); });
  }
  void* allocate_aligned(size_t alignment, size_t bytes) {
    return locked([&] { return heap_.allocate_aligned(alignment, bytes); });
  }
  void* resize(void* mem, size_t bytes) {
    return locked([&] { return heap_.resize(mem, bytes); });
  }
  void release(void* mem) {
    locked([&] { heap_.release(mem); });
  }
  size_t usable_size(const void* mem) const {
    return locked([&] { return heap_.usable_size(mem); });
  }
  size_t footprint() const {
    return locked([&] { return heap_.footprint(); });
  }

  // Once, by the first thread.
  void open(uintptr_t begin, size_t bytes) {
    heap_.open();
    heap_.add_region(begin, bytes);
  }

 private:
  template <class Operation>
  auto locked(Operation operation) const {
    struct Guard {
      Lock& lock;
      explicit Guard(Lock& taken) : lock(taken) { lock.take(); }
      ~Guard() { lock.give(); }
    } guard(lock_);
    return operation();
  }

  alignas(64) mutable Lock lock_;  // in a cache line of its own
  alignas(64) H heap_;
};

}  // namespace memory_wasm
