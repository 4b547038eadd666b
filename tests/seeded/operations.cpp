#include "operations.h"

#include "c_library.h"

namespace seeded {
namespace {

constexpr size_t kPage = 64 * 1024;
constexpr size_t kGranule = 16;
constexpr size_t kHeapLimit = size_t(64) << 20;         // no block lies further from the first page
constexpr size_t kLargeRegion = 2048 * sizeof(size_t);  // the state fits into it, and more
constexpr size_t kLargestSlot = 512;                    // what is larger is never in a cell
constexpr size_t kMaxBlocks = 4096;
constexpr size_t kMaxForeign = 64;
constexpr uint64_t kForeign = 0xf7f6f5f4f3f2f1f0;

struct Block {
  unsigned char* mem;
  size_t bytes;   // asked for
  size_t filled;  // with the pattern of `seed`: all that is usable
  uint64_t seed;
  size_t alignment;
};

struct Range {
  uintptr_t begin, end;
};

// ---- state: all of it, so that a run can go on ----

// What a snapshot has besides the memory: the model of what is in it.
struct Model {
  Block blocks[kMaxBlocks];
  size_t live;
  Range foreign[kMaxForeign];
  size_t foreigns;
  Range given;  // pages that the program keeps for heap_add_region
  void* state;
  uint64_t occupied[kHeapLimit / kGranule / 64];  // one bit per 16 bytes that belong to a block
  uint64_t starts[kHeapLimit / kGranule / 64];    // one bit where a block starts
};

Model model;
Model saved;
bool is_saved;

uint64_t random_state;
uint64_t operation;
uint64_t digest;
bool checking;
uintptr_t origin;      // of the model: no block lies below
uintptr_t first_page;  // of what the memory grew by: blocks lie at the same distance from it in every world
size_t wanted_live;
bool counting;  // the growths

Block (&blocks)[kMaxBlocks] = model.blocks;
size_t& live = model.live;
Range (&foreign)[kMaxForeign] = model.foreign;
size_t& foreigns = model.foreigns;
Range& given = model.given;
uint64_t (&occupied)[kHeapLimit / kGranule / 64] = model.occupied;
uint64_t (&starts)[kHeapLimit / kGranule / 64] = model.starts;

// xorshift64*
uint64_t random64() {
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * 0x2545f4914f6cdd1d;
}
size_t random_below(size_t limit) { return static_cast<size_t>((random64() >> 32) % limit); }
bool one_in(size_t n) { return random_below(n) == 0; }

void expect(bool holds, const char* what) {
  if (!holds) failed(what, operation);
}

void note(uint64_t value) { digest = (digest ^ value) * 0x100000001b3 + (digest >> 29); }

uintptr_t end_of_memory() { return reinterpret_cast<uintptr_t>(sbrk(0)); }

uintptr_t address_of(const void* mem) { return reinterpret_cast<uintptr_t>(mem); }

// ---- the model: who owns which bytes ----

size_t granule_of(uintptr_t address) {
  expect(address >= origin && address - origin < kHeapLimit, "a block lies outside of the heap");
  return (address - origin) / kGranule;
}

bool test_bit(const uint64_t* bits, size_t i) { return bits[i / 64] >> (i % 64) & 1; }

// Marks the granules of the block, none of which may be another block's.
void occupy(const Block& block) {
  const size_t first = granule_of(address_of(block.mem));
  const size_t last = granule_of(address_of(block.mem) + (block.filled ? block.filled - 1 : 0));
  for (size_t i = first; i <= last;) {
    const size_t count = 64 - i % 64 < last + 1 - i ? 64 - i % 64 : last + 1 - i;
    const uint64_t bits = (count == 64 ? ~uint64_t(0) : (uint64_t(1) << count) - 1) << (i % 64);
    expect((occupied[i / 64] & bits) == 0, "two blocks overlap");
    occupied[i / 64] |= bits;
    i += count;
  }
  starts[first / 64] |= uint64_t(1) << (first % 64);
}

void vacate(const Block& block) {
  const size_t first = granule_of(address_of(block.mem));
  const size_t last = granule_of(address_of(block.mem) + (block.filled ? block.filled - 1 : 0));
  for (size_t i = first; i <= last;) {
    const size_t count = 64 - i % 64 < last + 1 - i ? 64 - i % 64 : last + 1 - i;
    occupied[i / 64] &= ~((count == 64 ? ~uint64_t(0) : (uint64_t(1) << count) - 1) << (i % 64));
    i += count;
  }
  starts[first / 64] &= ~(uint64_t(1) << (first % 64));
}

uint64_t pattern(uint64_t seed, size_t word) { return (seed + word) * 0x9e3779b97f4a7c15; }

void fill(const Block& block) {
  size_t i = 0;
  for (; i + 8 <= block.filled; i += 8) *reinterpret_cast<uint64_t*>(block.mem + i) = pattern(block.seed, i / 8);
  for (; i < block.filled; i++) block.mem[i] = static_cast<unsigned char>(pattern(block.seed, i));
}

bool is_filled(const unsigned char* mem, size_t filled, size_t bytes, uint64_t seed) {
  size_t i = 0;
  for (; i + 8 <= bytes; i += 8)
    if (*reinterpret_cast<const uint64_t*>(mem + i) != pattern(seed, i / 8)) return false;
  for (; i < bytes; i++) {
    // A byte is part of a word, unless it is behind the last whole word of what was filled.
    const uint64_t word = i < filled / 8 * 8 ? pattern(seed, i / 8) >> (i % 8 * 8) : pattern(seed, i);
    if (mem[i] != static_cast<unsigned char>(word)) return false;
  }
  return true;
}

void expect_content(const Block& block, const unsigned char* where, size_t bytes) {
  expect(is_filled(where, block.filled, bytes, block.seed), "a block's content has changed");
}

// ---- requests ----

size_t random_size() {
  const size_t kind = random_below(1000);
  if (kind < 500) return random_below(129);
  if (kind < 800) return random_below(1025);
  if (kind < 950) return random_below(16 * 1024);
  if (kind < 995) return random_below(128 * 1024);
  return random_below(2048 * 1024);
}

size_t random_alignment() { return size_t(1) << random_below(one_in(20) ? 17 : 9); }

bool is_zero(const unsigned char* mem, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    if (mem[i] != 0) return false;
  return true;
}

// What must hold of a request that was refused: nothing that is free would have held it, and nothing has changed.
void expect_refusal(size_t bytes, size_t footprint, bool is_plain) {
  note(~uint64_t(0));
  expect(heap_footprint() == footprint || footprint == 0, "a refused request left the heap larger");
  // A request for nothing takes as much as one for a byte.
  if (is_plain && checking) expect(heap_largest_free() < (bytes ? bytes : 1) || heap_footprint() == 0, "a request was refused although it fits");
}

// Takes the block into the model and uses all of it.
void adopt(unsigned char* mem, size_t bytes, size_t alignment) {
  expect((address_of(mem) & ((alignment < kGranule ? kGranule : alignment) - 1)) == 0, "a block is not aligned");
  Block& block = blocks[live++];
  block = {mem, bytes, malloc_usable_size(mem), random64(), alignment};
  expect(block.filled >= bytes, "a block's usable size is less than was asked for");
  note(address_of(mem) - first_page);
  occupy(block);
  fill(block);
}

void allocate() {
  const size_t bytes = random_size();
  const size_t footprint = heap_footprint();
  size_t alignment = kGranule;
  void* mem = nullptr;
  bool is_plain = true;
  switch (random_below(10)) {
    case 0:
    case 1: {
      const size_t count = 1 + random_below(7);
      mem = calloc(count, bytes / count);
      if (mem) {
        expect(is_zero(static_cast<unsigned char*>(mem), bytes / count * count), "calloc's block is not zero");
        return adopt(static_cast<unsigned char*>(mem), bytes / count * count, alignment);
      }
      return expect_refusal(bytes, footprint, true);
    }
    case 2:
      is_plain = false;
      mem = aligned_alloc(alignment = random_alignment(), bytes);
      break;
    case 3: {
      is_plain = false;
      alignment = random_alignment() | sizeof(void*);
      alignment = (alignment & (alignment - 1)) ? sizeof(void*) : alignment;
      void* const before = &mem;
      mem = before;
      const int error = posix_memalign(&mem, alignment, bytes);
      expect(error == 0 || (error == 48 && mem == before), "posix_memalign failed and changed its result");
      if (error) mem = nullptr;
      break;
    }
    case 4:
      is_plain = false;
      mem = memalign(alignment = random_alignment(), bytes);
      break;
    case 5: mem = realloc(nullptr, bytes); break;
    default: mem = malloc(bytes);
  }
  if (!mem) return expect_refusal(bytes, footprint, is_plain);
  adopt(static_cast<unsigned char*>(mem), bytes, alignment);
}

// The block leaves the model; the last one takes its place.
Block take_random_block() {
  const size_t which = random_below(live);
  const Block block = blocks[which];
  blocks[which] = blocks[--live];
  expect_content(block, block.mem, block.filled);
  vacate(block);
  return block;
}

void release() {
  if (live == 0) return free(nullptr);
  const Block block = take_random_block();
  switch (random_below(4)) {
    case 0: return free_sized(block.mem, block.bytes);
    case 1: return free_aligned_sized(block.mem, block.alignment, block.bytes);
    default: return free(block.mem);
  }
}

void resize() {
  if (live == 0) return;
  const size_t footprint = heap_footprint();
  const Block block = take_random_block();
  const size_t bytes = one_in(3) ? block.bytes + random_below(64) : random_size();
  const size_t count = 1 + random_below(3);
  const bool by_array = one_in(4) && bytes % count == 0;
  auto* moved = static_cast<unsigned char*>(by_array ? reallocarray(block.mem, count, bytes / count) : realloc(block.mem, bytes));
  if (moved) {
    expect_content(block, moved, block.filled < bytes ? block.filled : bytes);
    return adopt(moved, bytes, kGranule);
  }
  expect_refusal(bytes, footprint, false);
  expect_content(block, block.mem, block.filled);
  occupy(block);
  blocks[live++] = block;
}

// ---- what happens more rarely ----

// Requests that no memory can hold must fail at once and change nothing.
void ask_the_impossible() {
  const size_t footprint = heap_footprint();
  const size_t huge = ~size_t(0) >> random_below(2);
  unsigned char* mem = live ? blocks[0].mem : nullptr;
  void* results[] = {
      malloc(huge - random_below(20)),
      calloc(huge / 4, 5),
      calloc(huge, huge),
      realloc(mem, huge - 20),
      reallocarray(mem, huge / 4, 8),
      aligned_alloc(64, huge),
      memalign(huge / 2 + 1, huge / 2),
      aligned_alloc(0, 16),
      aligned_alloc(3, 16),
      aligned_alloc(65, 65),
      memalign(huge / 2 + 2, 16),
  };
  for (void* result : results) expect(result == nullptr, "an impossible request was granted");
  void* untouched = &mem;
  expect(posix_memalign(&untouched, 2, 16) == 28, "posix_memalign took an alignment of 2");
  expect(posix_memalign(&untouched, 48, 16) == 28, "posix_memalign took an alignment of 48");
  expect(posix_memalign(&untouched, 64, huge) == 48, "posix_memalign granted the impossible");
  expect(untouched == &mem, "a failed posix_memalign changed its result");
  expect(heap_footprint() == footprint || footprint == 0, "an impossible request made the heap larger");
}

void let_others_grow() {
  if (foreigns == kMaxForeign) return;
  const size_t pages = 1 + random_below(2);
  const uintptr_t begin = foreign_pages(pages);
  if (begin == 0) return;
  foreign[foreigns++] = {begin, begin + pages * kPage};
  for (uintptr_t at = begin; at < begin + pages * kPage; at += 8) *reinterpret_cast<uint64_t*>(at) = kForeign;
}

void expect_foreign_intact() {
  for (size_t i = 0; i < foreigns; i++)
    for (uintptr_t at = foreign[i].begin; at < foreign[i].end; at += 8)
      expect(*reinterpret_cast<uint64_t*>(at) == kForeign, "the heap wrote to memory that is not its own");
}

// A region of so many bytes is taken, wherever it begins.
size_t large_region() { return region_unit() == 1 ? kLargeRegion : 2 * region_unit(); }

// Gives a piece of the pages kept for that, at any alignment; twice is once too often.
void give_a_region() {
  const size_t left = given.end - given.begin;
  if (left < 64) return;
  const size_t skip = random_below(64);
  const size_t bytes = random_below(left - skip);
  const size_t footprint = heap_footprint();
  void* const region = reinterpret_cast<void*>(given.begin + skip);
  const size_t taken = heap_add_region(region, bytes);
  expect(taken <= bytes && heap_footprint() == footprint + taken, "a region's bytes are not in the footprint");
  note(taken);
  if (taken == 0) return expect(bytes < large_region(), "a large region was refused");
  expect(heap_add_region(region, bytes) == 0, "a region was taken twice");
  given.begin += skip + bytes;
}

// Gives a part of somebody's pages to the heap, at any alignment; what is left on both sides stays theirs.
void give_foreign_pages() {
  if (foreigns == 0 || foreigns == kMaxForeign) return;
  const size_t which = random_below(foreigns);
  const Range whole = foreign[which];
  const size_t length = whole.end - whole.begin;
  const size_t skip = random_below(length / 8) * (one_in(2) ? 8 : 0);
  const size_t bytes = one_in(2) ? length - skip : random_below(length - skip) & ~size_t(7);
  const size_t footprint = heap_footprint();
  const size_t taken = heap_add_region(reinterpret_cast<void*>(whole.begin + skip), bytes);
  expect(taken <= bytes && heap_footprint() == footprint + taken, "a region's bytes are not in the footprint");
  note(taken);
  if (taken == 0) return expect(bytes < large_region(), "a large region was refused");
  foreign[which] = foreign[--foreigns];
  if (skip) foreign[foreigns++] = {whole.begin, whole.begin + skip};
  const uintptr_t rest = whole.begin + skip + bytes;
  if (rest < whole.end && foreigns < kMaxForeign) foreign[foreigns++] = {rest, whole.end};
}

// Pages that were grown since a snapshot are the heap's after it is restored.
void restore() {
  if (!is_saved) return;
  const uintptr_t end = restore_memory();
  model = saved;
  if (!model.state) return void(is_saved = false);
  expect(heap_attach(model.state) == 1, "the heap of a snapshot could not be attached");
  const size_t footprint = heap_footprint();
  const size_t bytes = end_of_memory() - end;
  if (bytes)
    expect(heap_add_region(reinterpret_cast<void*>(end), bytes) == heap_footprint() - footprint && heap_footprint() > footprint,
           "the pages behind a snapshot were refused");
  is_saved = false;
}

void save_or_restore() {
  if (is_saved) return restore();
  if (!heap_state() || !save_memory()) return;
  model.state = heap_state();
  saved = model;
  is_saved = true;
}

// The heap calls back for each growth of its own and for nothing else.
void start_counting() { counting = count_growths(); }

void expect_growth_was_told(size_t footprint, size_t before) {
  if (counting) expect((growths() != before) == (heap_footprint() != footprint), "a growth was not told, or one that was none");
}

void expect_largest_fits() {
  const size_t footprint = heap_footprint();
  const size_t bytes = heap_largest_free();
  if (bytes == 0) return;
  void* mem = malloc(bytes);
  // A small one may get a cell that the memory grows for. That it is served without growth, too, is known from refusals: see expect_refusal.
  expect(mem != nullptr && (heap_footprint() == footprint || bytes <= kLargestSlot), "the largest free block could not be had without growth");
  free(mem);
}

void change_hands() {
  void* const state = heap_state();
  if (!state) return;
  expect(heap_attach(state) == 1, "the heap could not be attached to itself");
  expect(heap_attach(static_cast<char*>(state) + 16) == 0, "a heap was found where there is none");
  expect(heap_state() == state, "a failed attach changed the heap");
}

void forget_all() {
  for (size_t i = 0; i < live; i++) {
    expect_content(blocks[i], blocks[i].mem, blocks[i].filled);
    vacate(blocks[i]);
  }
  live = 0;
  const size_t footprint = heap_footprint();
  heap_reset();
  expect(heap_footprint() == footprint && heap_in_use() == 0, "a reset heap is not empty, or lost memory");
}

// ---- after each operation ----

void expect_spans_are_the_blocks() {
  size_t in_use = 0, in_use_bytes = 0, total = 0;
  for (void* span = heap_span_next(nullptr); span; span = heap_span_next(span)) {
    total += heap_span_bytes(span);
    if (heap_span_kind(span) != HEAP_SPAN_USED) continue;
    expect(test_bit(starts, granule_of(address_of(span))), "the walk shows a block that nobody has");
    in_use++;
    in_use_bytes += heap_span_bytes(span);
  }
  expect(total == heap_footprint(), "the spans do not add up to the footprint");
  expect(in_use == live, "the walk does not show every block");
  expect(in_use_bytes == heap_in_use(), "heap_in_use is not what the walk shows");
}

void check_all() {
  expect(heap_check() == 0, "an invariant is broken");
  if (operation % 8 == 0) expect_spans_are_the_blocks();
}

void step() {
  const size_t kind = random_below(10000);
  if (kind < 8) return let_others_grow();
  if (kind < 12) return give_a_region();
  if (kind < 14) return give_foreign_pages();
  if (kind < 18) return void(refuse_growths(1 + random_below(one_in(4) ? 1000 : 4)));
  if (kind < 20) return save_or_restore();
  if (kind < 22) return start_counting();
  if (kind < 50) return ask_the_impossible();
  if (kind < 100) return expect_largest_fits();
  if (kind < 110) return change_hands();
  if (kind < 120) return void(heap_trim());
  if (kind < 121) return forget_all();
  if (kind < 140) return void(wanted_live = random_below(one_in(30) ? kMaxBlocks - 1 : one_in(2) ? 300 : 30));
  if (kind < 2500) return resize();
  const bool shall_grow = live < wanted_live ? !one_in(4) : one_in(4);
  if (!shall_grow || live == kMaxBlocks) return release();
  const size_t footprint = heap_footprint();
  const size_t before = counting ? growths() : 0;
  allocate();
  expect_growth_was_told(footprint, before);
}

}  // namespace

uint64_t operations_done() { return operation; }

uint64_t go_on(uint64_t operations, bool check_invariants) {
  checking = check_invariants;
  for (const uint64_t end = operation + operations; operation < end; operation++) {
    step();
    if (checking) check_all();
  }
  for (size_t i = 0; i < live; i++) expect_content(blocks[i], blocks[i].mem, blocks[i].filled);
  expect_foreign_intact();
  note(heap_footprint());
  return digest;
}

namespace {

void begin(uint64_t seed) {
  random_state = seed * 0x9e3779b97f4a7c15 | 1;
  operation = digest = live = foreigns = 0;
  is_saved = counting = false;
  wanted_live = 100;
  for (uint64_t& bits : occupied) bits = 0;
  for (uint64_t& bits : starts) bits = 0;
  origin = lowest_address();
  first_page = foreign_pages(2);
  expect(first_page != 0, "the memory has no room for the program's own pages");
  given = {first_page, first_page + 2 * kPage};
  // In half of the runs the heap begins in a region that was given to it.
  if (random64() % 2) {
    const size_t skip = region_unit() == 1 ? 24 : 0;
    expect(heap_add_region(reinterpret_cast<void*>(first_page + skip), kPage) != 0, "the first region was refused");
    given.begin += skip + kPage;
  }
}

}  // namespace

uint64_t run(const Options& options) {
  begin(options.seed);
  return go_on(options.operations, options.check_invariants);
}

void replay(const uint8_t* input, size_t size) {
  begin(input[0]);
  checking = true;
  for (size_t i = 0; i + 4 <= size; i += 4, operation++) {
    uint64_t bits = 1;
    for (size_t j = i; j < i + 4; j++) bits = (bits << 8 | input[j]) * 0x9e3779b97f4a7c15;
    random_state = bits | 1;
    step();
    check_all();
  }
  go_on(0, true);
}

}  // namespace seeded
