// Where the release heap has its metadata, computed by the compiler from src/: each exported function returns an offset or a constant.
// Compiled with -fno-access-control, since most of it is private.
#include "variant.h"

using namespace memory_wasm;

using Chunks = TheHeap::Chunks;
using BinsOfChunks = Bins<Chunks::TagsOfChunks>;
using Active = ActiveWords<TheKey>;

#define EXPORT(name, value) \
  extern "C" [[clang::export_name(#name)]] unsigned name() { return value; }
#define STATE(name, field) EXPORT(name, offsetof(TheHeap, field))
#define CHUNKS(name, field) EXPORT(name, offsetof(TheHeap, chunks_) + offsetof(Chunks, field))
#define CELL(name, field) EXPORT(name, offsetof(Cell, field))
#define REGION(name, field) EXPORT(name, offsetof(Region, field))

EXPORT(state_bytes, sizeof(TheHeap))
STATE(guard, guard_)
EXPORT(map_entries, offsetof(TheHeap, map_) + offsetof(PageMap, entries_))
EXPORT(map_first, offsetof(TheHeap, map_) + offsetof(PageMap, first_))
EXPORT(map_count, offsetof(TheHeap, map_) + offsetof(PageMap, count_))
EXPORT(nothing, offsetof(TheHeap, active_) + offsetof(Active, nothing_))
EXPORT(places, offsetof(TheHeap, active_) + offsetof(Active, places_))
STATE(classes, classes_)
EXPORT(class_bytes, sizeof(SlotClass))
EXPORT(class_current, offsetof(SlotClass, current))
EXPORT(class_partial, offsetof(SlotClass, partial))
EXPORT(class_nearly_full, offsetof(SlotClass, nearly_full))
EXPORT(slot_classes, kSlotClasses)
STATE(cell_count, cells_)
STATE(current_count, currents_)
STATE(chunks, chunks_)
CHUNKS(top, top_)
CHUNKS(fence, fence_)
CHUNKS(known_zero_from, known_zero_from_)
CHUNKS(top_seal, top_seal_)
CHUNKS(low, low_)
CHUNKS(high, high_)
CHUNKS(newest, newest_)
CHUNKS(nonce, nonce_)
CHUNKS(footprint, footprint_)
EXPORT(bin_maps, offsetof(TheHeap, chunks_) + offsetof(Chunks, bins_) + offsetof(BinsOfChunks, maps_))
EXPORT(bin_lists, offsetof(TheHeap, chunks_) + offsetof(Chunks, bins_) + offsetof(BinsOfChunks, first_))
EXPORT(bin_classes, kClasses)

EXPORT(cell_bytes, kCellSize)
CELL(cell_next, next)
CELL(cell_previous, previous)
CELL(cell_base, base)
CELL(cell_countdown, countdown)
CELL(cell_class, slot_class)
CELL(cell_shape, closed_shape)
CELL(cell_free, free)
EXPORT(free_bits_bytes, sizeof(FreeBits))

REGION(region_next, next)
REGION(region_begin, begin)
REGION(region_end, end)
REGION(region_seal, seal)
EXPORT(region_bytes, Region::kSize)
EXPORT(head_bytes, kHeadSize)
EXPORT(overhead, Chunks::TagsOfChunks::kOverhead)
EXPORT(in_use, Chunk::kInUse)
EXPORT(below_in_use, Chunk::kBelowInUse)
EXPORT(flags, Chunk::kFlags)

extern "C" [[clang::export_name("size_class")]] unsigned class_of_size(size_t size) { return size_class(size); }
extern "C" [[clang::export_name("shape_of")]] unsigned shape_of(unsigned slot_class) { return Shape::of(slot_class).bits; }
extern "C" [[clang::export_name("words_of")]] unsigned words_of_class(unsigned slot_class) { return words_of(slot_class); }
