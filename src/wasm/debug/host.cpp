// What a host asks of the debug heap: those heap_* functions for which zones and quarantine make a difference (include/memory_wasm.h), and
// heap_debug_* (include/memory_wasm_debug.h).
#include <memory_wasm.h>
#include <memory_wasm_debug.h>

#include "debug_heap.h"

using namespace memory_wasm::debug;

namespace {

uintptr_t address_of(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

constexpr size_t kCost = kMinimumZone + payload_and_back_zone(0);

}  // namespace

extern "C" {

size_t heap_in_use() { return inner_in_use() - the_debug_heap.quarantined(); }

size_t heap_largest_free() {
  const size_t bytes = inner_largest_free();
  return bytes > kCost ? bytes - kCost : 0;
}

size_t heap_trim() {
  the_debug_heap.empty_quarantine();
  inner_trim();
  return heap_largest_free();
}

void heap_reset() {
  inner_reset();
  the_debug_heap.reset();
}

// A block's span begins at its payload, as in memory.wasm; the front zone before it is a span of the heap's own.
void* heap_span_next(const void* span) {
  const Record* here = the_debug_heap.live_at(address_of(span));
  if (here) return inner_span_next(reinterpret_cast<void*>(base_of(*here)));
  const Record* record = the_debug_heap.at_base(address_of(span));
  return record ? reinterpret_cast<void*>(record->payload) : inner_span_next(span);
}

size_t heap_span_bytes(const void* span) {
  if (const Record* here = the_debug_heap.live_at(address_of(span))) {
    const uintptr_t base = base_of(*here);
    return inner_span_bytes(reinterpret_cast<void*>(base)) - (here->payload - base);
  }
  const Record* record = the_debug_heap.at_base(address_of(span));
  return record ? record->payload - address_of(span) : inner_span_bytes(span);
}

int heap_span_kind(const void* span) {
  if (the_debug_heap.live_at(address_of(span))) return HEAP_SPAN_USED;
  const int kind = inner_span_kind(span);
  return kind == HEAP_SPAN_USED ? HEAP_SPAN_OVERHEAD : kind;
}

void heap_debug_quarantine(size_t bytes) { the_debug_heap.set_quarantine(bytes); }

void heap_debug_stacks(uint32_t every) { the_debug_heap.contexts.every(every); }

void heap_debug_at(uint64_t context) { the_debug_heap.contexts.at(context); }

void heap_debug_set_stack(uint32_t number) { the_debug_heap.contexts.set_stack(number); }

void heap_debug_on_stack(void (*callback)(void)) { the_debug_heap.contexts.on_stack = callback; }

void heap_debug_on_finding(void (*callback)(void)) { the_debug_heap.on_finding = callback; }

heap_debug_block_callback heap_debug_on_block(heap_debug_block_callback callback) {
  const heap_debug_block_callback before = the_debug_heap.on_block;
  the_debug_heap.on_block = callback;
  return before;
}

const void* heap_debug_finding() { return &the_debug_heap.finding(); }

uint32_t heap_debug_check() { return the_debug_heap.check(); }

const void* heap_debug_nearest(const void* address) { return the_debug_heap.nearest(address_of(address)); }

uint32_t heap_debug_records() { return the_debug_heap.record_count(); }

const void* heap_debug_record(uint32_t index) { return the_debug_heap.record_at(index); }

uint32_t heap_debug_allocations() { return the_debug_heap.allocations(); }
}
