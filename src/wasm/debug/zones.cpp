// Writes and checks the zones of blocks (zones.h), 16 bytes at a time: a block is a number of such lines, and begins at a multiple of 16.
//
//   lines   front zone ... | payload ...                | last line
//                           the program's bytes |  `behind`: 16 bytes at any address
//
// The back zone has 16 to 32 bytes: the 16 behind the program's bytes and the last line are all of it.
#include "zones.h"

#include <stdlib.h>

using namespace memory_wasm::debug;

namespace {

using Line = uint8_t __attribute__((vector_size(16)));
using Anywhere = uint8_t __attribute__((vector_size(16), aligned(1)));

// Values that are odd as numbers, as pointers and as text. The same as those of Microsoft's debug heap, which many know by sight.
constexpr uint8_t kNew = 0xcd;
constexpr uint8_t kFreed = 0xdd;
constexpr uint8_t kZone = 0xfd;

constexpr Line line_of(uint8_t byte) { return Line{} + byte; }

bool is_zero(Line line) { return !__builtin_wasm_any_true_v128(line); }

// From here on memory.fill is faster than a loop.
constexpr size_t kLong = 512;

// So much of a new block gets the pattern. Filling all of a large one would take longer than all else, and touch pages that the program may never use.
constexpr size_t kMostFilled = 16 * 1024;

struct Block {
  Line* payload;
  Line* front;
  Line* end;
  Anywhere* behind;  // the first byte behind the program's. The zone from here on is 16 to 32 bytes: this line and the last

  Block(const void* address, size_t size, size_t alignment)
      : payload(static_cast<Line*>(const_cast<void*>(address))),
        front(payload - alignment / sizeof(Line)),
        end(payload + payload_and_back_zone(size) / sizeof(Line)),
        behind(reinterpret_cast<Anywhere*>(reinterpret_cast<char*>(payload) + size)) {}

  // Of a larger alignment: what the front zone has before the line next to the payload.
  Line* rest_of_front() const { return payload - 1; }
};

// The lines at both ends, which overlap if there are fewer. A branch for each line would be predicted wrongly at almost every block.
template <size_t kLines, class Visit>
[[gnu::always_inline]] void ends(Line* from, Line* to, Visit visit) {
#pragma clang loop unroll(full)
  for (size_t i = 0; i < kLines; i++) {
    visit(from[i]);
    visit(to[-1 - static_cast<ptrdiff_t>(i)]);
  }
}

// Some lines more than once: those next to each other are 3 at least, in any block.
template <class Visit>
[[gnu::always_inline]] void each_line(Line* from, Line* to, Visit visit) {
  static_assert(3 * sizeof(Line) == kMinimumZone + payload_and_back_zone(0));
  const auto lines = static_cast<size_t>(to - from);
  if (lines <= 6) return ends<3>(from, to, visit);
  for (; from + 12 < to; from += 6) ends<3>(from, from + 6, visit);
  ends<6>(from, to, visit);
}

void fill(Line* from, Line* to, Line value) {
  const size_t bytes = static_cast<size_t>(to - from) * sizeof(Line);
  if (bytes >= kLong) __builtin_memset(from, value[0], bytes);
  else each_line(from, to, [=](Line& line) { line = value; });
}

bool all_hold(Line* from, Line* to, uint8_t byte) {
  const Line value = to[-1];
  Line difference = value ^ line_of(byte);
  each_line(from, to, [&](Line& line) { difference |= line ^ value; });
  return is_zero(difference);
}

void draw_zones(const Block& block) {
  const Line zone = line_of(kZone);
  for (Line* line = block.front; line < block.rest_of_front(); line++) *line = zone;
  block.payload[-1] = *block.behind = block.end[-1] = zone;
}

bool zones_hold(const Block& block) {
  const Line zone = block.payload[-1];
  Line difference = (zone ^ line_of(kZone)) | (*block.behind ^ zone) | (block.end[-1] ^ zone);
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
  const Line inside = line_of(with == Fill::kZero ? 0 : kNew);
  const bool all = whole <= kMostFilled || with == Fill::kZero;
  fill(block.front, all ? block.end : block.front + kMostFilled / sizeof(Line), inside);
  draw_zones(block);
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
  // The front zone was just found to be right. An engine keeps in a register what was computed of it; a constant it puts together for each store.
  fill(block.front, block.end, block.payload[-1] ^ line_of(kZone ^ kFreed));
}

void zone_draw(void* payload, size_t size, size_t alignment) { draw_zones({payload, size, alignment}); }

uintptr_t zone_check_freed(const void* payload, size_t size, size_t alignment) {
  const Block block(payload, size, alignment);
  return all_hold(block.front, block.end, kFreed) ? 0 : first_other(block.front, block.end, kFreed);
}

void zone_free(void* payload, size_t alignment) { free(static_cast<char*>(payload) - alignment); }

void zone_copy(void* to, const void* from, size_t bytes) { __builtin_memcpy(to, from, bytes); }

void zone_store(void** to, void* value) { *to = value; }

void zone_store_byte(char* to, char value) { *to = value; }
