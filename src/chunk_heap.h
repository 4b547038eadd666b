// A heap of chunks: take and give them back by splitting and coalescing; top; growth; regions. It serves the blocks above
// 512 bytes, and lends cells and descriptors to cell_heap.h. Knows nothing of C's function names, of WebAssembly, or of
// where its own state is.
//
//     region                                                                    end of region
//       | Region | chunk | chunk | free chunk | chunk | chunk | top ........... | fence
//
// Top is the free chunk under the fence of the newest region (the one with the highest address: memory grows upwards).
// It is in no bin: it is used only when nothing else fits, so that memory never needed stays whole. It has no foot.
// Top may be empty: then its address is the fence's.
//
// A heap is all zero before it is opened; it needs no constructor. Its state may be in its own first region.
#pragma once

#include "bins.h"
#include "blocks.h"
#include "payload.h"
#include "region.h"

namespace memory_wasm {

template <Pages P, class Tags>
class [[gnu::visibility("hidden")]] ChunkHeap {
 public:
  using Memory = P;
  using TagsOfChunks = Tags;
  using Places = Blocks<P, Tags>;

  // ---- as a heap by itself (heap.h says what these promise) ----

  void* allocate(size_t bytes) { return allocate_aligned(kAlignment, bytes); }
  void* allocate_zeroed(size_t bytes) {
    return zeroed(bytes, [&] { return allocate(bytes); });
  }
  void* allocate_aligned(size_t alignment, size_t bytes) {
    if (!is_possible(alignment, bytes)) return nullptr;
    Chunk* chunk = take(chunk_size(bytes), Places::chunk_alignment(alignment), [] {});
    return chunk ? Places::of(chunk) : nullptr;
  }
  void release(void* mem) { give(checked_now(mem)); }
  void* resize(void* mem, size_t bytes) {
    return resize_chunk(mem, bytes, [this](size_t wanted) { return allocate(wanted); });
  }
  size_t usable_size(const void* mem) const { return payload(checked(mem)); }
  void trim() {}

  // ---- sizes ----

  // The size of the smallest chunk for a block of `bytes` (<= kMaxRequest).
  static constexpr size_t chunk_size(size_t bytes) { return Places::chunk_size(bytes); }
  static constexpr size_t payload(const Chunk* chunk) { return Places::payload_of(chunk->size()); }

  static bool is_possible(size_t alignment, size_t bytes) {
    return bytes <= kMaxRequest && (alignment <= kAlignment || alignment <= kMaxRequest - bytes);
  }

  // ---- for the layers above: chunks in use ----

  // A chunk of `size` whose payload is a multiple of `alignment`, or null and nothing changed. Before the memory grows it
  // calls `reclaim`, which gives back chunks.
  template <class Reclaim>
  [[gnu::always_inline]] Chunk* take(size_t size, size_t alignment, Reclaim reclaim) {
    Chunk* chunk = take_searched(size, alignment);
    return __builtin_expect(chunk != nullptr, 1) ? chunk : take_more(size, alignment, reclaim);
  }

  // The second half of take.
  template <class Reclaim>
  [[gnu::always_inline]] Chunk* take_more(size_t size, size_t alignment, Reclaim reclaim) {
    reclaim();
    Chunk* chunk = take_searched(size, alignment);
    // Once is enough, unless another thread grew the memory in between and the new pages don't adjoin.
    while (!chunk && grow(size, alignment)) chunk = take_searched(size, alignment);
    return chunk;
  }

  // The first half of take, where speed counts: from a free chunk of a class below `end`, or else, if `end` is no class, from top.
  [[gnu::noinline]] Chunk* take_free(size_t size, size_t alignment, unsigned end = kClasses) {
    if (__builtin_expect(alignment > kAlignment, 0)) return take_searched(size, alignment, end);
    Chunk* chunk = free_in_bins_ < size ? nullptr : bins_.find(size, end);
    if (!chunk) return end < kClasses ? nullptr : take_from_top(size, kAlignment);
    const size_t whole = chunk->size();
    remove_now(chunk, whole);
    const size_t rest = whole - size;
    if (rest < kMinChunk) {
      size = whole;
      chunk->above()->head |= Chunk::kBelowInUse;
    } else {
      insert_now(Chunk::at(chunk->address() + size), rest);
    }
    set_in_use(chunk, size, Chunk::kBelowInUse);
    return chunk;
  }

