// The smallest heap: every block is a chunk, and chunks of a few sizes wait for the next request of their size.
//
//     quick lists  | 16 | 32 | 48 | ... | 512 |      freed chunks of exactly this size, the latest first
//                     |
//                     [c]-[c]-[c]                    still in use for their neighbours (flag Q), so nothing is coalesced
//
// What waits is at most a 32nd of the footprint; then all lists are emptied and the chunks coalesce. A block of any size has
// a head of one word and no seal.
#pragma once

#include "chunk_heap.h"
#include "state.h"

namespace memory_wasm {

template <Pages P>
class [[gnu::visibility("hidden")]] QuickHeap {
 public:
  using Memory = P;
  using Chunks = ChunkHeap<P, PlainTags>;
  using Places = typename Chunks::Places;

  static QuickHeap* create() { return create_heap<QuickHeap>(); }
  static QuickHeap* create_in(uintptr_t address, size_t bytes) { return create_heap_in<QuickHeap>(address, bytes); }
  static QuickHeap* at(uintptr_t address) { return heap_at<QuickHeap>(address); }

  void open() {
    guard_.set(layout());
    chunks_.open();
  }
  bool is_open() const { return guard_.fits(layout()); }

  static constexpr size_t layout() { return layout_number(sizeof(QuickHeap), sizeof(Region), kQuickLimit, kClasses, Chunks::chunk_size(1), 2); }

  // ---- blocks ----

  void* allocate(size_t bytes) {
    void* mem = allocate_at_hand(bytes);
    return mem ? mem : allocate_elsewhere(bytes);
  }

  [[gnu::always_inline]] void* allocate_at_hand(size_t bytes) {
    if (bytes > kQuickLimit - kHeadSize) return nullptr;
    const size_t size = Chunks::chunk_size(bytes);
    Chunk*& first = quick_[size / kAlignment];
    Chunk* chunk = first;
    if (!chunk) return nullptr;
    trap_if((chunk->head & ~Chunk::kBelowInUse) != (size | Chunk::kInUse | Chunk::kQuick));
    first = next(chunk);
    chunk->head ^= Chunk::kQuick;
    kept_ -= size;
    return chunk->mem();
  }

  [[gnu::noinline]] void* allocate_elsewhere(size_t bytes) { return take(bytes, kAlignment); }

  void* allocate_zeroed(size_t bytes) {
    return chunks_.zeroed(bytes, [&] { return allocate(bytes); });
  }

  void* allocate_aligned(size_t alignment, size_t bytes) { return alignment <= kAlignment ? allocate(bytes) : take(bytes, alignment); }

  void release(void* mem) {
    if (!mem) return;
    Chunk* chunk = chunks_.checked(mem);
    const size_t size = chunk->size();
    if (size > kQuickLimit) return chunks_.give(chunk);
    Chunk*& first = quick_[size / kAlignment];
    chunk->head ^= Chunk::kQuick;
    chunk->next_free = reinterpret_cast<uintptr_t>(first);
    first = chunk;
    kept_ += size;
    if (kept_ > footprint() / kKeptDivisor) empty_lists();
  }

  [[gnu::noinline]] void* resize(void* mem, size_t bytes) {
    return chunks_.resize_chunk(mem, bytes, [this](size_t wanted) { return allocate(wanted); });
  }

  size_t usable_size(const void* mem) const { return chunks_.usable_size(mem); }

  // ---- the whole heap ----

  size_t add_region(uintptr_t address, size_t bytes) { return chunks_.add_region(address, bytes); }

  void trim() { empty_lists(); }

  void reset() {
    for (Chunk*& first : quick_) first = nullptr;
    kept_ = 0;
    chunks_.reset();
  }

  size_t footprint() const { return chunks_.footprint(); }

  // The largest n for which allocate(n) succeeds without growth.
  size_t largest_free() const {
    const size_t in_chunks = chunks_.largest_free();
    for (size_t size = kQuickLimit; size > in_chunks + kHeadSize; size -= kAlignment)
      if (quick_[size / kAlignment]) return size - kHeadSize;
    return in_chunks;
  }

  // ---- for those who only look ----

  Chunks& chunks() { return chunks_; }
  const Chunks& chunks() const { return chunks_; }
  const Chunk* first_quick(size_t size) const { return quick_[size / kAlignment]; }
  size_t kept() const { return kept_; }
  static const Chunk* next_quick(const Chunk* chunk) { return next(chunk); }

  static constexpr size_t kQuickLimit = 512;  // chunks up to this size

 private:
  static Chunk* next(const Chunk* chunk) { return Chunk::at(chunk->next_free); }

  [[gnu::noinline]] void* take(size_t bytes, size_t alignment) {
    if (!Chunks::is_possible(alignment, bytes)) return nullptr;
    Chunk* chunk = chunks_.take(Chunks::chunk_size(bytes), alignment, [this] { empty_lists(); });
    return chunk ? chunk->mem() : nullptr;
  }

  [[gnu::noinline]] void empty_lists() {
    if (!kept_) return;
    kept_ = 0;
    for (Chunk*& first : quick_)
      while (Chunk* chunk = first) {
        first = next(chunk);
        chunk->head ^= Chunk::kQuick;
        chunks_.give(chunks_.checked(chunk->mem()));
      }
  }

  static constexpr size_t kKeptDivisor = 32;

  StateGuard<PlainTags> guard_;
  size_t kept_;  // bytes in the lists
  Chunk* quick_[kQuickLimit / kAlignment + 1];
  Chunks chunks_;
};

}  // namespace memory_wasm
