// What the debug heap knows of each block, in a memory of its own: an overrun of the program can't reach it.
//
//   BlockMap: address of a payload / 32  ->  Record
//   Records:  | Record | Record | ... |   in chunks, so that a record never moves
//
// The record of a block outlives it: first in the quarantine, then among the past, where it explains a pointer freed long ago. When
// kPast blocks are past, the oldest record is used again.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace memory_wasm::debug {

// By whom a block was allocated, and so by whom it must be freed. JavaScript has the names (js/debug/layout.js).
enum class Family : uint8_t { kMalloc, kNew, kNewArray, kAlignedNew, kAlignedNewArray };

enum class State : uint8_t { kUnused, kLive, kQuarantined, kPast, kReset };

struct Record {
  uintptr_t payload;
  size_t size;  // as asked for
  uint32_t number;  // of the allocation, from 1
  uint32_t freed;   // how many allocations there had been when it was freed
  uint32_t allocated_by;  // the stack's number; 0: not known
  uint32_t freed_by;
  Record* next;  // in the quarantine, among the past, or unused
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

class RecordList {
 public:
  bool empty() const { return !first_; }

  void push(Record* record) {
    record->next = nullptr;
    (first_ ? last_->next : first_) = record;
    last_ = record;
  }

  Record* pop() {
    Record* record = first_;
    first_ = record->next;
    return record;
  }

  Record* first() const { return first_; }

 private:
  Record* first_ = nullptr;
  Record* last_ = nullptr;
};

class Records {
 public:
  // A walk over all records: number 0, 1, 2 ... to count().
  uint32_t count() const { return count_; }
  Record* at(uint32_t index) const { return chunks_[index / kInChunk] + index % kInChunk; }

  Record* take(OwnMemory& memory) {
    if (!unused_.empty()) return unused_.pop();
    if (past_count_ >= kPast) return oldest_past();
    if (count_ % kInChunk == 0) {
      auto* chunk = static_cast<Record*>(memory.take(kInChunk * sizeof(Record)));
      if (!chunk) return past_count_ ? oldest_past() : nullptr;
      chunks_[count_ / kInChunk] = chunk;
    }
    return at(count_++);
  }

  void give_back(Record* record) {
    record->state = State::kUnused;
    unused_.push(record);
  }

  void keep_as_past(Record* record, State state) {
    record->state = state;
    past_.push(record);
    past_count_++;
  }

 private:
  static constexpr uint32_t kInChunk = 2048;
  static constexpr uint32_t kChunks = 65536;  // more than 4 GiB of records
  static constexpr uint32_t kPast = 65536;

  Record* oldest_past() {
    past_count_--;
    return past_.pop();
  }

  Record* chunks_[kChunks] = {};
  RecordList unused_, past_;
  uint32_t count_ = 0, past_count_ = 0;
};

// From the address of a payload to the block's record. Two levels: a leaf for each 64 KiB of the program's memory that has blocks.
// Payloads are at least 32 bytes apart.
class BlockMap {
 public:
  // Null if no payload was ever at this address, or its record is in use for another.
  Record* find(uintptr_t payload) const {
    Record* const* leaf = leaves_[payload / kCovered];
    Record* record = leaf ? leaf[payload % kCovered / kGranule] : nullptr;
    return record && record->payload == payload && record->state != State::kUnused ? record : nullptr;
  }

  bool insert(Record* record, OwnMemory& memory) {
    Record**& leaf = leaves_[record->payload / kCovered];
    if (!leaf) leaf = static_cast<Record**>(memory.take(kCovered / kGranule * sizeof(Record*)));
    if (leaf) leaf[record->payload % kCovered / kGranule] = record;
    return leaf;
  }

  // The nearest wanted record whose payload is at or below an address. Slow: for reports.
  template <class Wanted>
  Record* find_below(uintptr_t address, Wanted wanted) const {
    for (size_t page = address / kCovered + 1; page-- > 0;) {
      Record* const* leaf = leaves_[page];
      if (!leaf) continue;
      for (size_t i = kCovered / kGranule; i-- > 0;)
        if (leaf[i] && leaf[i]->payload / kGranule == page * (kCovered / kGranule) + i && leaf[i]->payload <= address && wanted(*leaf[i]))
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
