// Writes and checks the zones of blocks (zones.h). Works by words of 8 bytes: a call of memory.fill costs more than a small block.
#include "zones.h"

#include <stdlib.h>

using namespace memory_wasm::debug;

namespace {

constexpr uint64_t repeated(uint8_t byte) { return byte * 0x0101010101010101u; }

// Values that are odd as numbers, as pointers and as text. The same as those of Microsoft's debug heap, which many know by sight.
constexpr uint64_t kNew = repeated(0xcd);
constexpr uint64_t kFreed = repeated(0xdd);
constexpr uint64_t kZone = repeated(0xfd);

// From here on memory.fill is faster than a loop.
constexpr size_t kLong = 512;

struct Block {
  char* base;
  uint64_t* payload;
  uint64_t* tail;  // the word in which the payload ends
  uint64_t* end;
  uint64_t zone_bits;  // the bits of *tail that belong to the back zone

  Block(const void* address, size_t size, size_t alignment)
      : base(const_cast<char*>(static_cast<const char*>(address)) - front_zone(alignment)),
        payload(reinterpret_cast<uint64_t*>(const_cast<void*>(address))),
        tail(payload + size / 8),
        end(payload + payload_and_back_zone(size) / 8),
        zone_bits(~uint64_t(0) << (size % 8 * 8)) {}

  uint64_t* front() const { return reinterpret_cast<uint64_t*>(base); }
};

void fill(uint64_t* from, uint64_t* to, uint64_t value) {
  const size_t bytes = static_cast<size_t>(to - from) * 8;
  if (bytes >= kLong) {
    __builtin_memset(from, static_cast<uint8_t>(value), bytes);
    return;
  }
  for (; from < to; from++) *from = value;
}

bool holds(const uint64_t* from, const uint64_t* to, uint64_t value) {
  uint64_t difference = 0;
  for (; from < to; from++) difference |= *from ^ value;
  return difference == 0;
}

uintptr_t first_other(const void* from, const void* to, uint64_t value) {
  for (auto* byte = static_cast<const uint8_t*>(from); byte < to; byte++)
    if (*byte != static_cast<uint8_t>(value)) return reinterpret_cast<uintptr_t>(byte);
  return 0;
}

uintptr_t last_other(const void* from, const void* to, uint64_t value) {
  for (auto* byte = static_cast<const uint8_t*>(to); byte-- > from;)
    if (*byte != static_cast<uint8_t>(value)) return reinterpret_cast<uintptr_t>(byte);
  return 0;
}

bool zones_hold(const Block& block) {
  return ((*block.tail ^ kZone) & block.zone_bits) == 0 && holds(block.tail + 1, block.end, kZone) && holds(block.front(), block.payload, kZone);
}

}  // namespace

void* zone_allocate(size_t size, size_t alignment, Fill with) {
  const size_t front = front_zone(alignment);
  if (front > PTRDIFF_MAX - 64 || size > PTRDIFF_MAX - 64 - front) return nullptr;
  const size_t whole = front + payload_and_back_zone(size);
  void* base = alignment > kMinimumZone ? aligned_alloc(alignment, whole) : malloc(whole);
  if (!base) return nullptr;
  const Block block(static_cast<char*>(base) + front, size, alignment);
  const uint64_t value = with == Fill::kZero ? 0 : kNew;
  fill(block.front(), block.payload, kZone);
  fill(block.payload, block.tail, value);
  *block.tail = (value & ~block.zone_bits) | (kZone & block.zone_bits);
  fill(block.tail + 1, block.end, kZone);
  return block.payload;
}

uintptr_t zone_check(const void* payload, size_t size, size_t alignment) {
  const Block block(payload, size, alignment);
  if (zones_hold(block)) return 0;
  const uintptr_t behind = first_other(static_cast<const char*>(payload) + size, block.end, kZone);
  return behind ? behind : last_other(block.base, payload, kZone);
}

uintptr_t zone_bury(void* payload, size_t size, size_t alignment, bool anyway) {
  const uintptr_t written = zone_check(payload, size, alignment);
  if (written && !anyway) return written;
  const Block block(payload, size, alignment);
  fill(block.front(), block.end, kFreed);
  return written;
}

uintptr_t zone_check_freed(const void* payload, size_t size, size_t alignment) {
  const Block block(payload, size, alignment);
  return holds(block.front(), block.end, kFreed) ? 0 : first_other(block.base, block.end, kFreed);
}

uintptr_t zone_release(void* payload, size_t size, size_t alignment, bool anyway) {
  const uintptr_t written = zone_check_freed(payload, size, alignment);
  if (!written || anyway) free(Block(payload, size, alignment).base);
  return written;
}

void zone_copy(void* to, const void* from, size_t bytes) { __builtin_memcpy(to, from, bytes); }

void zone_store(void** to, void* value) { *to = value; }

void zone_store_byte(char* to, char value) { *to = value; }
