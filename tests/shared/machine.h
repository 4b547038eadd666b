// A memory that several threads of this machine grow, with what each thread keeps for itself.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <stdexcept>

#include "wasm/shared/shared_heap.h"

namespace memory_wasm {

struct HostMachine {
  static constexpr size_t kReserved = 4096;  // pages

  static uintptr_t origin() noexcept { return origin_; }
  static uintptr_t end() noexcept { return origin_ + pages_ * kPageSize; }

  static uintptr_t grow(size_t count) noexcept {
    size_t before = pages_;
    do
      if (count > limit - before) return kNoPages;
    while (!pages_.compare_exchange_weak(before, before + count));
    return origin_ + before * kPageSize;
  }

  static uintptr_t commons() noexcept { return commons_; }
  static HeapNumber number() noexcept { return number_; }
  static void enter(uintptr_t commons, HeapNumber number) {
    commons_ = commons;
    number_ = number;
  }

  // ---- what a test does with it ----

  // An empty memory of one page. No thread may be using the old one.
  static void reset(size_t most = kReserved) {
    if (!origin_) {
      void* reserved = mmap(nullptr, (kReserved + 1) * kPageSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (reserved == MAP_FAILED) throw std::runtime_error("can't reserve address space");
      origin_ = align_up(reinterpret_cast<uintptr_t>(reserved), kPageSize);
    }
    if (mmap(reinterpret_cast<void*>(origin_), kReserved * kPageSize, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
      throw std::runtime_error("can't clear the memory");
    pages_ = 1;
    limit = most;
    enter(0, kNobody);
  }

  static size_t pages() { return pages_; }
  static inline size_t limit = kReserved;

 private:
  static inline uintptr_t origin_;
  static inline std::atomic<size_t> pages_{0};
  static inline thread_local uintptr_t commons_;
  static inline thread_local HeapNumber number_;
};

static_assert(Machine<HostMachine>);

struct HostKey {
  static uintptr_t key() noexcept { return static_cast<uintptr_t>(0x9e3779b97f4a7c15); }
  static uint64_t wide_key() noexcept { return 0x9e3779b97f4a7c15; }
  static uintptr_t mask() noexcept { return static_cast<uintptr_t>(0xbf58476d1ce4e5b9); }
};

using HostHeap = SharedHeap<HostMachine, HostKey>;

}  // namespace memory_wasm
