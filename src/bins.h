// The free chunks, by size class: one list per class and one bit per class that says whether the list has a chunk.
// Knows insert, remove and find; never splits a chunk and never touches one in use.
//
//     summary  |.......1.1|   one bit per map word
//                  |   '--------------.
//     maps     |..1...1.| ... |1.......|   one bit per class      (ctz finds the next class that is not empty)
//                 |   |        |
//     first    [ ] [c]-[c] ... [c]-[c]-[c]    doubly linked through the free chunks, newest first
//
// All zero is the empty state.
#pragma once

#include "size_class.h"

namespace memory_wasm {

class Bins {
 public:
  void insert(Chunk* chunk) {
    const unsigned bin = size_class(chunk->size());
    Chunk* next = first_[bin];
    chunk->next_free = next;
    chunk->previous_free = nullptr;
    if (next) {
      trap_if(next->in_use() || next->previous_free);  // or the link would be written into somebody's block
      next->previous_free = chunk;
    } else {
      maps_[bin / kMapBits] |= Map(1) << (bin % kMapBits);
      summary_ |= 1u << (bin / kMapBits);
    }
    first_[bin] = chunk;
  }

  void remove(Chunk* chunk) {
    Chunk* next = chunk->next_free;
    Chunk* previous = chunk->previous_free;
    if (next) {
      trap_if(next->previous_free != chunk);
      next->previous_free = previous;
    }
    if (previous) {
      trap_if(previous->next_free != chunk);
      previous->next_free = next;
    } else {
      remove_first(chunk, next);
    }
  }

  // A chunk of at least `size`, still in its bin, or null: the best of the first few in the class of `size`,
  // otherwise the best of the first few in the next class that has any.
  Chunk* find(size_t size) const {
    const unsigned bin = size_class(size);
    if (Chunk* chunk = best_of_few(bin, size)) return chunk;
    const unsigned larger = next_bin(bin + 1);
    return larger >= kClasses ? nullptr : best_of_few(larger, size);
  }

  // The chunk of at least `size` that find may have missed: it lies far down in the list of its class.
  Chunk* find_in_whole_class(size_t size) const {
    Chunk* chunk = first_[size_class(size)];
    while (chunk && chunk->size() < size) {
      Chunk* next = chunk->next_free;
      trap_if(next && next->previous_free != chunk);  // or the list might have no end
      chunk = next;
    }
    return chunk;
  }

  // The first class from `bin` on that has a chunk; kClasses or more if there is none.
  unsigned next_bin(unsigned bin) const {
    unsigned word = bin / kMapBits;
    if (word >= kWords) return kClasses;
    Map map = maps_[word] & (~Map(0) << (bin % kMapBits));
    if (!map) {
      const unsigned later = summary_ & (~0u << 1 << word);
      if (!later) return kClasses;
      word = __builtin_ctz(later);
      if (word >= kWords) return kClasses;  // only if the summary was overwritten
      map = maps_[word];
    }
    return word * kMapBits + __builtin_ctzll(map);
  }

  Chunk* first(unsigned bin) const { return first_[bin]; }
  bool is_marked(unsigned bin) const { return maps_[bin / kMapBits] >> (bin % kMapBits) & 1; }
  bool is_summarized(unsigned word) const { return summary_ >> word & 1; }
  bool word_is_empty(unsigned word) const { return maps_[word] == 0; }

  using Map = uint64_t;
  static constexpr unsigned kMapBits = 64;
  static constexpr unsigned kWords = (kClasses + kMapBits - 1) / kMapBits;
  static constexpr unsigned kSummaryBits = 32;
  static_assert(kWords < kSummaryBits, "the summary is one word");

 private:
  // A longer search finds little that fits better, and would have no bound.
  static constexpr int kFew = 4;

  Chunk* best_of_few(unsigned bin, size_t size) const {
    Chunk* best = nullptr;
    size_t best_size = ~size_t(0);
    Chunk* chunk = first_[bin];
    for (int i = 0; chunk && i < kFew; i++, chunk = chunk->next_free) {
      const size_t found = chunk->size();
      if (found < size || found >= best_size) continue;
      best = chunk;
      best_size = found;
      if (found == size) break;
    }
    return best;
  }

  void remove_first(Chunk* chunk, Chunk* next) {
    const unsigned bin = size_class(chunk->size());
    trap_if(first_[bin] != chunk);
    first_[bin] = next;
    if (next) return;
    if ((maps_[bin / kMapBits] &= ~(Map(1) << (bin % kMapBits))) == 0) summary_ &= ~(1u << (bin / kMapBits));
  }

  uint32_t summary_;
  Map maps_[kWords];
  Chunk* first_[kClasses];
};

}  // namespace memory_wasm