  // Takes back a chunk in use: marks it, merges it with its free neighbours, and puts it into its bin or into top.
  [[gnu::noinline]] void give(Chunk* chunk) {
    size_t size = chunk->size();
    Chunk* above = chunk->above();
    // After coalescing this head is stale payload. Clear its in-use bit so that a second free of the same pointer traps.
    chunk->head &= ~Chunk::kInUse;
    if (!chunk->below_in_use()) {
      const size_t size_below = Tags::hide(chunk->foot_below());
      chunk = Chunk::at(chunk->address() - size_below);
      remove_now(chunk, size_below);
      size += size_below;
    }
    if (above == top_) {
      check_top();
      set_top(chunk);
      if (chunk == newest_->first()) set_reach(chunk->address());
      return;
    }
    if (!above->in_use()) {
      const size_t size_above = above->size();
      remove_now(above, size_above);
      size += size_above;
    }
    insert_now(chunk, size);
  }

  // The chunk in use whose payload is `mem`; traps if there is none: an address that is unaligned or foreign, a block
  // freed before, a head that was overwritten, or that of the chunk above, or a seal that doesn't fit.
  [[gnu::always_inline]] Chunk* checked_now(const void* mem) const {
    const uintptr_t address = reinterpret_cast<uintptr_t>(mem);
    Chunk* chunk = Places::chunk_at(address);
    trap_if(!Places::is_aligned(address));
    check_tags(chunk, Chunk::kInUse);
    if constexpr (Places::kAreApart) trap_if(payload_word(Places::canary(chunk)) != seal_of(chunk));
    return chunk;
  }

  // Where speed does not count.
  Chunk* checked(const void* mem) const { return checked_now(mem); }

  // The same for a chunk of the heap's own.
  Chunk* checked_own(const void* mem) const {
    Chunk* chunk = Chunk::of(mem);
    trap_if(!is_aligned(reinterpret_cast<uintptr_t>(mem), kAlignment));
    check_tags(chunk, Chunk::kInUse | Chunk::kOwn);
    return chunk;
  }

  size_t usable_size_of_own(const void* mem) const { return checked_own(mem)->size() - Tags::kOverhead; }

  void disown(void* mem) { give(checked_own(mem)); }

  // Writes the tags of a chunk in use; the head above must know already that it is.
  [[gnu::always_inline]] void set_in_use(Chunk* chunk, size_t size, size_t flags) {
    chunk->head = size | Chunk::kInUse | flags;
    if constexpr (kIsSealed) chunk->foot() = seal_of(chunk);
    if constexpr (Places::kAreApart) payload_put(Places::canary(chunk), seal_of(chunk));
  }

  // ---- for the layers above: blocks ----

  // Makes the block hold `bytes`, in place if it can; otherwise it moves to one from `allocate`. Null and nothing changed on
  // failure.
  template <class Allocate>
  [[gnu::always_inline]] void* resize_chunk(void* mem, size_t bytes, Allocate allocate) {
    Chunk* chunk = checked(mem);
    if (bytes > kMaxRequest) return nullptr;
    const size_t size = chunk_size(bytes);
    if (size <= chunk->size() && chunk->size() <= kSlackChunk + kSlackChunk / 2 && size >= chunk->size() / 2) return mem;
    if (size <= chunk->size() || extend(chunk, size)) {
      cut(chunk, size);
      return mem;
    }
    // A block that grows by little will grow again: leave half as much again.
    const size_t had = payload(chunk);
    const bool leave_slack = bytes <= kSlackLimit && bytes - had < had / 4;
    void* moved = allocate(leave_slack ? bytes + bytes / 2 : bytes);
    if (!moved && leave_slack) moved = allocate(bytes);
    if (!moved) return nullptr;
    payload_copy(moved, mem, had);
    give(chunk);
    return moved;
  }

