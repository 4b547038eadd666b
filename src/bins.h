// The free chunks, by size class: one list per class and one bit per class that says whether the list has a chunk.
// Knows insert, remove and find; never splits a chunk and never touches one in use.
//
//     maps     |..1...1.| ... |1.......|   one bit per class      (ctz finds the next class that is not empty)
//                 |   |        |
//     first    [ ] [c]-[c] ... [c]-[c]-[c]    doubly linked through the free chunks, newest first
//
// All zero is the empty state.
#pragma once

#include "size_class.h"

namespace memory_wasm {

template <class Tags>
class Bins {
 public:
  [[gnu::always_inline]] void insert(Chunk* chunk, size_t size) {
    const unsigned bin = size_class(size);
    Chunk* next = first_[bin];
    set_next(chunk, next);
    set_previous(chunk, nullptr);
    first_[bin] = chunk;
    if (next) {
      trap_if(next->in_use() || previous(next));  // or the link would be written into a block
      set_previous(next, chunk);
    } else {
      maps_[bin / kMapBits] |= Map(1) << (bin % kMapBits);
    }
  }

  [[gnu::always_inline]] void remove(Chunk* chunk, size_t size) {
    Chunk* after = next(chunk);
    Chunk* before = previous(chunk);
    if (after) {
      trap_if(previous(after) != chunk);
      set_previous(after, before);
    }
    if (before) {
      trap_if(next(before) != chunk);
      return set_next(before, after);
    }
    const unsigned bin = size_class(size);
    trap_if(first_[bin] != chunk);
    first_[bin] = after;
    if (!after) maps_[bin / kMapBits] &= ~(Map(1) << (bin % kMapBits));
  }

  // A chunk of at least `size`, from a class below `end`: the best of the first few in the class of `size`, otherwise of the first few
  // in the next class that has any. Null if there is none.
  [[gnu::always_inline]] Chunk* find(size_t size, unsigned end) const {
    for (unsigned bin = next_bin(size_class(size)); bin < end; bin = next_bin(bin + 1))
      if (Chunk* chunk = best_of_few(bin, size, kAlignment)) return chunk;
    return nullptr;
  }

  // The same for a payload that is a multiple of `alignment`. Of the next classes, too, only some chunks fit then: it looks at a few
  // classes, then where each chunk fits.
  [[clang::minsize, gnu::noinline]] Chunk* search(size_t size, size_t alignment, unsigned end) const {
    unsigned bin = next_bin(size_class(size));
    for (int classes = 1; bin < end; classes++) {
      if (Chunk* chunk = best_of_few(bin, size, alignment)) return chunk;
      if (classes == kSearchLimit) bin = size_class(size + most_skipped(alignment));  // above it, every chunk fits
      bin = next_bin(bin + 1);
    }
    return nullptr;
  }

  // The largest size for which find finds something, 0 if there is none.
  size_t largest() const {
    size_t largest = 0;
    for (unsigned bin = next_bin(0); bin < kClasses; bin = next_bin(bin + 1)) {
      Chunk* chunk = first_[bin];
      for (int i = 0; chunk && i < kSearchLimit; i++, chunk = next(chunk))
        if (chunk->size() > largest) largest = chunk->size();
    }
    return largest;
  }

  // How many bytes place() skips at most.
  static constexpr size_t most_skipped(size_t alignment) {
    return alignment <= kAlignment ? 0 : alignment - kAlignment + 2 * (kMinChunk - kAlignment);
  }

  // Where a chunk would begin whose payload is the first multiple of `alignment` in `chunk`. What is left below is
  // nothing or at least a chunk.
  [[gnu::always_inline]] static uintptr_t place(const Chunk* chunk, size_t alignment) {
    const uintptr_t mem = chunk->address() + kHeadSize;
    uintptr_t aligned = align_up(mem, alignment);
    if (kMinChunk > kAlignment && aligned != mem && aligned - mem < kMinChunk) aligned = align_up(mem + kMinChunk, alignment);
    return aligned - kHeadSize;
  }

  // The first class from `bin` on that has a chunk; kClasses or more if there is none.
  [[gnu::noinline]] unsigned next_bin(unsigned bin) const {
    Map map = bin < kClasses ? maps_[bin / kMapBits] >> (bin % kMapBits) : 0;
    if (map) return bin + __builtin_ctzll(map);
    for (unsigned word = bin / kMapBits + 1; word < kWords; word++)
      if (maps_[word]) return word * kMapBits + __builtin_ctzll(maps_[word]);
    return kClasses;
  }

  Chunk* first(unsigned bin) const { return first_[bin]; }
  bool is_marked(unsigned bin) const { return maps_[bin / kMapBits] >> (bin % kMapBits) & 1; }

  static Chunk* next(const Chunk* chunk) { return Chunk::at(Tags::hide(chunk->next_free)); }
  static Chunk* previous(const Chunk* chunk) { return Chunk::at(Tags::hide(chunk->previous_free)); }

  using Map = uint64_t;
  static constexpr unsigned kMapBits = 64;
  static constexpr unsigned kWords = (kClasses + kMapBits - 1) / kMapBits;

 private:
  // Chunks of a class, and classes of an aligned search, that are looked at. More find little that fits better, and would have no bound.
  static constexpr int kSearchLimit = 4;

  static void set_next(Chunk* chunk, const Chunk* to) { chunk->next_free = Tags::hide(reinterpret_cast<uintptr_t>(to)); }
  static void set_previous(Chunk* chunk, const Chunk* to) { chunk->previous_free = Tags::hide(reinterpret_cast<uintptr_t>(to)); }

  // Inlined, so that with the least alignment nothing is left of it.
  [[gnu::always_inline]] Chunk* best_of_few(unsigned bin, size_t size, size_t alignment) const {
    Chunk* best = nullptr;
    size_t best_size = ~size_t(0);
    Chunk* chunk = first_[bin];
    for (int i = 0; chunk && i < kSearchLimit; i++, chunk = next(chunk)) {
      const size_t found = chunk->size();
      const size_t skipped = alignment <= kAlignment ? 0 : place(chunk, alignment) - chunk->address();
      if (found < skipped || found - skipped < size || found >= best_size) continue;
      if (found == size) return chunk;
      best = chunk;
      best_size = found;
    }
    return best;
  }

  Map maps_[kWords];
  Chunk* first_[kClasses];
};

}  // namespace memory_wasm
