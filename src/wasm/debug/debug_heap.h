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

inline uintptr_t base_of(const Record& record) { return record.payload - front_zone(record.alignment()); }

class DebugHeap {
 public:
  void* allocate(size_t size, size_t alignment, Family family, Fill fill) {
    const uint32_t stack = contexts.here(own_);
    Record* record = records_.take(own_);
    if (!record) return nullptr;
    void* payload = zone_allocate(size, alignment, fill);
    if (!payload && !quarantine_.empty()) {  // what waits there is more useful as memory now
      empty_quarantine();
      payload = zone_allocate(size, alignment, fill);
    }
    if (!payload) {
      records_.give_back(record);
      return nullptr;
    }
    record->payload = reinterpret_cast<uintptr_t>(payload);
    record->size = size;
    record->number = ++allocations_;
    record->allocated_by = stack;
    record->alignment_log2 = static_cast<uint8_t>(__builtin_ctzl(alignment));
    record->family = family;
    record->state = State::kLive;
    if (!map_.insert(record, own_)) {
      zone_release(payload, size, alignment, true);
      records_.give_back(record);
      return nullptr;
    }
    changed(*record);
    return payload;
  }

  void release(void* payload, const Claim& claim) {
    if (!payload) return;
    if (Record* record = live(payload, Operation::kFree)) {
      compare(*record, claim, Operation::kFree);
      retire(record, Operation::kFree);
    }
  }

  // Always moves: whoever keeps the old pointer is found out.
  void* resize(void* payload, size_t size) {
    Record* record = live(payload, Operation::kRealloc);
    if (!record) return nullptr;
    compare(*record, {}, Operation::kRealloc);
    void* to = allocate(size, kMinimumZone, Family::kMalloc, Fill::kPattern);
    if (!to) return nullptr;
    zone_copy(to, payload, size < record->size ? size : record->size);
    retire(record, Operation::kRealloc);
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
    return found;
  }

  void empty_quarantine() { shrink_quarantine(0); }

  // All blocks are gone with the release heap's reset; whoever frees one afterwards is told so.
  void reset() {
    while (!quarantine_.empty()) records_.keep_as_past(quarantine_.pop(), State::kPast);
    quarantined_ = 0;
    for (uint32_t i = 0; i < records_.count(); i++)
      if (records_.at(i)->state == State::kLive) records_.keep_as_past(records_.at(i), State::kReset);
  }

  void set_quarantine(size_t bytes) {
    limit_above_default_ = bytes - kDefaultQuarantine;
    shrink_quarantine(bytes);
  }

  size_t quarantined() const { return quarantined_; }
  uint32_t allocations() const { return allocations_; }
  const Records& records() const { return records_; }
  const Finding& finding() const { return finding_; }

  // The block that an address is in or near: one that is live or in quarantine, else one of the past.
  const Record* nearest(uintptr_t address) const {
    const Record* record = map_.find_below(address + kMinimumZone, [](const Record& one) { return one.state == State::kLive || one.state == State::kQuarantined; });
    return record && address < record->payload + payload_and_back_zone(record->size) ? record : past_or(record, address);
  }

  // The record of the live block with this payload.
  const Record* live_at(uintptr_t payload) const {
    const Record* record = map_.find(payload);
    return record && record->state == State::kLive ? record : nullptr;
  }

  // The record of the block whose front zone begins at an address.
  const Record* at_base(uintptr_t base) const {
    for (size_t front = kMinimumZone; front; front *= 2) {
      const Record* record = map_.find(base + front);
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

  static size_t bytes_of(const Record& record) { return front_zone(record.alignment()) + payload_and_back_zone(record.size); }
  static void* payload_of(const Record& record) { return reinterpret_cast<void*>(record.payload); }

  const Record* past_or(const Record* near, uintptr_t address) const {
    const Record* past = map_.find_below(address, [](const Record& one) { return one.state == State::kPast || one.state == State::kReset; });
    return past && address < past->payload + payload_and_back_zone(past->size) ? past : near;
  }

  void changed(const Record& record) {
    if (on_block) on_block(record.payload, record.size, front_zone(record.alignment()), payload_and_back_zone(record.size), static_cast<int>(record.state));
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
    Record* record = map_.find(pointer);
    if (record && record->state == State::kLive) return record;
    if (!record) report(Misuse::kInvalidFree, operation, pointer, nearest(pointer));
    else report(record->state == State::kReset ? Misuse::kFreeAfterReset : Misuse::kDoubleFree, operation, pointer, record);
    return nullptr;
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

  // Into the quarantine.
  void retire(Record* record, Operation operation) {
    record->freed_by = contexts.here(own_);
    record->freed = allocations_;
    if (const uintptr_t written = zone_bury(payload_of(*record), record->size, record->alignment(), false)) {
      report_zone(*record, operation, written);
      zone_bury(payload_of(*record), record->size, record->alignment(), true);
    }
    record->state = State::kQuarantined;
    changed(*record);
    quarantine_.push(record);
    quarantined_ += bytes_of(*record);
    shrink_quarantine(kDefaultQuarantine + limit_above_default_);
  }

  void shrink_quarantine(size_t limit) {
    while (quarantined_ > limit) {
      Record* record = quarantine_.pop();
      quarantined_ -= bytes_of(*record);
      if (const uintptr_t written = zone_release(payload_of(*record), record->size, record->alignment(), false)) {
        report(Misuse::kWriteAfterFree, Operation::kEviction, record->payload, record, written);
        zone_release(payload_of(*record), record->size, record->alignment(), true);
      }
      records_.keep_as_past(record, State::kPast);
      changed(*record);
    }
  }

  bool is_damaged(const Record& record) {
    const bool live = record.state == State::kLive;
    if (!live && record.state != State::kQuarantined) return false;
    const uintptr_t written = live ? zone_check(payload_of(record), record.size, record.alignment())
                                   : zone_check_freed(payload_of(record), record.size, record.alignment());
    if (!written) return false;
    if (live) report_zone(record, Operation::kCheck, written);
    else report(Misuse::kWriteAfterFree, Operation::kCheck, record.payload, &record, written);
    return true;
  }

  OwnMemory own_;
  Records records_;
  BlockMap map_;
  RecordList quarantine_;
  size_t quarantined_ = 0;
  size_t limit_above_default_ = 0;  // may wrap: a variable that isn't 0 at the start would be a data segment
  uint32_t allocations_ = 0;
  Finding finding_ = {};
};

// All zero at the start, so that the module needs no data segment.
extern DebugHeap the_debug_heap;

}  // namespace memory_wasm::debug