  // What `allocate` returns, with its first `bytes` zero. Pages that the memory grew by are zero already.
  template <class Allocate>
  [[gnu::always_inline]] void* zeroed(size_t bytes, Allocate allocate) {
    trap_if(!top_is_sealed());  // with known_zero_from_ overwritten, old contents would be handed out
    const Region* newest = newest_;
    const uintptr_t known_zero_from = known_zero_from_ * Places::kScale;
    void* mem = allocate();
    const uintptr_t begin = reinterpret_cast<uintptr_t>(mem);
    // A region that came up meanwhile is zero throughout. No region is above the newest.
    if (!mem || newest != newest_ || begin >= known_zero_from) return mem;
    payload_zero(mem, known_zero_from - begin < bytes ? known_zero_from - begin : bytes);
    return mem;
  }

  // ---- regions ----

  // Makes this state, all zero, a heap. Blocks of two heaps over one memory have different seals.
  void open() { nonce_ = Tags::seal(reinterpret_cast<uintptr_t>(this), kHeadSize); }

  // Gives [address, address + bytes) to the heap. Returns the bytes that the region takes, 0 and nothing changed if the
  // range can't be used: too small, not inside the memory, or the heap's already.
  [[clang::minsize, gnu::noinline]] size_t add_region(uintptr_t address, size_t bytes) {
    const Range range = Places::usable_range(address, bytes, 0);
    if (!range.bytes() || overlaps(range.begin, range.end)) return 0;
    install(range.begin, range.end, 0);
    known_zero_from_ = newest_->end;
    seal_top();
    return range.bytes() * Places::kScale;
  }

  // The first region of a heap: the first `reserved` bytes stay as they are. `fresh`: the memory just grew by it.
  void install_first(uintptr_t begin, uintptr_t end, size_t reserved, bool fresh) {
    install(begin, end, reserved);
    known_zero_from_ = fresh ? top_->address() + kHeadSize : end;
    seal_top();
  }

  // Every block is free again; the regions stay. No seal from before fits any more.
  [[clang::minsize, gnu::noinline]] void reset() {
    if (!newest_) return;
    nonce_ = Tags::seal(nonce_, kHeadSize);
    bins_ = {};
    free_in_bins_ = 0;
    for (Region* region = newest_->next; region; region = region->next) free_whole(region);
    make_top(newest_);
  }

  // ---- for those who only look ----

  size_t footprint() const { return footprint_ * Places::kScale; }
  size_t in_reach() const { return footprint_ - (fence_ - reach_); }  // of the footprint, what is not held back
  size_t free_in_bins() const { return free_in_bins_; }
  uintptr_t low() const { return low_; }
  uintptr_t high() const { return high_; }
  uintptr_t known_zero_from() const { return known_zero_from_; }
  const Bins<Tags>& bins() const { return bins_; }
  const Region* newest_region() const { return newest_; }
  Chunk* top() const { return top_; }
  size_t top_size() const { return fence_ - top_->address(); }
  bool fence_is(uintptr_t address) const { return fence_ == address; }
  bool reach_is_possible() const { return reach_ == fence_ || (reach_ < fence_ && is_aligned(reach_ + kHeadSize, kPage)); }
  bool is_sealed(const Chunk* chunk) const { return !kIsSealed || chunk->foot() == seal_of(chunk); }
  size_t seal_of(const Chunk* chunk) const { return Tags::seal(chunk->address() ^ nonce_, chunk->size()); }
  static size_t foot_of(size_t size) { return Tags::hide(size); }
  static bool foot_fits(const Chunk* chunk) { return chunk->foot() == foot_of(chunk->size()); }
  bool top_is_sealed() const { return top_seal_ == seal_of_top(); }
  static bool is_sealed(const Region* region) { return region->seal == seal_of(region); }

