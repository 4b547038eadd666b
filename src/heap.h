// The heap: allocate, release and resize by splitting and coalescing chunks; top; growth; regions.
// Knows nothing of C's function names, of WebAssembly, or of where its own state lies.
//
//     region                                                                    end of region
//       | Region | chunk | chunk | free chunk | chunk | chunk | top ........... | fence
//         next     ^first                                       ^               '-> head of size 0, in use
//         begin                                                 only in the newest region
//         end
//
// Top is the free chunk under the fence of the newest region (the one with the highest address: memory grows upwards).
// It is in no bin: it is used only when nothing else fits, so that what was never needed stays whole. It has no foot.
// Top may be empty: then its address is the fence's.
//
// A heap is all zero before its first region; it needs no constructor. Its state may lie in its own first region.
#pragma once

#include "bins.h"
#include "pages.h"

namespace memory_wasm {

// Never passed to or returned from a function that is not inlined: it would go through a stack, and there is none.
struct Range {
  uintptr_t begin = 0;
  uintptr_t end = 0;

  size_t bytes() const { return end - begin; }
};

struct Region {
  Region* next;     // older
  uintptr_t begin;  // the first byte that the region owns: this record, and what was set aside in front of it
  uintptr_t end;    // one past the fence

  // The chunks begin behind the record, where a payload is aligned.
  static constexpr size_t kSize = align_up(3 * sizeof(size_t) + kHeadSize, kAlignment) - kHeadSize;

  Chunk* first() const { return Chunk::at(reinterpret_cast<uintptr_t>(this) + kSize); }
  Chunk* fence() const { return Chunk::at(end - kHeadSize); }
  size_t bytes() const { return end - begin; }
};
static_assert(sizeof(Region) <= Region::kSize);

// Whole: a class that is a Heap and more, and has trim() to give back what it keeps aside before the memory grows.
template <Pages P, class Whole = void>
class [[gnu::visibility("hidden")]] Heap {
 public:
  using Memory = P;

  // A heap whose state lies at the start of a page that it grew, or null if the memory can't grow.
  static Heap* create() { return create_as<Heap>(); }

  // A heap whose state lies at the start of its first region, or null and nothing changed if the range can't be used.
  static Heap* create_in(uintptr_t address, size_t bytes) { return create_in_as<Heap>(address, bytes); }

  // Makes this state, all zero and outside of the regions, a heap. It gets its regions later.
  void open() { version_ = kVersion; }

  // The heap whose state is at `address`, as create or create_in left it, or null.
  static Heap* at(uintptr_t address) { return at_as<Heap>(address); }

  // The same for a class that is a Heap and more: its state must be valid when it is all zero.
  template <class Self>
  static Self* create_as() {
    const uintptr_t begin = P::grow(1);
    if (begin == kNoPages) return nullptr;
    Self* heap = reinterpret_cast<Self*>(begin);
    heap->version_ = kVersion;
    heap->install(begin, end_of(begin, 1), sizeof(Self));
    heap->untouched_ = heap->top_->address() + kHeadSize;
    P::grown();
    return heap;
  }

  template <class Self>
  static Self* create_in_as(uintptr_t address, size_t bytes) {
    const Range range = usable(address, bytes, sizeof(Self));
    if (!range.bytes()) return nullptr;
    Self* heap = reinterpret_cast<Self*>(range.begin);
    __builtin_memset(static_cast<void*>(heap), 0, sizeof(Self));
    heap->version_ = kVersion;
    heap->install(range.begin, range.end, sizeof(Self));
    heap->untouched_ = range.end;
    return heap;
  }

  template <class Self>
  static Self* at_as(uintptr_t address) {
    if (!is_aligned(address, kAlignment) || address == 0 || address > P::end() - sizeof(Self)) return nullptr;
    Self* heap = reinterpret_cast<Self*>(address);
    return heap->version_ == kVersion ? heap : nullptr;
  }

  // A block of at least `bytes` at an address that is a multiple of 16, or null and nothing changed.
  void* allocate(size_t bytes) {
    if (bytes > kMaxRequest) return nullptr;
    Chunk* chunk = take(chunk_size(bytes));
    return chunk ? chunk->mem() : nullptr;
  }

  // The same, and all `bytes` are zero.
  void* allocate_zeroed(size_t bytes) {
    const Region* newest = newest_;
    const uintptr_t untouched = untouched_;
    void* mem = allocate(bytes);
    const uintptr_t begin = reinterpret_cast<uintptr_t>(mem);
    // A region that came up meanwhile is zero throughout. No region lies above the newest.
    if (!mem || newest != newest_ || begin >= untouched) return mem;
    __builtin_memset(mem, 0, untouched - begin < bytes ? untouched - begin : bytes);
    return mem;
  }

