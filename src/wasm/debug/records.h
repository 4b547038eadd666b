// What the debug heap knows of each block, in a memory of its own: an overrun of the program can't reach it.
//
//   Records:  address of a payload / 32  ->  Record of a live block. A leaf of 2048 for each 64 KiB of the program's memory
//   History:  | Record | Record | ... |   a ring of freed blocks: those in quarantine, and before them those whose memory was given back
//
// A record's place follows from the payload: an allocation only writes there, and a free waits for one line of the processor's cache, where
// a map to records elsewhere would make it wait for two. When a block is freed its record is copied to the history, where it explains a
// pointer freed long ago; that is written and read in order.
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
  uint32_t unused;
  uint8_t alignment_log2;
  Family family;
  State state;

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

// Of live blocks. Payloads are at least 32 bytes apart, so that each has a place of its own.
class Records {
 public:
  // Where a payload's record goes; null if there is no memory for it.
  Record* place(uintptr_t payload, OwnMemory& memory) {
    Record* leaf = leaves_[payload / kCovered];
    if (!leaf && !(leaf = add_leaf(payload / kCovered, memory))) return nullptr;
    return &leaf[payload % kCovered / kGranule];
  }

  // Null if no live block has this payload.
  Record* find(uintptr_t payload) const {
    Record* leaf = leaves_[payload / kCovered];
    if (!leaf) return nullptr;
    Record& record = leaf[payload % kCovered / kGranule];
    return record.payload == payload && record.state == State::kLive ? &record : nullptr;
  }

  // The nearest live block whose payload is at or below an address. Slow: for reports.
  const Record* find_below(uintptr_t address) const {
    for (size_t page = address / kCovered + 1; page-- > 0;) {
      const Record* leaf = leaves_[page];
      if (!leaf) continue;
      for (size_t i = kInLeaf; i-- > 0;)
        if (leaf[i].state == State::kLive && leaf[i].payload <= address) return &leaf[i];
    }
    return nullptr;
  }

  // A walk over all places: number 0, 1, 2 ... to count(). kAtATime of them are next to each other.
  uint32_t count() const { return count_ * kInLeaf; }
  Record* at(uint32_t index) const { return in_order_[index / kInLeaf] + index % kInLeaf; }

  uint32_t count_live() const {
    uint32_t live = 0;
    for (uint32_t i = 0; i < count(); i++) live += at(i)->state == State::kLive;
    return live;
  }

 private:
  static constexpr size_t kGranule = 32;
  static constexpr size_t kCovered = 65536;
  static constexpr size_t kLeaves = 65536;
  static constexpr uint32_t kInLeaf = kCovered / kGranule;
  static_assert(kInLeaf == kAtATime);

  Record* add_leaf(size_t page, OwnMemory& memory) {
    auto* leaf = static_cast<Record*>(memory.take(kInLeaf * sizeof(Record)));
    if (leaf) leaves_[page] = in_order_[count_++] = leaf;
    return leaf;
  }

  Record* leaves_[kLeaves] = {};
  Record* in_order_[kLeaves] = {};
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

  Record& keep(const Record& record, State state) {
    Record& entry = at(count_++);
    entry.payload = record.payload;
    entry.size = record.size;
    entry.number = record.number;
    entry.allocated_by = record.allocated_by;
    entry.alignment_log2 = record.alignment_log2;
    entry.family = record.family;
    entry.state = state;
    return entry;
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

}  // namespace memory_wasm::debug