  // The largest payload that take serves without growth.
  size_t largest_free() const {
    const size_t in_bins = bins_.largest();
    const size_t largest = newest_ && top_size() > in_bins ? top_size() : in_bins;
    if (largest < kMinChunk) return 0;
    return Places::payload_of(largest) < kMaxRequest ? Places::payload_of(largest) : kMaxRequest;
  }

 private:
  static constexpr bool kIsSealed = Tags::kOverhead > kHeadSize;
  static constexpr size_t kPage = Places::kPage;

  // ---- tags ----

  // Not that of zeros, with which all of it may have been overwritten.
  size_t seal_of_top() const { return Tags::seal(top_->address() ^ known_zero_from_ >> 4, fence_ ^ reinterpret_cast<uintptr_t>(this)); }
  static size_t seal_of(const Region* region) { return Tags::seal(region->address(), region->end); }

  // ---- split, coalesce ----

  // take_free for any alignment, where speed doesn't count. What is skipped stays free, and so does what is left.
  [[clang::minsize, gnu::noinline]] Chunk* take_searched(size_t size, size_t alignment, unsigned end = kClasses) {
    Chunk* chunk = bins_.search(size, alignment, end);
    if (!chunk) return end < kClasses ? nullptr : take_from_top(size, alignment);
    const size_t whole = chunk->size();
    remove_free(chunk, whole);
    Chunk* const from = Chunk::at(Bins<Tags>::place(chunk, alignment));
    const size_t lead = from->address() - chunk->address();
    chunk->above()->head |= Chunk::kBelowInUse;
    set_in_use(from, whole - lead, Chunk::kBelowInUse);
    if (lead) insert_free(chunk, lead);
    cut(from, size);
    return from;
  }

  [[gnu::noinline]] Chunk* take_from_top(size_t size, size_t alignment) {
    const uintptr_t from = Bins<Tags>::place(top_, alignment);
    if (from > fence_ || size > fence_ - from || from + size > reach_) return nullptr;
    check_top();
    Chunk* chunk = top_;
    const size_t lead = from - chunk->address();
    if (lead) {
      set_top(Chunk::at(from));
      insert_free(chunk, lead);
      chunk = top_;
    }
    if (top_size() - size < kMinChunk) size = top_size();
    set_top(Chunk::at(chunk->address() + size));
    set_in_use(chunk, size, lead ? 0 : Chunk::kBelowInUse);
    return chunk;
  }

  // Gives back the part of the chunk, in use, above its first `size` bytes.
  [[clang::minsize, gnu::noinline]] void cut(Chunk* chunk, size_t size) {
    const size_t rest = chunk->size() - size;
    if (rest < kMinChunk) return;
    set_in_use(chunk, size, chunk->head & Chunk::kBelowInUse);
    chunk->above()->head = rest | Chunk::kInUse | Chunk::kBelowInUse;
    give(chunk->above());
  }

  // Takes free space above the chunk, until it has `size` bytes. False, and nothing changed, if there isn't enough.
  [[clang::minsize, gnu::noinline]] bool extend(Chunk* chunk, size_t size) {
    Chunk* above = chunk->above();
    const size_t below_in_use = chunk->head & Chunk::kBelowInUse;
    const size_t missing = size - chunk->size();
    if (above == top_) {
      Chunk* more = take_from_top(missing, kAlignment);
      if (!more && (reach_further(missing, kAlignment) || (adjoins_memory_end() && grow(missing, kAlignment) && above == top_)))
        more = take_from_top(missing, kAlignment);
      if (!more) return false;
      set_in_use(chunk, chunk->size() + more->size(), below_in_use);
      return true;
    }
    if (above->in_use() || above->size() < missing) return false;
    const size_t size_above = above->size();
    remove_free(above, size_above);
    set_in_use(chunk, chunk->size() + size_above, below_in_use);
    chunk->above()->head |= Chunk::kBelowInUse;
    return true;
  }