  // The same at a multiple of `alignment`, a power of two.
  [[clang::minsize, gnu::noinline]] void* allocate_aligned(size_t alignment, size_t bytes) {
    if (alignment <= kAlignment) return allocate(bytes);
    if (bytes > kMaxRequest || alignment > kMaxRequest - bytes) return nullptr;
    const size_t size = chunk_size(bytes);
    Chunk* chunk = take(size + alignment + kMinChunk);
    if (!chunk) return nullptr;
    chunk = trim_below(chunk, alignment);
    trim_above(chunk, size);
    return chunk->mem();
  }

  // Takes back a block. Traps if `mem` is not the address of a block in use.
  void release(void* mem) { release_chunk(checked(mem)); }

  // Makes the block hold `bytes`, in place if it can, and returns where it is now. Null and nothing changed on failure.
  [[clang::minsize, gnu::noinline]] void* resize(void* mem, size_t bytes) {
    Chunk* chunk = checked(mem);
    if (bytes > kMaxRequest) return nullptr;
    const size_t size = chunk_size(bytes);
    if (size <= chunk->size() || extend(chunk, size)) {
      trim_above(chunk, size);
      return mem;
    }
    return move(chunk, bytes);
  }

  // How many bytes the block can hold.
  [[clang::minsize, gnu::noinline]] size_t usable_size(const void* mem) const { return checked(mem)->payload(); }

  // Gives [address, address + bytes) to the heap. Returns the bytes that the region takes, 0 and nothing changed if the
  // range can't be used: too small, not inside the memory, or the heap's already.
  [[clang::minsize, gnu::noinline]] size_t add_region(uintptr_t address, size_t bytes) {
    const Range range = usable(address, bytes, 0);
    if (!range.bytes() || overlaps(range.begin, range.end)) return 0;
    install(range.begin, range.end, 0);
    untouched_ = newest_->end;
    return range.bytes();
  }

  // Every block is free again; the regions stay.
  void reset() {
    if (!newest_) return;
    bins_ = {};
    for (Region* region = newest_->next; region; region = region->next) free_whole(region);
    make_top(newest_);
  }

  static constexpr unsigned layout() { return kVersion; }

  size_t footprint() const { return footprint_; }
  uintptr_t low() const { return low_; }
  uintptr_t high() const { return high_; }
  uintptr_t untouched() const { return untouched_; }
  const Bins& bins() const { return bins_; }
  const Region* newest_region() const { return newest_; }
  Chunk* top() const { return top_; }
  size_t top_size() const { return newest_ ? newest_->fence()->address() - top_->address() : 0; }

 private:
  // ---- take: find, split ----

  Chunk* take(size_t size) {
    if (size >= kLarge) reclaim();
    if (Chunk* chunk = take_without_growth(size)) return chunk;
    if (reclaim())
      if (Chunk* chunk = take_without_growth(size)) return chunk;
    // Growth is for ever: before it, even a long search pays.
    if (Chunk* chunk = bins_.find_in_whole_class(size)) return take_from_bin(chunk, size);
    return grow(size) ? take_from_top(size) : nullptr;
  }

  Chunk* take_without_growth(size_t size) {
    if (Chunk* chunk = bins_.find(size)) return take_from_bin(chunk, size);
    return size <= top_size() ? take_from_top(size) : nullptr;
  }

  Chunk* take_from_bin(Chunk* chunk, size_t size) {
    check_free(chunk);
    bins_.remove(chunk);
    const size_t rest = chunk->size() - size;
    if (rest < kMinChunk) {
      chunk->head |= Chunk::kInUse;
      chunk->above()->head |= Chunk::kBelowInUse;
    } else {
      chunk->head = size | Chunk::kInUse | Chunk::kBelowInUse;
      insert_free(chunk->above(), rest);
    }
    return chunk;
  }

  Chunk* take_from_top(size_t size) {
    Chunk* chunk = top_;
    const size_t whole = checked_top_size();
    if (whole - size < kMinChunk) size = whole;
    chunk->head = size | Chunk::kInUse | (chunk->head & Chunk::kBelowInUse);
    set_top(chunk->above(), whole - size, Chunk::kBelowInUse);
    return chunk;
  }

  // Has the whole heap give back what it keeps aside. False if that was nothing.
  bool reclaim() {
    if constexpr (requires(Whole* whole) { whole->trim(); }) return static_cast<Whole*>(this)->trim();
    return false;
  }

  // Gives back what the chunk, in use, has above its first `size` bytes.
  void trim_above(Chunk* chunk, size_t size) {
    const size_t rest = chunk->size() - size;
    if (rest < kMinChunk) return;
    chunk->head -= rest;
    Chunk* above = chunk->above();
    above->head = rest | Chunk::kInUse | Chunk::kBelowInUse;
    release_chunk(above);
  }

