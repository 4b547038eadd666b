// The debug heap: every block gets zones (zones.h) and a record (records.h), a freed block waits in the quarantine before its memory is
// used again, and each misuse that shows is reported before anything is changed. After a report the heap goes on as well as it can: a
// wrong free is ignored.
#pragma once

#include "contexts.h"
#include "finding.h"
#include "zones.h"

namespace memory_wasm::debug {

// What a call of free or delete says of its block.
struct Claim {
  Family family = Family::kMalloc;
  bool sized = false;
  size_t size = 0;
  size_t alignment = 0;  // 0: it says none
};

inline uintptr_t base_of(const Record& record) { return record.payload - record.alignment(); }

class DebugHeap {
 public:
  void* allocate(size_t size, size_t alignment, Family family, Fill fill) { return allocate_by(contexts.here(own_), size, alignment, family, fill); }

  [[gnu::always_inline]] void release(void* payload, const Claim& claim) {
    if (!payload) return;
    if (Record* record = live(payload, Operation::kFree)) {
      compare(*record, claim, Operation::kFree);
      retire(record, contexts.here(own_), Operation::kFree);
    }
  }

  // Always moves: whoever keeps the old pointer is found out.
  void* resize(void* payload, size_t size) {
    Record* record = live(payload, Operation::kRealloc);
    if (!record) return nullptr;
    compare(*record, {}, Operation::kRealloc);
    const uint32_t stack = contexts.here(own_);
    void* to = allocate_by(stack, size, kMinimumZone, Family::kMalloc, Fill::kPattern);
    if (!to) return nullptr;
    zone_copy(to, payload, size < record->size ? size : record->size);
    retire(record, stack, Operation::kRealloc);
    return to;
  }

  size_t usable_size(void* payload) {
    const Record* record = live(payload, Operation::kUsableSize);
    return record ? record->size : 0;
  }

  // Looks at every zone and at every freed block. How many were written to.
  uint32_t check() {
    uint32_t found = 0;
    for (uint32_t i = 0; i < records_.count(); i++) found += is_damaged(*records_.at(i));
    for (uint32_t i = oldest_; i != history_.count(); i++) found += was_written(history_.at(i));
    return found;
  }

  void empty_quarantine() { shrink_quarantine(0); }

  // All blocks are gone with the release heap's reset; whoever frees one afterwards is told so.
  void reset() {
    for (; oldest_ != history_.count(); oldest_++) become_past(history_.at(oldest_));
    quarantined_ = 0;
    if (!history_.reserve(records_.count_live(), own_)) return;
    for (uint32_t i = 0; i < records_.count(); i++) {
      Record* record = records_.at(i);
      if (record->state != State::kLive) continue;
      Record& kept = history_.keep(*record, State::kReset);
      kept.freed = kept.freed_by = 0;
      record->state = State::kUnused;
    }
    oldest_ = history_.count();
  }

  void set_quarantine(size_t bytes) {
    limit_above_default_ = bytes - kDefaultQuarantine;
    history_.reserve(static_cast<uint32_t>(bytes / kLeastBlock), own_);
    shrink_quarantine(bytes);
  }

  size_t quarantined() const { return quarantined_; }
  uint32_t allocations() const { return allocations_; }

  // A walk over the records of all blocks, live and in quarantine: those that are neither say so. Numbers up to a multiple of kAtATime are
  // of Records; then come those of the history, so that kAtATime at a time are next to each other.
  uint32_t record_count() const { return records_.count() + history_.count() - first_in_history(); }
  const Record* record_at(uint32_t index) {
    return index < records_.count() ? records_.at(index) : &history_.at(first_in_history() + index - records_.count());
  }

  const Finding& finding() const { return finding_; }

  // The block that an address is in or next to: one that is live, else the one freed last, else the live one below.
  const Record* nearest(uintptr_t address) const {
    const Record* below = records_.find_below(address + kMinimumZone);
    if (below && address < end_of(*below)) return below;
    const Record* freed = history_.find([=](const Record& one) { return one.payload <= address + kMinimumZone && address < end_of(one); });
    return freed ? freed : below;
  }

  // The record of the live block with this payload.
  const Record* live_at(uintptr_t payload) const { return records_.find(payload); }

  // The record of the live block whose front zone begins at an address.
  const Record* at_base(uintptr_t base) const {
    for (size_t front = kMinimumZone; front; front *= 2) {
      const Record* record = records_.find(base + front);
      if (record && base_of(*record) == base) return record;
    }
    return nullptr;
  }

  Contexts contexts;
  void (*on_finding)() = nullptr;
  // Says what became of a block, so that a shadow can follow (docs/contract.md, "check").
  void (*on_block)(size_t payload, size_t size, size_t front, size_t end, int state) = nullptr;

 private:
  static constexpr size_t kDefaultQuarantine = 256 * 1024;
  static constexpr size_t kLeastBlock = kMinimumZone + payload_and_back_zone(0);

  uint32_t first_in_history() const { return oldest_ / kAtATime * kAtATime; }

  static size_t block_bytes(size_t size, size_t alignment) { return alignment + payload_and_back_zone(size); }
  static void* payload_of(const Record& record) { return reinterpret_cast<void*>(record.payload); }

  static uintptr_t end_of(const Record& record) { return record.payload + payload_and_back_zone(record.size); }

  void changed(const Record& record) {
    if (on_block) on_block(record.payload, record.size, record.alignment(), payload_and_back_zone(record.size), static_cast<int>(record.state));
  }

  // Without anybody to report to, a misuse stops the program, as in the release heap.
  void report(Misuse misuse, Operation operation, uintptr_t pointer, const Record* record, uintptr_t written = 0, uint32_t claimed = 0) {
    finding_ = {misuse, operation, pointer, record, written, claimed};
    if (!on_finding) __builtin_trap();
    on_finding();
  }