  // Tags a free chunk and puts it into its bin. Both neighbours are in use, or it would be part of them.
  [[gnu::noinline]] void insert_free(Chunk* chunk, size_t size) { insert_now(chunk, size); }

  [[gnu::always_inline]] void insert_now(Chunk* chunk, size_t size) {
    chunk->head = size | Chunk::kBelowInUse;
    chunk->foot() = foot_of(size);
    chunk->above()->head &= ~Chunk::kBelowInUse;
    free_in_bins_ += size;
    bins_.insert(chunk, size);
  }

  // Takes a free chunk out of its bin. Traps unless both tags have this size and the chunk above knows that it is free.
  [[clang::minsize, gnu::noinline]] void remove_free(Chunk* chunk, size_t size) { remove_now(chunk, size); }

  [[gnu::always_inline]] void remove_now(Chunk* chunk, size_t size) {
    check_bounds(chunk, size);
    trap_if(chunk->head != (size | Chunk::kBelowInUse) || !foot_fits(chunk) || chunk->above()->below_in_use());
    free_in_bins_ -= size;
    bins_.remove(chunk, size);
  }

  // ---- when the heap is found broken ----

  // Traps unless the tags are those of a chunk with these flags.
  [[gnu::always_inline]] void check_tags(const Chunk* chunk, size_t flags) const {
    check_bounds(chunk, chunk->size());
    trap_if((chunk->head & (Chunk::kFlags ^ Chunk::kBelowInUse)) != flags);
    const Chunk* above = chunk->above();
    trap_if(!above->below_in_use() || (!kIsSealed && above->size() > high_ - above->address()));
    trap_if(!is_sealed(chunk));
  }

  // Traps unless the chunk and the head above it are where regions are.
  void check_bounds(const Chunk* chunk, size_t size) const {
    trap_if(chunk->address() - low_ >= high_ - low_);
    trap_if(size - 1 >= high_ - kHeadSize - chunk->address());
  }

  // Traps unless top's head, its seal and the fence agree about it.
  void check_top() const {
    const size_t size = top_size();
    trap_if(top_->head != (size ? size : Chunk::kInUse) + Chunk::kBelowInUse || !top_is_sealed());
  }

  // ---- top, regions, growth ----

  // The chunk up to the fence becomes top. What is below it is in use, or it would be part of top.
  [[gnu::noinline]] void set_top(Chunk* chunk) {
    const size_t size = fence_ - chunk->address();
    top_ = chunk;
    chunk->head = size | Chunk::kBelowInUse;
    Chunk::at(fence_)->head = size ? Chunk::kInUse : Chunk::kInUse | Chunk::kBelowInUse;
    if (known_zero_from_ < chunk->address() + kHeadSize) known_zero_from_ = chunk->address() + kHeadSize;
    seal_top();
  }

  void seal_top() { top_seal_ = seal_of_top(); }

  bool adjoins_memory_end() const {
    if (!newest_) return false;
    trap_if(!is_sealed(newest_));
    return newest_->end == P::end();
  }

  // What was never needed since all of top was free last is held back: top is cut above reach_ only when nothing else serves, as if
  // the memory had to grow. So the same requests go to the same places as then, and touch no other pages.
  //
  //     | first chunk ... | top .......... | held back ................ | fence
  //                                        ^ reach_
  void set_reach(uintptr_t end) {
    end = align_up(end + kHeadSize, kPage) - kHeadSize;
    reach_ = end < fence_ ? end : fence_;
  }

  // Makes a chunk fit below reach_. False if what is held back isn't enough for it.
  [[clang::minsize, gnu::noinline]] bool reach_further(size_t size, size_t alignment) {
    const uintptr_t from = Bins<Tags>::place(top_, alignment);
    if (reach_ >= fence_ || from > fence_ || size > fence_ - from) return false;
    const uintptr_t end = from + size;
    const uintptr_t stepped = reach_ + growth_step() * kPage;
    set_reach(end > stepped ? end : stepped);
    return true;
  }

  // In pages.
  size_t growth_step() const { return in_reach() / kPage / kGrowthDivisor; }