  // Gives back what the chunk, in use, has below its first payload address that is a multiple of `alignment`.
  [[clang::minsize, gnu::noinline]] Chunk* trim_below(Chunk* chunk, size_t alignment) {
    const uintptr_t mem = reinterpret_cast<uintptr_t>(chunk->mem());
    if (is_aligned(mem, alignment)) return chunk;
    const uintptr_t aligned_mem = align_up(mem + kMinChunk, alignment);
    Chunk* aligned = Chunk::of(reinterpret_cast<void*>(aligned_mem));
    const size_t skipped = aligned_mem - mem;
    aligned->head = (chunk->size() - skipped) | Chunk::kInUse | Chunk::kBelowInUse;
    chunk->head -= chunk->size() - skipped;
    release_chunk(chunk);
    return aligned;
  }

  // ---- release: coalesce ----

  void release_chunk(Chunk* chunk) {
    Chunk* above = chunk->above();
    size_t size = chunk->size();
    // The old head stays behind inside the free chunk: without the bit, freeing it again is seen.
    chunk->head &= ~Chunk::kInUse;
    if (!chunk->below_in_use()) {
      const size_t size_below = chunk->foot_below();
      chunk = chunk->below();
      trap_if(chunk->size() != size_below);
      check_free(chunk);
      bins_.remove(chunk);
      size += size_below;
    }
    if (above == top_) return set_top(chunk, size + checked_top_size(), chunk->head & Chunk::kBelowInUse);
    if (!above->in_use()) {
      check_free(above);
      bins_.remove(above);
      size += above->size();
    }
    insert_free(chunk, size);
  }

  // Tags a free chunk and puts it into its bin. Both neighbours are in use, or it would be part of them.
  void insert_free(Chunk* chunk, size_t size) {
    chunk->head = size | Chunk::kBelowInUse;
    chunk->foot() = size;
    chunk->above()->head &= ~Chunk::kBelowInUse;
    bins_.insert(chunk);
  }

  // ---- resize ----

  // Takes free space above the chunk, until it has `size` bytes. False, and nothing changed, if there isn't enough.
  [[clang::minsize, gnu::noinline]] bool extend(Chunk* chunk, size_t size) {
    Chunk* above = chunk->above();
    const size_t missing = size - chunk->size();
    if (above == top_) {
      if (missing > top_size() && !(adjoins_memory_end() && grow(missing))) return false;
      chunk->head += take_from_top(missing)->size();
      return true;
    }
    if (above->in_use() || above->size() < missing) return false;
    check_free(above);
    bins_.remove(above);
    chunk->head += above->size();
    chunk->above()->head |= Chunk::kBelowInUse;
    return true;
  }

  [[clang::minsize, gnu::noinline]] void* move(Chunk* chunk, size_t bytes) {
    void* mem = allocate(bytes);
    if (!mem) return nullptr;
    __builtin_memcpy(mem, chunk->mem(), chunk->payload());
    release_chunk(chunk);
    return mem;
  }

  // ---- what the heap knows to be broken ----

  // The chunk in use whose payload is `mem`; traps if there is none: an address that is unaligned or foreign, a block
  // freed before, a head that was overwritten, or that of the chunk above.
  Chunk* checked(const void* mem) const {
    Chunk* chunk = Chunk::of(mem);
    trap_if(!newest_ || !is_aligned(reinterpret_cast<uintptr_t>(mem), kAlignment));
    check_bounds(chunk);
    trap_if((chunk->head & (Chunk::kFlags ^ Chunk::kBelowInUse)) != Chunk::kInUse);
    const Chunk* above = chunk->above();
    trap_if((above->head & (Chunk::kFlags ^ Chunk::kInUse)) != Chunk::kBelowInUse);
    trap_if(above->size() > high_ - above->address());
    return chunk;
  }

  // Traps unless both tags of a free chunk agree and the chunk above knows that it is free.
  void check_free(Chunk* chunk) const {
    check_bounds(chunk);
    trap_if((chunk->head & Chunk::kFlags) != Chunk::kBelowInUse);
    trap_if(chunk->foot() != chunk->size());
    trap_if(chunk->above()->below_in_use());
  }

  // Traps unless the chunk and the head above it lie where regions are.
  void check_bounds(const Chunk* chunk) const {
    const uintptr_t highest = high_ - kHeadSize - kMinChunk;
    trap_if(chunk->address() - low_ > highest - low_);
    trap_if(chunk->size() - kMinChunk > highest - chunk->address());
  }

  // The size of top. Traps unless its head and the newest region's end agree about it.
  size_t checked_top_size() const {
    const size_t size = top_size();
    trap_if((top_->head | Chunk::kBelowInUse) != (size ? size : Chunk::kInUse) + Chunk::kBelowInUse);
    return size;
  }

