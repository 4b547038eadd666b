// A block of the debug heap as it is in the program's memory:
//
//   base    -> | front zone: as many bytes as the alignment, >= 16 |
//   payload -> | what the program got, filled with kNew            |
//              | back zone: 16 to 31 bytes, up to a multiple of 16 |
//
// The zones hold kZone until the block is freed, then all of it holds kFreed until its memory is used again. A byte with another value
// was written by a program that missed its block.
//
// zones.cpp implements this file. It is linked with the release heap into the inner module, over the program's memory. The rest of the
// debug heap is the outer module, whose memory is its own; it calls these as imports.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace memory_wasm::debug {

constexpr size_t kMinimumZone = 16;

constexpr size_t round_up(size_t bytes) { return (bytes + 15) & ~size_t(15); }

// From the payload to the end of the back zone. At least 32, so that two payloads are never in the same 32 bytes.
constexpr size_t payload_and_back_zone(size_t size) { return round_up(size < 1 ? 1 : size) + kMinimumZone; }

enum class Fill : int { kPattern, kZero };

}  // namespace memory_wasm::debug

// A function of the inner module, as the outer module imports it.
#define INNER(name) [[clang::import_module("env"), clang::import_name(#name)]]

extern "C" {

// A block with zones, filled; null when there is no memory. Alignments are 16 or more everywhere here.
INNER(zone_allocate) void* zone_allocate(size_t size, size_t alignment, memory_wasm::debug::Fill fill);

// The address of the byte nearest to the payload that was written in a zone; 0 if none was.
INNER(zone_check) uintptr_t zone_check(const void* payload, size_t size, size_t alignment);

// Writes the zones anew.
INNER(zone_draw) void zone_draw(void* payload, size_t size, size_t alignment);

// Fills the block, whose zones are right, as a freed one.
INNER(zone_bury) void zone_bury(void* payload, size_t size, size_t alignment);

// The address of the first byte of a freed block that was written; 0 if none was.
INNER(zone_check_freed) uintptr_t zone_check_freed(const void* payload, size_t size, size_t alignment);

// Gives the block's memory back to the release heap.
INNER(zone_free) void zone_free(void* payload, size_t alignment);

// What else must be done in the program's memory.
INNER(zone_copy) void zone_copy(void* to, const void* from, size_t bytes);
INNER(zone_store) void zone_store(void** to, void* value);
INNER(zone_store_byte) void zone_store_byte(char* to, char value);

// Of the release heap: the outer module has functions of the same names.
INNER(strnlen) size_t inner_strnlen(const char* string, size_t limit);
INNER(heap_in_use) size_t inner_in_use(void);
INNER(heap_largest_free) size_t inner_largest_free(void);
INNER(heap_trim) size_t inner_trim(void);
INNER(heap_reset) void inner_reset(void);
INNER(heap_span_next) void* inner_span_next(const void* span);
INNER(heap_span_bytes) size_t inner_span_bytes(const void* span);
INNER(heap_span_kind) int inner_span_kind(const void* span);
}
