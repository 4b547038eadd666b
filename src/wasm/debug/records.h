// What the debug heap knows of each block, in a memory of its own: an overrun of the program can't reach it.
//
//   BlockMap: address of a payload / 32  ->  Record of a live block
//   Records:  | Record | Record | ... |   in chunks, so that a record never moves
//   History:  | Record | Record | ... |   a ring of freed blocks: those in quarantine, and before them those whose memory was given back
//
// When a block is freed its record is copied to the history, where it explains a pointer freed long ago, and serves the next block: so
// the records in use are few, and the history is written and read in order. Both are what a processor's cache is good at.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace memory_wasm::debug {

// By whom a block was allocated, and so by whom it must be freed. JavaScript has the names (js/debug/layout.js).
enum class Family : uint8_t { kMalloc, kNew, kNewArray, kAlignedNew, kAlignedNewArray };

enum class State : uint8_t { kUnused, kLive, kQuarantined, kPast, kReset };

struct Record {
  uintptr_t payload;
  size_t size;            // as asked for
  uint32_t number;        // of the allocation, from 1
  uint32_t freed;         // how many allocations there had been when it was freed
  uint32_t allocated_by;  // the stack's number; 0: not known
  uint32_t freed_by;
  Record* next;  // of those that are unused
  uint8_t alignment_log2;
  Family family;
  State state;
  uint8_t unused;

  size_t alignment() const { return size_t(1) << alignment_log2; }
};
static_assert(sizeof(Record) == 32);

// Memory for records and maps: it only grows, like everything in WebAssembly, and comes zeroed.
class OwnMemory {
 public:
  // Null if the engine gives no more.
  void* take(size_t bytes) {
    if (bytes > end_ - next_ && !grow(bytes)) return nullptr;
    next_ += bytes;
    return reinterpret_cast<void*>(next_ - bytes);
  }

 private:
  static constexpr size_t kPage = 65536;

  bool grow(size_t bytes) {
    const size_t pages = (bytes + kPage - 1) / kPage;
    const size_t before = __builtin_wasm_memory_grow(0, pages);
    if (before == SIZE_MAX) return false;
    if (before * kPage != end_) next_ = before * kPage;
    end_ = (before + pages) * kPage;
    return true;
  }

  uintptr_t next_ = 0;
  uintptr_t end_ = 0;
};

// So many records are next to each other, in both: JavaScript reads that many at a time.
constexpr uint32_t kAtATime = 2048;

class Records {
 public:
  // A walk over all records: number 0, 1, 2 ... to count().
  uint32_t count() const { return count_; }
  Record* at(uint32_t index) const { return chunks_[index / kInChunk] + index % kInChunk; }

  // The one given back last, or a new one; null if there is no memory.
  Record* take(OwnMemory& memory) {
    if (Record* record = unused_) {
      unused_ = record->next;
      return record;
    }
    if (count_ % kInChunk == 0) {
      auto* chunk = static_cast<Record*>(memory.take(kInChunk * sizeof(Record)));
      if (!chunk) return nullptr;
      chunks_[count_ / kInChunk] = chunk;
    }
    return at(count_++);
  }

  void give_back(Record* record) {
    record->state = State::kUnused;
    record->next = unused_;
    unused_ = record;
  }

 private:
  static constexpr uint32_t kInChunk = kAtATime;
  static constexpr uint32_t kChunks = 65536;  // more than 4 GiB of records

  Record* chunks_[kChunks] = {};
  Record* unused_ = nullptr;
  uint32_t count_ = 0;
};

class History {
 public:
  // Of all blocks that were freed, how many: the newest is at(count() - 1).
  uint32_t count() const { return count_; }
  Record& at(uint32_t index) { return entries_[index & (capacity_ - 1)]; }

  // Whether the next one takes the place of number `oldest`.
  bool is_full(uint32_t oldest) const { return count_ - oldest == capacity_; }

  // Room for so many, at least.
  bool reserve(uint32_t count, OwnMemory& memory) {
    while (capacity_ < count || !capacity_)
      if (!enlarge(memory)) return false;
    return true;
  }

  void keep(const Record& record, State state) {
    Record& entry = at(count_++);
    entry = record;
    entry.state = state;
  }

  // The newest that is wanted, or null.
  template <class Wanted>
  const Record* find(Wanted wanted) const {
    for (uint32_t age = 1; age <= capacity_ && age <= count_; age++) {
      const Record& entry = entries_[(count_ - age) & (capacity_ - 1)];
      if (wanted(entry)) return &entry;
    }
    return nullptr;
  }

 private:
  static constexpr uint32_t kLeast = 65536;
  static_assert(kLeast % kAtATime == 0);

  // The old ring is left behind: together they are smaller than the new one.
  bool enlarge(OwnMemory& memory) {
    const uint32_t capacity = capacity_ ? 2 * capacity_ : kLeast;
    auto* entries = static_cast<Record*>(memory.take(capacity * sizeof(Record)));
    if (!entries) return false;
    for (uint32_t age = 1; age <= capacity_ && age <= count_; age++) entries[(count_ - age) & (capacity - 1)] = at(count_ - age);
    entries_ = entries;
    capacity_ = capacity;
    return true;
  }

  Record* entries_ = nullptr;
  uint32_t capacity_ = 0;  // a power of two
  uint32_t count_ = 0;     // may wrap
};

// From the address of a payload to the block's record. Two levels: a leaf for each 64 KiB of the program's memory that has blocks.
// Payloads are at least 32 bytes apart.
class BlockMap {
 public:
  // Null if no live block has this payload.
  Record* find(uintptr_t payload) const {
    Record* const* leaf = leaves_[payload / kCovered];
    Record* record = leaf ? leaf[payload % kCovered / kGranule] : nullptr;
    return record && record->payload == payload && record->state == State::kLive ? record : nullptr;
  }

  bool insert(Record* record, OwnMemory& memory) {
    Record**& leaf = leaves_[record->payload / kCovered];
    if (!leaf) leaf = static_cast<Record**>(memory.take(kCovered / kGranule * sizeof(Record*)));
    if (leaf) leaf[record->payload % kCovered / kGranule] = record;
    return leaf;
  }

  // The nearest live block whose payload is at or below an address. Slow: for reports.
  const Record* find_below(uintptr_t address) const {
    for (size_t page = address / kCovered + 1; page-- > 0;) {
      Record* const* leaf = leaves_[page];
      if (!leaf) continue;
      for (size_t i = kCovered / kGranule; i-- > 0;)
        if (leaf[i] && leaf[i]->payload / kGranule == page * (kCovered / kGranule) + i && leaf[i]->payload <= address &&
            leaf[i]->state == State::kLive)
          return leaf[i];
    }
    return nullptr;
  }

 private:
  static constexpr size_t kGranule = 32;
  static constexpr size_t kCovered = 65536;

  Record** leaves_[65536] = {};
};

}  // namespace memory_wasm::debug