  // Makes top long enough for a chunk: by what is held back, else the memory grows. False, and nothing changed, if it can't grow that
  // far.
  [[clang::minsize, gnu::noinline]] bool grow(size_t size, size_t alignment) {
    if (newest_ && reach_further(size, alignment)) return true;
    const size_t missing = adjoins_memory_end() ? Bins<Tags>::place(top_, alignment) + size - fence_
                                                : size + Bins<Tags>::most_skipped(alignment) + Region::kSize + kHeadSize;
    const size_t least = (missing + kPage - 1) / kPage;
    const size_t step = growth_step();
    size_t pages = step > least ? step : least;
    uintptr_t begin = P::grow(pages);
    for (; begin == kNoPages && pages > least; begin = P::grow(pages)) pages = least + (pages - least) / 2;
    if (begin == kNoPages) return false;
    take_over(begin, end_of(begin, pages));
    return true;
  }

  [[clang::minsize, gnu::noinline]] void take_over(uintptr_t begin, uintptr_t end) {
    if (!newest_ || newest_->end != begin) return install(begin, end, 0);
    check_top();
    Chunk::at(fence_)->head = 0;  // from known_zero_from_ on everything is zero
    footprint_ += end - begin;
    set_end(newest_, end);
    set_top(top_);
  }

  void set_end(Region* region, uintptr_t end) {
    region->end = high_ = end;
    region->seal = seal_of(region);
    fence_ = reach_ = region->fence()->address();
  }

  // Makes the range a region and its inside one free chunk: top, unless there is a region at a higher address.
  // The first `reserved` bytes stay as they are.
  [[clang::minsize, gnu::noinline]] void install(uintptr_t begin, uintptr_t end, size_t reserved) {
    Region* region = reinterpret_cast<Region*>(begin + align_up(reserved, kAlignment));
    if (!newest_ || begin < low_) low_ = begin;
    footprint_ += end - begin;
    *region = {nullptr, begin, end, 0};
    region->seal = seal_of(region);
    if (newest_ && newest_->begin > begin) {
      region->next = newest_->next;
      newest_->next = region;
      return free_whole(region);
    }
    if (newest_ && top_size()) insert_free(top_, top_size());
    region->next = newest_;
    make_top(region);
  }

  [[clang::minsize, gnu::noinline]] void free_whole(Region* region) {
    trap_if(!is_sealed(region));
    region->fence()->head = Chunk::kInUse;
    insert_free(region->first(), region->fence()->address() - region->first()->address());
  }

  [[clang::minsize, gnu::noinline]] void make_top(Region* region) {
    newest_ = region;
    set_end(region, region->end);
    set_top(region->first());
  }

 public:
  // The end of pages that the memory grew by. That of a full memory is early, so that no block ends at address 0.
  static uintptr_t end_of(uintptr_t begin, size_t pages) {
    const uintptr_t end = begin + pages * kPage;
    if constexpr (Places::kAreApart) return end < P::end() ? end : P::end();
    return end ? end : P::end();
  }

 private:
  bool overlaps(uintptr_t begin, uintptr_t end) const {
    for (const Region* region = newest_; region; region = region->next)
      if (begin < region->end && region->begin < end) return true;
    return false;
  }

  static constexpr size_t kGrowthDivisor = 128;
  static constexpr size_t kSlackLimit = 4096;  // requests up to here get slack when they grow
  static constexpr size_t kSlackChunk = kSlackLimit / Places::kScale;

  Chunk* top_;
  uintptr_t fence_;            // where top ends
  uintptr_t reach_;            // what is above is held back
  uintptr_t known_zero_from_;  // from here to the end of the newest region the memory is still zero
  size_t top_seal_;            // of the three above
  uintptr_t low_, high_;       // no region has a byte outside
  Region* newest_;
  size_t nonce_;  // part of each seal, changed by reset: what was sealed before it fits no more
  size_t footprint_;
  size_t free_in_bins_;
  Bins<Tags> bins_;
};

}  // namespace memory_wasm