  void report_zone(const Record& record, Operation operation, uintptr_t written) {
    report(written < record.payload ? Misuse::kUnderrun : Misuse::kOverrun, operation, record.payload, &record, written);
  }

  // The record of a block that the program may use; null after a report.
  Record* live(void* payload, Operation operation) {
    const auto pointer = reinterpret_cast<uintptr_t>(payload);
    if (Record* record = records_.find(pointer)) return record;
    report_dead(pointer, operation);
    return nullptr;
  }

  void report_dead(uintptr_t pointer, Operation operation) {
    const Record* freed = history_.find([=](const Record& one) { return one.payload == pointer; });
    if (!freed) report(Misuse::kInvalidFree, operation, pointer, nearest(pointer));
    else report(freed->state == State::kReset ? Misuse::kFreeAfterReset : Misuse::kDoubleFree, operation, pointer, freed);
  }

  // The block of a call whose stack has a number.
  void* allocate_by(uint32_t stack, size_t size, size_t alignment, Family family, Fill fill) {
    void* payload = zone_allocate(size, alignment, fill);
    if (!payload) payload = allocate_from_quarantine(size, alignment, fill);
    if (!payload) return nullptr;
    Record* record = records_.place(reinterpret_cast<uintptr_t>(payload), own_);
    if (!record) {
      zone_free(payload, alignment);
      return nullptr;
    }
    record->payload = reinterpret_cast<uintptr_t>(payload);
    record->size = size;
    record->number = ++allocations_;
    record->allocated_by = stack;
    record->alignment_log2 = static_cast<uint8_t>(__builtin_ctzl(alignment));
    record->family = family;
    record->state = State::kLive;
    changed(*record);
    return payload;
  }

  // What waits in the quarantine is more useful as memory now.
  void* allocate_from_quarantine(size_t size, size_t alignment, Fill fill) {
    if (!quarantined_) return nullptr;
    empty_quarantine();
    return zone_allocate(size, alignment, fill);
  }

  void compare(const Record& record, const Claim& claim, Operation operation) {
    const auto claims = [&](bool wrong, Misuse misuse, size_t value) {
      if (wrong) report(misuse, operation, record.payload, &record, 0, static_cast<uint32_t>(value));
      return wrong;
    };
    claims(claim.family != record.family, Misuse::kMismatchedFree, static_cast<size_t>(claim.family)) ||
        claims(claim.sized && claim.size != record.size, Misuse::kWrongSize, claim.size) ||
        claims(claim.alignment && claim.alignment != record.alignment(), Misuse::kWrongAlignment, claim.alignment);
  }

  // Into the quarantine. A block that is larger than all of it does not wait there.
  void retire(Record* record, uint32_t stack, Operation operation) {
    void* const payload = payload_of(*record);
    const size_t size = record->size, alignment = record->alignment();
    if (const uintptr_t written = zone_check(payload, size, alignment)) {
      report_zone(*record, operation, written);
      zone_draw(payload, size, alignment);
    }
    if (history_.is_full(oldest_)) make_room();
    Record& freed = history_.keep(*record, State::kQuarantined);
    freed.freed = allocations_;
    freed.freed_by = stack;
    record->state = State::kUnused;
    const size_t bytes = block_bytes(size, alignment), limit = kDefaultQuarantine + limit_above_default_;
    if (bytes > limit) return end(freed);
    zone_bury(payload, size, alignment);
    changed(freed);
    quarantined_ += bytes;
    if (quarantined_ > limit) shrink_quarantine(limit - limit / 32);
  }

  // For one more in the history. Without memory for it at the start the program stops, as it would soon.
  void make_room() {
    if (history_.count() != oldest_) evict_oldest();
    else if (!history_.reserve(1, own_)) __builtin_trap();
  }

  // Some at a time: while the processor waits for one block's bytes it asks for those of the next.
  void shrink_quarantine(size_t limit) {
    while (quarantined_ > limit) evict_oldest();
  }

  void evict_oldest() {
    Record& record = history_.at(oldest_++);
    if (record.state != State::kQuarantined) return;  // it was too large to wait
    void* const payload = payload_of(record);
    const size_t size = record.size, alignment = record.alignment();
    quarantined_ -= block_bytes(size, alignment);
    if (const uintptr_t written = zone_check_freed(payload, size, alignment))
      report(Misuse::kWriteAfterFree, Operation::kEviction, record.payload, &record, written);
    end(record);
  }

  // The block's memory goes back to the release heap.
  void end(Record& record) {
    zone_free(payload_of(record), record.alignment());
    become_past(record);
  }

  void become_past(Record& record) {
    record.state = State::kPast;
    changed(record);
  }

  bool is_damaged(const Record& record) {
    if (record.state != State::kLive) return false;
    const uintptr_t written = zone_check(payload_of(record), record.size, record.alignment());
    if (written) report_zone(record, Operation::kCheck, written);
    return written;
  }

  bool was_written(const Record& record) {
    if (record.state != State::kQuarantined) return false;
    const uintptr_t written = zone_check_freed(payload_of(record), record.size, record.alignment());
    if (written) report(Misuse::kWriteAfterFree, Operation::kCheck, record.payload, &record, written);
    return written;
  }

  OwnMemory own_;
  Records records_;
  History history_;
  uint32_t oldest_ = 0;  // in the quarantine: its number in the history
  size_t quarantined_ = 0;
  size_t limit_above_default_ = 0;  // may wrap: a variable that isn't 0 at the start would be a data segment
  uint32_t allocations_ = 0;
  Finding finding_ = {};
};

// All zero at the start, so that the module needs no data segment.
extern DebugHeap the_debug_heap;

}  // namespace memory_wasm::debug
