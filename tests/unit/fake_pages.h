// A memory for the heap under test: grows by pages up to a limit, can refuse the k-th growth, and lets others grow it too.
// All of it is one reservation of address space, so what no growth gave out faults when touched.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <stdexcept>
#include <vector>

#include "pages.h"

namespace memory_wasm {

struct FakePages {
  static constexpr size_t kReserved = sizeof(size_t) == 4 ? 4096 : 65536;  // pages
  static constexpr unsigned char kForeign = 0xf7;

  // ---- the concept Pages, and what src/libc asks beyond it ----

  static uintptr_t end() noexcept { return base() + pages_ * kPageSize; }

  static uintptr_t grow(size_t count) noexcept {
    grow_calls++;
    if (grow_calls == fail_at || (fail_from && grow_calls >= fail_from) || (refused_next && refused_next--)) return kNoPages;
    return extend(count);
  }

  static void grown() noexcept {
    grown_calls++;
    if (on_grow) on_grow();
  }

  // ---- what a test does with it ----

  // An empty memory of `initial` pages of kForeign, that can grow to `limit` pages.
  static void reset(size_t initial = 1, size_t limit = kReserved) {
    if (mmap(reinterpret_cast<void*>(base()), kReserved * kPageSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
        MAP_FAILED)
      throw std::runtime_error("can't clear the fake memory");
    pages_ = 0;
    limit_ = limit;
    grow_calls = grown_calls = fail_at = fail_from = refused_next = 0;
    on_grow = nullptr;
    foreign_.clear();
    foreign_grow(initial);
  }

  // Somebody else grows the memory. Where, or kNoPages.
  static uintptr_t foreign_grow(size_t count) {
    const uintptr_t begin = extend(count);
    if (begin == kNoPages || count == 0) return begin;
    memset(reinterpret_cast<void*>(begin), kForeign, count * kPageSize);
    foreign_.push_back({begin, count * kPageSize});
    return begin;
  }

  // The foreign pages are no longer looked at: the test gives them to the heap.
  static void forget_foreign() { foreign_.clear(); }

  // Whether no byte of the foreign pages has changed.
  static bool foreign_is_intact() {
    for (const Foreign& foreign : foreign_) {
      const auto* bytes = reinterpret_cast<const unsigned char*>(foreign.begin);
      if (bytes[0] != kForeign || memcmp(bytes, bytes + 1, foreign.bytes - 1) != 0) return false;
    }
    return true;
  }

  static uintptr_t begin() { return base(); }
  static size_t pages() { return pages_; }

  static inline size_t grow_calls, grown_calls;
  static inline size_t fail_at;       // the number, from 1, of the growth to refuse; 0: none
  static inline size_t fail_from;     // this growth and all after it are refused; 0: none
  static inline size_t refused_next;  // so many growths from now on are refused
  static inline void (*on_grow)();

 private:
  struct Foreign {
    uintptr_t begin;
    size_t bytes;
  };

  static uintptr_t extend(size_t count) noexcept {
    if (count > limit_ - pages_) return kNoPages;
    const uintptr_t begin = end();
    if (count && mprotect(reinterpret_cast<void*>(begin), count * kPageSize, PROT_READ | PROT_WRITE) != 0) return kNoPages;
    pages_ += count;
    return begin;
  }

  // A multiple of the page size, as in WebAssembly.
  static uintptr_t base() {
    static const uintptr_t base = [] {
      void* reserved = mmap(nullptr, (kReserved + 1) * kPageSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (reserved == MAP_FAILED) throw std::runtime_error("can't reserve address space for the fake memory");
      return (reinterpret_cast<uintptr_t>(reserved) + kPageSize - 1) & ~uintptr_t(kPageSize - 1);
    }();
    return base;
  }

  static inline size_t pages_, limit_;
  static inline std::vector<Foreign> foreign_;
};

static_assert(Pages<FakePages>);

}  // namespace memory_wasm
