// Writes and checks the zones of blocks (zones.h), 16 bytes at a time: a block is a number of such lines, and begins at a multiple of 16.
//
//   lines    front zone ... | payload ...                | tail | last | end
//                           the program's bytes end in the tail; the zone begins there. It is the last line if no byte of it is the program's
#include "zones.h"

#include <stdlib.h>

using namespace memory_wasm::debug;

namespace {

using Line = uint8_t __attribute__((vector_size(16)));

// Values that are odd as numbers, as pointers and as text. The same as those of Microsoft's debug heap, which many know by sight.
constexpr uint8_t kNew = 0xcd;
constexpr uint8_t kFreed = 0xdd;
constexpr uint8_t kZone = 0xfd;

constexpr Line line_of(uint8_t byte) { return Line{} + byte; }

bool is_zero(Line line) { return !__builtin_wasm_any_true_v128(line); }

// From here on memory.fill is faster than a loop.
constexpr size_t kLong = 512;

// A block has at least so many: front zone, payload, back zone.
constexpr size_t kRound = 3;
static_assert(kRound * sizeof(Line) == kMinimumZone + payload_and_back_zone(0));

struct Block {
  Line* payload;
  Line* front;
  Line* tail;
  Line* end;
  Line is_zone;  // the bytes of the tail that belong to the zone: ff, the others 0

  Block(const void* address, size_t size, size_t alignment)
      : payload(static_cast<Line*>(const_cast<void*>(address))),
        front(payload - alignment / sizeof(Line)),
        tail(payload + size / sizeof(Line)),
        end(payload + payload_and_back_zone(size) / sizeof(Line)) {
    constexpr Line kPlaces = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    is_zone = static_cast<Line>(kPlaces >= line_of(static_cast<uint8_t>(size % sizeof(Line))));
  }

  // Of a larger alignment: what the front zone has before the line next to the payload.
  Line* rest_of_front() const { return payload - 1; }
};

// Both take lines in rounds; the last round overlaps the one before.

void fill(Line* from, Line* to, uint8_t byte) {
  const size_t bytes = static_cast<size_t>(to - from) * sizeof(Line);
  if (bytes >= kLong) {
    __builtin_memset(from, byte, bytes);
    return;
  }
  const Line value = line_of(byte);
  for (; from + kRound < to; from += kRound) from[0] = from[1] = from[2] = value;
  to[-1] = to[-2] = to[-3] = value;
}

bool all_hold(const Line* from, const Line* to, uint8_t byte) {
  const Line value = line_of(byte);
  Line difference = (to[-1] ^ value) | (to[-2] ^ value) | (to[-3] ^ value);
  for (; from + kRound < to; from += kRound) difference |= (from[0] ^ value) | (from[1] ^ value) | (from[2] ^ value);
  return is_zero(difference);
}

void draw_zones(const Block& block, uint8_t inside) {
  const Line zone = line_of(kZone);
  for (Line* line = block.front; line < block.rest_of_front(); line++) *line = zone;
  block.payload[-1] = zone;
  *block.tail = (line_of(inside) & ~block.is_zone) | (zone & block.is_zone);
  block.end[-1] = zone;
}

bool zones_hold(const Block& block) {
  const Line zone = line_of(kZone);
  Line difference = (block.payload[-1] ^ zone) | ((*block.tail ^ zone) & block.is_zone) | (block.end[-1] ^ zone);
  for (const Line* line = block.front; line < block.rest_of_front(); line++) difference |= *line ^ zone;
  return is_zero(difference);
}

uintptr_t first_other(const void* from, const void* to, uint8_t value) {
  for (auto* byte = static_cast<const uint8_t*>(from); byte < to; byte++)
    if (*byte != value) return reinterpret_cast<uintptr_t>(byte);
  return 0;
}

uintptr_t last_other(const void* from, const void* to, uint8_t value) {
  for (auto* byte = static_cast<const uint8_t*>(to); byte-- > from;)
    if (*byte != value) return reinterpret_cast<uintptr_t>(byte);
  return 0;
}

}  // namespace

void* zone_allocate(size_t size, size_t alignment, Fill with) {
  if (alignment > PTRDIFF_MAX - 64 || size > PTRDIFF_MAX - 64 - alignment) return nullptr;
  const size_t whole = alignment + payload_and_back_zone(size);
  void* base = alignment > kMinimumZone ? aligned_alloc(alignment, whole) : malloc(whole);
  if (!base) return nullptr;
  const Block block(static_cast<char*>(base) + alignment, size, alignment);
  const uint8_t inside = with == Fill::kZero ? 0 : kNew;
  fill(block.front, block.end, inside);
  draw_zones(block, inside);
  return block.payload;
}

uintptr_t zone_check(const void* payload, size_t size, size_t alignment) {
  const Block block(payload, size, alignment);
  if (zones_hold(block)) return 0;
  const uintptr_t behind = first_other(static_cast<const char*>(payload) + size, block.end, kZone);
  return behind ? behind : last_other(block.front, payload, kZone);
}

void zone_bury(void* payload, size_t size, size_t alignment) {
  const Block block(payload, size, alignment);
  fill(block.front, block.end, kFreed);
}

uintptr_t zone_check_freed(const void* payload, size_t size, size_t alignment) {
  const Block block(payload, size, alignment);
  return all_hold(block.front, block.end, kFreed) ? 0 : first_other(block.front, block.end, kFreed);
}

void zone_free(void* payload, size_t alignment) { free(static_cast<char*>(payload) - alignment); }

void zone_copy(void* to, const void* from, size_t bytes) { __builtin_memcpy(to, from, bytes); }

void zone_store(void** to, void* value) { *to = value; }

void zone_store_byte(char* to, char value) { *to = value; }
