// The pages of a memory that several threads grow: each page gets its owner, and its place for pending bits, before its heap has it.
#pragma once

#include "commons.h"

namespace memory_wasm {

template <Machine M>
struct SharedPages {
  static uintptr_t end() noexcept { return M::end(); }

  static uintptr_t grow(size_t count) noexcept {
    Commons& commons = *reinterpret_cast<Commons*>(M::commons());
    // The leaves first, which are pages themselves: once the heap's pages are grown they can't be given back.
    const size_t page = commons.page_of(M::end());
    if (!make_leaves(commons, page, count + 1)) return kNoPages;
    const uintptr_t begin = M::grow(count);
    // Another thread may have grown the memory meanwhile.
    if (begin == kNoPages || !make_leaves(commons, commons.page_of(begin), count)) return kNoPages;
    commons.give(begin, count, M::number());
    return begin;
  }

  // Makes the leaves for `count` pages from `page` on. False if the memory can't grow for them.
  static bool make_leaves(Commons& commons, size_t page, size_t count) {
    const size_t end = page + count < kMaxPages ? page + count : kMaxPages;
    for (size_t at = align_down(page, kLeafPages); at < end; at += kLeafPages)
      while (!commons.leaf(at))
        if (!make_leaf(commons, at)) return false;
    return true;
  }

 private:
  // A page that another thread's leaf made superfluous stays unused: that is rare, and at most once in 8 MiB for each thread.
  static bool make_leaf(Commons& commons, size_t page) {
    const uintptr_t leaf = M::grow(1);
    if (leaf == kNoPages) return false;
    commons.give(leaf, 1, kCommonsOwn);
    commons.set_leaf(page, reinterpret_cast<uint64_t*>(leaf));
    return true;
  }
};

}  // namespace memory_wasm