  // ---- top, regions, growth ----

  void set_top(Chunk* chunk, size_t size, size_t below_in_use) {
    top_ = chunk;
    chunk->head = size | below_in_use;
    newest_->fence()->head = size ? Chunk::kInUse : Chunk::kInUse | below_in_use;
    if (untouched_ < chunk->address() + kHeadSize) untouched_ = chunk->address() + kHeadSize;
  }

  bool adjoins_memory_end() const { return newest_ && newest_->end == P::end(); }

  // Makes top at least `size` bytes long. False, and nothing changed, if the memory can't grow that far.
  [[clang::minsize, gnu::noinline]] bool grow(size_t size) {
    const size_t missing = adjoins_memory_end() ? size - top_size() : size + Region::kSize + kHeadSize;
    const size_t least = (missing + kPageSize - 1) / kPageSize;
    const size_t step = footprint_ / kPageSize / kGrowthDivisor;
    size_t pages = step > least ? step : least;
    uintptr_t begin = P::grow(pages);
    if (begin == kNoPages && pages > least) begin = P::grow(pages = least);
    if (begin == kNoPages) return false;
    take_over(begin, end_of(begin, pages));
    P::grown();
    return size <= top_size();  // false at the end of a full 32-bit memory, which loses 16 bytes
  }

  [[clang::minsize, gnu::noinline]] void take_over(uintptr_t begin, uintptr_t end) {
    if (!newest_ || newest_->end != begin) {
      install(begin, end, 0);
      untouched_ = top_->address() + kHeadSize;
      return;
    }
    const size_t below_in_use = top_->head & Chunk::kBelowInUse;
    newest_->fence()->head = 0;  // what is untouched is zero
    newest_->end = high_ = end;
    footprint_ += end - begin;
    set_top(top_, newest_->fence()->address() - top_->address(), below_in_use);
  }

  // Makes the range a region and its inside one free chunk: top, unless there is a region at a higher address.
  // The first `reserved` bytes stay as they are.
  [[clang::minsize, gnu::noinline]] void install(uintptr_t begin, uintptr_t end, size_t reserved) {
    Region* region = reinterpret_cast<Region*>(begin + align_up(reserved, kAlignment));
    if (!newest_ || begin < low_) low_ = begin;
    if (end > high_) high_ = end;
    footprint_ += end - begin;
    if (newest_ && newest_->begin > begin) {
      *region = {newest_->next, begin, end};
      newest_->next = region;
      return free_whole(region);
    }
    if (newest_ && top_size()) insert_free(top_, top_size());
    *region = {newest_, begin, end};
    make_top(region);
  }

  [[clang::minsize, gnu::noinline]] void free_whole(Region* region) {
    region->fence()->head = Chunk::kInUse;
    insert_free(region->first(), region->fence()->address() - region->first()->address());
  }

  [[clang::minsize, gnu::noinline]] void make_top(Region* region) {
    newest_ = region;
    set_top(region->first(), region->fence()->address() - region->first()->address(), Chunk::kBelowInUse);
  }

  // What of [address, address + bytes) can be a region, empty if nothing can.
  [[gnu::always_inline]] static Range usable(uintptr_t address, size_t bytes, size_t reserved) {
    const uintptr_t limit = P::end();
    if (address == 0 || address >= limit) return {};
    if (bytes > limit - address) {
      // It ends beyond the memory, unless that is a full 32-bit one: then the limit is 16 bytes short of it.
      if (address + bytes != 0 || is_aligned(limit, kPageSize)) return {};
      bytes = limit - address;
    }
    const uintptr_t begin = align_up(address, kAlignment);
    const uintptr_t end = align_down(address + bytes, kAlignment);
    const size_t least = align_up(reserved, kAlignment) + Region::kSize + kMinChunk + kHeadSize;
    if (end < begin || end - begin < least) return {};
    return {begin, end};
  }

  static uintptr_t end_of(uintptr_t begin, size_t pages) {
    const uintptr_t end = begin + pages * kPageSize;
    return end ? end : P::end();
  }

  bool overlaps(uintptr_t begin, uintptr_t end) const {
    for (const Region* region = newest_; region; region = region->next)
      if (begin < region->end && region->begin < end) return true;
    return false;
  }

  // Changes with the layout of the state: another build's heap is not taken over by mistake.
  static constexpr size_t kVersion = 0x6d775f32;
  static constexpr size_t kLarge = 65536;
  static constexpr size_t kGrowthDivisor = 32;

  size_t version_;
  Chunk* top_;
  Region* newest_;
  uintptr_t untouched_;  // from here to the end of the newest region the memory is still zero
  uintptr_t low_, high_;  // no region has a byte outside
  size_t footprint_;
  Bins bins_;
};

}  // namespace memory_wasm
