// A heap's state: where it is put, and how it is found again. Shared by all heaps.
#pragma once

#include "region.h"

namespace memory_wasm {

// At the lowest address of the state, so that an overflow out of what is below it comes here first.
template <class Tags>
class StateGuard {
 public:
  void set(size_t layout) {
    hidden_address_ = Tags::hide(address());
    layout_ = layout;
  }
  bool fits(size_t layout) const { return is_intact() && layout_ == layout; }
  size_t layout() const { return layout_; }

  // For each call that allocates or frees a chunk.
  [[gnu::always_inline]] bool is_intact() const { return hidden_address_ == Tags::hide(address()); }

 private:
  uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }

  uintptr_t hidden_address_;
  size_t layout_;
};

// A heap whose state is at the start of a page that it grew, or null if the memory can't grow.
template <class H>
H* create_heap() {
  using P = typename H::Memory;
  const uintptr_t begin = P::grow(1);
  if (begin == kNoPages) return nullptr;
  H* heap = reinterpret_cast<H*>(begin);
  heap->open();
  heap->chunks().install_first(begin, H::Chunks::end_of(begin, 1), sizeof(H), true);
  return heap;
}

// A heap whose state is at the start of its first region, or null and nothing changed if the range can't be used.
template <class H>
H* create_heap_in(uintptr_t address, size_t bytes) {
  const Range range = H::Chunks::Places::usable_range(address, bytes, sizeof(H));
  if (!range.bytes()) return nullptr;
  H* heap = reinterpret_cast<H*>(range.begin);
  __builtin_memset(static_cast<void*>(heap), 0, sizeof(H));
  heap->open();
  heap->chunks().install_first(range.begin, range.end, sizeof(H), false);
  return heap;
}

// The heap whose state is at `address`, or null: none is there, its layout is another one, or it has another key.
template <class H>
H* heap_at(uintptr_t address) {
  if (!is_aligned(address, kAlignment) || address == 0 || address > H::Memory::end() - sizeof(H)) return nullptr;
  H* heap = reinterpret_cast<H*>(address);
  return heap->is_open() ? heap : nullptr;
}

// A number for a layout of the state, from all the constants that decide it: another build's heap is not taken by mistake.
template <class... Numbers>
constexpr size_t layout_number(Numbers... numbers) {
  uint32_t hash = 2166136261;
  ((hash = (hash ^ static_cast<uint32_t>(numbers)) * 16777619), ...);
  return hash;
}

}  // namespace memory_wasm
